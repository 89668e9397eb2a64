// The recoder reads its own output back and compares every coefficient, so nothing is checked here
// again.
#include "headrace/pack/lossless_recode.h"

#include "headrace/jpeg/recode.h"

namespace headrace::pack {

Recode lossless_recode() {
  return
      [](std::span<const std::byte> bytes) -> std::expected<std::vector<std::byte>, std::string> {
        auto recoded = jpeg::recode(bytes);
        if (recoded) return std::move(*recoded);
        return std::unexpected(std::string(jpeg::name_of(recoded.error().kind)));
      };
}

}  // namespace headrace::pack
