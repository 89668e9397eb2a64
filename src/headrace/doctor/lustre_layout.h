// How a Lustre file is striped, from the bytes of its lustre.lov attribute.
// Thread safety: a pure function. Any bytes are taken.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace headrace::doctor {

struct LustreLayout {
  bool composite = false;  // progressive: the counts are not told
  uint32_t stripe_bytes = 0;
  uint32_t stripe_count = 0;
};
// Nothing when the bytes are no layout that this knows (lov_user_md v1, v3 and composite).
std::optional<LustreLayout> parse_lustre_layout(std::string_view bytes);

}  // namespace headrace::doctor
