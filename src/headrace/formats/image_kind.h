// What kind of image bytes are, by their first bytes; names are not believed.
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace headrace::formats {

enum class ImageKind { unknown, jpeg, png, webp };

ImageKind sniff_image(std::span<const std::byte> bytes);  // 12 bytes are enough
const char* extension_of(ImageKind kind);                 // "jpg", "png", "webp"; "" when unknown
// For people: "jpeg baseline", "jpeg baseline, restart intervals", "jpeg progressive", "png",
// "webp", "unknown".
std::string describe_image(std::span<const std::byte> bytes);
// True for the last part of field names that hold images: "jpg", "seg.png", "JPEG".
bool is_image_field(std::string_view field_name);
// True for what other formats call a picture, which may be one: "image", "image.bytes" (Hugging
// Face), "image/encoded" (TensorFlow), "img".
bool may_be_image_field(std::string_view field_name);

}  // namespace headrace::formats
