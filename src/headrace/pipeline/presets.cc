// The presets' fields.
#include "headrace/pipeline/presets.h"

#include <algorithm>

#include "headrace/codec/codec.h"
#include "headrace/codec/elements.h"

namespace headrace::pipeline {
namespace {

constexpr std::string_view k_names[] = {"imagenet", "imagenet-eval", "raw", "tokens"};
// What tars call them, then what Hugging Face, TensorFlow and FFCV do.
constexpr const char* k_pictures =
    "jpg|jpeg|png|webp|image|image.bytes|image/encoded|img|img.bytes";
constexpr const char* k_labels = "cls|class|label|image/class/label";

constexpr uint64_t k_row_bytes_max = 512 << 10;
constexpr uint64_t k_samples_measured = 1 << 20;

bool has_any(const formats::Dataset& dataset, std::string_view alternatives) {
  return std::ranges::any_of(dataset.field_names(), [&](const std::string& name) {
    const std::string_view wanted = codec::packed_name(name).name;
    const size_t at = alternatives.find(wanted);
    if (wanted.empty() || at == std::string_view::npos) return false;
    const size_t end = at + wanted.size();
    return (at == 0 || alternatives[at - 1] == '|') &&
           (end == alternatives.size() || alternatives[end] == '|');
  });
}

// Of each sample, or of a million; 0 = all are integers, nothing: some sample has no such field.
std::optional<uint64_t> longest_bytes(const formats::Dataset& dataset, size_t field) {
  uint64_t longest = 0;
  const uint64_t step = 1 + dataset.sample_count() / k_samples_measured;
  for (uint64_t id = 0; id < dataset.sample_count(); id += step) {
    const uint64_t length = dataset.locate(id).field(field).length_bytes;
    if (length == formats::k_absent) return std::nullopt;
    if (length != formats::k_inline) longest = std::max(longest, length);
  }
  return std::min(longest, k_row_bytes_max);
}

// A field whose name says that its bytes are numbers: lists of any length.
std::optional<FieldJob> numbers(std::string_view name, uint64_t longest_bytes) {
  const auto [plain, stored] = codec::typed_name(name);
  const size_t size = codec::size_of(stored.elements);
  if (size == 0 || stored.is_shaped || longest_bytes < size) return std::nullopt;
  const bool is_float = stored.elements >= codec::Elements::f16;
  return FieldJob{.name = std::string(plain),
                  .from = std::string(name),
                  .kind = FieldKind::array,
                  .type = is_float ? ops::Type::float32 : ops::Type::int64,
                  .ragged = Ragged::pad,
                  .max_length = longest_bytes / size};
}

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
    return {{{.name = "image",
              .from = k_pictures,
              .kind = FieldKind::bytes,
              .shape = {k_row_bytes_max}},
             label()}};
  }
  if (name == k_names[3]) {
    return {{{.name = "tokens", .kind = FieldKind::tokens},
             {.name = "labels", .from = "tokens", .kind = FieldKind::labels}}};
  }
  return std::nullopt;
}

std::vector<FieldJob> fields_of(const formats::Dataset& dataset) {
  if (dataset.tokens()) return *preset_fields(k_names[3]);
  if (has_any(dataset, k_pictures)) {
    std::vector<FieldJob> fields = *preset_fields(k_names[0]);
    if (!has_any(dataset, k_labels)) fields.pop_back();
    return fields;
  }
  std::vector<FieldJob> fields;
  const std::vector<std::string>& names = dataset.field_names();
  for (size_t index = 0; index < names.size(); ++index) {
    if (codec::packed_name(names[index]).kind != codec::Kind::none) continue;
    const auto longest = longest_bytes(dataset, index);
    if (!longest) continue;
    if (const auto field = numbers(names[index], *longest)) {
      fields.push_back(*field);
      continue;
    }
    fields.push_back(
        *longest == 0
            ? FieldJob{.name = names[index], .kind = FieldKind::integer}
            : FieldJob{.name = names[index], .kind = FieldKind::bytes, .shape = {*longest}});
  }
  return fields;
}

}  // namespace headrace::pipeline
