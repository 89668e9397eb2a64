// The presets' fields.
#include "headrace/pipeline/presets.h"

namespace headrace::pipeline {
namespace {

constexpr std::string_view k_names[] = {"imagenet", "imagenet-eval", "raw", "tokens"};
// What tars call them, then what Hugging Face, TensorFlow and FFCV do.
constexpr const char* k_pictures =
    "jpg|jpeg|png|webp|image|image.bytes|image/encoded|img|img.bytes";
constexpr const char* k_labels = "cls|class|label|image/class/label";

FieldJob label() { return {.name = "label", .from = k_labels, .kind = FieldKind::integer}; }

FieldJob picture(ops::Crop crop, double flip) {
  return {.name = "image",
          .from = k_pictures,
          .crop = crop,
          .flip = flip,
          .normalize = Normalize::imagenet};
}

}  // namespace

std::span<const std::string_view> preset_names() { return k_names; }

std::optional<std::vector<FieldJob>> preset_fields(std::string_view name) {
  if (name == k_names[0]) return {{picture(ops::Crop::random_resized, 0.5), label()}};
  if (name == k_names[1]) return {{picture(ops::Crop::center, 0), label()}};
  if (name == k_names[2]) {
    return {{{.name = "image", .from = k_pictures, .kind = FieldKind::bytes, .shape = {512 << 10}},
             label()}};
  }
  if (name == k_names[3]) {
    return {{{.name = "tokens", .kind = FieldKind::tokens},
             {.name = "labels", .from = "tokens", .kind = FieldKind::labels}}};
  }
  return std::nullopt;
}

}  // namespace headrace::pipeline
