// Image fields take the name that their bytes call for: a PNG that is called .jpg becomes "png".
#include "headrace/pack/prepare.h"

#include <algorithm>

#include "headrace/base/error.h"
#include "headrace/formats/image_kind.h"
#include "headrace/formats/tar.h"

namespace headrace::pack {
namespace {

using formats::ImageKind;

[[noreturn]] void refuse(const Source& source, uint64_t sample_id, std::string cause) {
  throw Error({.code = Code::corrupt,
               .action = "cannot pack",
               .object = source.name(sample_id),
               .cause = std::move(cause),
               .hint = "remove it, or skip such samples (--on-error skip)"});
}

std::string renamed(const std::string& field_name, ImageKind kind) {
  if (formats::may_be_image_field(field_name)) return formats::extension_of(kind);
  const size_t dot = field_name.rfind('.');
  const std::string before = dot == std::string::npos ? "" : field_name.substr(0, dot + 1);
  return before + formats::extension_of(kind);
}

void recode_field(SourceField& field, const Recode& recode, Prepared& prepared) {
  auto recoded = recode(field.bytes);
  if (recoded) {
    field.bytes = std::move(*recoded);
    ++prepared.recoded_count;
  } else {
    prepared.left_as.push_back(std::move(recoded.error()));
  }
}

void compress_fields(const FieldCodecs& codecs, Prepared& prepared) {
  for (SourceField& field : prepared.fields) {
    const auto found = codecs.find(field.name);
    if (found == codecs.end()) continue;
    const FieldCodec& codec = found->second;
    field.bytes = codec::compressed(codec.kind, field.bytes, codec.level);
    field.name = codec.stored_name(field.name);
  }
}

void finish(const Source& source, uint64_t sample_id, const FieldCodecs& codecs,
            Prepared& prepared) {
  compress_fields(codecs, prepared);
  std::ranges::sort(prepared.fields, {}, &SourceField::name);
  const auto twin = std::ranges::adjacent_find(prepared.fields, {}, &SourceField::name);
  if (twin != prepared.fields.end()) {
    refuse(source, sample_id, "two of its fields are " + formats::shown_name(twin->name));
  }
}

}  // namespace

Prepared prepare(const Source& source, uint64_t sample_id, const Recode& recode,
                 const FieldCodecs& codecs) {
  Prepared prepared;
  prepared.fields = source.read(sample_id);
  for (SourceField& field : prepared.fields) {
    prepared.bytes_in += field.bytes.size();
    const bool may_be = formats::may_be_image_field(field.name);
    if (!formats::is_image_field(field.name) && !may_be) continue;
    if (may_be && formats::sniff_image(field.bytes) == ImageKind::unknown) continue;
    if (field.bytes.empty()) refuse(source, sample_id, "the image is empty");
    const ImageKind kind = formats::sniff_image(field.bytes);
    if (kind == ImageKind::unknown) {
      refuse(source, sample_id, "its bytes are neither JPEG, PNG nor WebP");
    }
    field.name = renamed(field.name, kind);
    if (kind == ImageKind::jpeg && recode) recode_field(field, recode, prepared);
  }
  finish(source, sample_id, codecs, prepared);
  return prepared;
}

Prepared prepare_unchanged(const Source& source, uint64_t sample_id, const FieldCodecs& codecs) {
  Prepared prepared{.fields = source.read(sample_id), .key = source.key(sample_id)};
  for (const SourceField& field : prepared.fields) prepared.bytes_in += field.bytes.size();
  finish(source, sample_id, codecs, prepared);
  return prepared;
}

}  // namespace headrace::pack
