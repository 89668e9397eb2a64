// Signatures: ITU-T T.81 (SOI and a marker), PNG's eight bytes, RIFF....WEBP.
#include "headrace/formats/image_kind.h"

#include <cstring>

#include "headrace/formats/image_folder.h"

namespace headrace::formats {

ImageKind sniff_image(std::span<const std::byte> bytes) {
  const auto has = [&](size_t offset, std::string_view text) {
    return bytes.size() >= offset + text.size() &&
           std::memcmp(bytes.data() + offset, text.data(), text.size()) == 0;
  };
  if (has(0, "\xff\xd8\xff")) return ImageKind::jpeg;
  if (has(0, "\x89PNG\r\n\x1a\n")) return ImageKind::png;
  if (has(0, "RIFF") && has(8, "WEBP")) return ImageKind::webp;
  return ImageKind::unknown;
}

const char* extension_of(ImageKind kind) {
  constexpr const char* k_extensions[] = {"", "jpg", "png", "webp"};
  return k_extensions[static_cast<size_t>(kind)];
}

bool is_image_field(std::string_view field_name) {
  return has_image_extension("." + std::string(field_name));
}

}  // namespace headrace::formats
