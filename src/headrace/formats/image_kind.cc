// Signatures: ITU-T T.81 (SOI and a marker), PNG's eight bytes, RIFF....WEBP.
#include "headrace/formats/image_kind.h"

#include <cstring>

#include "headrace/formats/image_folder.h"

namespace headrace::formats {
namespace {

unsigned byte_at(std::span<const std::byte> bytes, size_t offset) {
  return std::to_integer<unsigned>(bytes[offset]);
}

// Walks over the marker segments before the first coded byte. Each step moves on.
std::string describe_jpeg(std::span<const std::byte> bytes) {
  std::string process = "jpeg";
  bool has_restarts = false;
  for (size_t at = 2; at + 4 <= bytes.size() && byte_at(bytes, at) == 0xff;) {
    const unsigned marker = byte_at(bytes, at + 1);
    const size_t length = byte_at(bytes, at + 2) << 8 | byte_at(bytes, at + 3);
    if (marker == 0xff) {  // a fill byte
      ++at;
      continue;
    }
    if (marker == 0xda || length < 2) break;
    if (marker == 0xc0 || marker == 0xc1) process = "jpeg baseline";
    if (marker == 0xc2) process = "jpeg progressive";
    if (marker == 0xdd && at + 6 <= bytes.size()) {
      has_restarts = (byte_at(bytes, at + 4) | byte_at(bytes, at + 5)) != 0;
    }
    at += 2 + length;
  }
  return has_restarts ? process + ", restart intervals" : process;
}

}  // namespace

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

std::string describe_image(std::span<const std::byte> bytes) {
  switch (sniff_image(bytes)) {
    case ImageKind::jpeg:
      return describe_jpeg(bytes);
    case ImageKind::png:
      return "png";
    case ImageKind::webp:
      return "webp";
    case ImageKind::unknown:
      break;
  }
  return "unknown";
}

const char* extension_of(ImageKind kind) {
  constexpr const char* k_extensions[] = {"", "jpg", "png", "webp"};
  return k_extensions[static_cast<size_t>(kind)];
}

bool is_image_field(std::string_view field_name) {
  return has_image_extension("." + std::string(field_name));
}

bool may_be_image_field(std::string_view field_name) {
  constexpr std::string_view k_names[] = {"image", "image.bytes", "image/encoded", "img",
                                          "img.bytes"};
  return std::ranges::find(k_names, field_name) != std::end(k_names);
}

}  // namespace headrace::formats
