// A job's fields, matched with a data set, as operators in a slot.
#include <fmt/format.h>

#include <algorithm>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/base/nearest.h"
#include "headrace/ops/array.h"
#include "headrace/ops/bytes.h"
#include "headrace/ops/integer.h"
#include "headrace/ops/text.h"
#include "headrace/ops/tokens.h"
#include "headrace/pipeline/plan.h"

namespace headrace::pipeline {
namespace {

constexpr std::array<float, 3> k_imagenet_mean = {0.485f, 0.456f, 0.406f};
constexpr std::array<float, 3> k_imagenet_deviation = {0.229f, 0.224f, 0.225f};

std::vector<std::string_view> extensions_of(const FieldJob& field) {
  std::vector<std::string_view> extensions;
  std::string_view rest = field.from.empty() ? field.name : field.from;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('|'), rest.size());
    if (end > 0) extensions.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return extensions;
}

[[noreturn]] void refuse(const FieldJob& field, std::string cause, std::string hint = {}) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot prepare field",
               .object = field.name,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

// What a data set's name says of the field that it holds.
struct SourceName {
  std::string_view name;
  codec::Kind packed = codec::Kind::none;
  codec::Stored stored = {};
};

SourceName source_name(std::string_view name, FieldKind kind) {
  const codec::PackedName packed = codec::packed_name(name);
  SourceName source{.name = packed.name, .packed = packed.kind};
  const bool takes_numbers = kind == FieldKind::array || kind == FieldKind::strings ||
                             kind == FieldKind::raw || kind == FieldKind::bytes;
  if (!takes_numbers) return source;
  const codec::TypedName typed = codec::typed_name(source.name);
  return {.name = typed.name, .packed = packed.kind, .stored = typed.stored};
}

// Fields of this very name, then those that hold it compressed ("npy.zst" for "npy"), or as numbers
// of some type ("boxes.f32" for "boxes").
void add_sources(std::string_view extension, const formats::Dataset& dataset, FieldKind kind,
                 FieldPlan& plan) {
  const std::vector<std::string>& names = dataset.field_names();
  const auto add = [&](size_t index, const SourceName& source) {
    plan.sources.push_back(static_cast<uint32_t>(index));
    plan.packed.push_back(source.packed);
    plan.stored.push_back(source.stored);
  };
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] != extension) continue;
    add(i, {.name = extension, .stored = source_name(extension, kind).stored});
  }
  for (size_t i = 0; i < names.size(); ++i) {
    const SourceName source = source_name(names[i], kind);
    if (names[i] != extension && source.name == extension) add(i, source);
  }
}

void find_sources(const FieldJob& field, const formats::Dataset& dataset, FieldPlan& plan) {
  const std::vector<std::string>& names = dataset.field_names();
  const std::vector<std::string_view> extensions = extensions_of(field);
  for (const std::string_view extension : extensions)
    add_sources(extension, dataset, field.kind, plan);
  const auto is_plain = [](codec::Kind kind) { return kind == codec::Kind::none; };
  if (std::ranges::all_of(plan.packed, is_plain)) plan.packed.clear();
  const auto says_nothing = [](const codec::Stored& stored) { return stored == codec::Stored{}; };
  if (std::ranges::all_of(plan.stored, says_nothing)) plan.stored.clear();
  if (!plan.sources.empty()) return;
  const std::vector<std::string_view> known(names.begin(), names.end());
  std::string meant;
  for (const std::string_view extension : extensions) {
    if (meant.empty()) meant = nearest(extension, known);
  }
  refuse(field,
         fmt::format("the data set has no \"{}\"; it has \"{}\"", fmt::join(extensions, "\", \""),
                     fmt::join(names, "\", \"")),
         fmt::format("set \"from\" of this field{}",
                     meant.empty() ? "" : fmt::format("; nearest: \"{}\"", meant)));
}

std::array<float, 3> floats(const std::array<double, 3>& values) {
  return {static_cast<float>(values[0]), static_cast<float>(values[1]),
          static_cast<float>(values[2])};
}

ops::ImageOptions image_options(const FieldJob& field) {
  ops::ImageOptions options{.crop = field.crop,
                            .random = {.scale_low = field.scale[0],
                                       .scale_high = field.scale[1],
                                       .ratio_low = field.ratio[0],
                                       .ratio_high = field.ratio[1]},
                            .shorter = static_cast<uint32_t>(field.resize),
                            .flip_probability = field.flip,
                            .decode = field.decode,
                            .dct_scaling = field.dct_scaling};
  options.format.height = static_cast<uint32_t>(field.size[0]);
  options.format.width = static_cast<uint32_t>(field.size[1]);
  options.format.layout = field.layout;
  options.format.type = field.type.value_or(ops::Type::float32);
  if (field.normalize == Normalize::imagenet) {
    options.format.mean = k_imagenet_mean;
    options.format.deviation = k_imagenet_deviation;
  } else if (field.normalize == Normalize::custom) {
    options.format.mean = floats(field.mean);
    options.format.deviation = floats(field.deviation);
  }
  return options;
}

Place place_of(const FieldJob& field) {
  if (field.kind == FieldKind::raw) return field.decompress;
  if (field.kind != FieldKind::image) return Place::cpu;
  if (field.decode == ops::Decode::gpu) return Place::gpu;
  return field.decode == ops::Decode::automatic ? Place::automatic : Place::cpu;
}

ops::TokenOutput output_of(FieldKind kind) {
  switch (kind) {
    case FieldKind::labels:
      return ops::TokenOutput::labels;
    case FieldKind::positions:
      return ops::TokenOutput::positions;
    case FieldKind::boundaries:
      return ops::TokenOutput::boundaries;
    default:
      return ops::TokenOutput::ids;
  }
}

std::unique_ptr<ops::Op> build_tokens(const FieldJob& field, const formats::Dataset& dataset) {
  const auto facts = dataset.tokens();
  if (!facts) refuse(field, "the data set has no tokens", "dataset.path of Megatron token files");
  return std::make_unique<ops::Tokens>(ops::TokensOptions{
      .output = output_of(field.kind),
      .type = field.type.value_or(ops::Type::int64),
      .sequence_tokens = facts->sequence_tokens,
      .source_bytes = facts->token_bytes,
      .source_is_signed = facts->is_signed,
      .end_token = field.end_token.empty() ? -1 : static_cast<int64_t>(field.end_token[0]),
      .boundary_count_max = field.shape.empty() ? 0 : field.shape[0]});
}

std::unique_ptr<ops::Op> build_text(const FieldJob& field, Files& files) {
  text::Tokenizer tokenizer = text::load_tokenizer(files, field.tokenizer);
  const auto padding =
      field.pad_token.empty() ? std::optional(0u) : tokenizer.id_of(field.pad_token);
  if (!padding) {
    refuse(field, fmt::format("{} has no token \"{}\"", field.tokenizer, field.pad_token),
           "set pad_token of the field to one of its tokens");
  }
  return std::make_unique<ops::Text>(
      std::move(tokenizer),
      ops::TextOptions{.token_count = field.shape.empty() ? 0 : field.shape[0],
                       .type = field.type.value_or(ops::Type::int64),
                       .padding = *padding,
                       .add_special_tokens = field.special_tokens,
                       .cut = field.cut});
}

ops::ArrayOptions array_options(const FieldJob& field) {
  const bool of_strings = field.kind == FieldKind::strings;
  ops::ArrayOptions options{
      .type = field.type.value_or(of_strings ? ops::Type::uint8 : ops::Type::float32),
      .shape = field.shape,
      .of_strings = of_strings,
      .cut = field.cut,
      .fill = field.fill,
      .fills_nulls = field.missing == Missing::fill,
      .member = field.member};
  if (field.ragged != Ragged::none) options.length_max = field.max_length;
  return options;
}

std::unique_ptr<ops::Op> build_op(const FieldJob& field, const formats::Dataset& dataset,
                                  Files& files) {
  switch (field.kind) {
    case FieldKind::image:
      return std::make_unique<ops::Image>(image_options(field));
    case FieldKind::integer:
      return std::make_unique<ops::Integer>(
          ops::IntegerOptions{.type = field.type.value_or(ops::Type::int64)});
    case FieldKind::tokens:
    case FieldKind::labels:
    case FieldKind::positions:
    case FieldKind::boundaries:
      return build_tokens(field, dataset);
    case FieldKind::text:
      return build_text(field, files);
    case FieldKind::array:
    case FieldKind::strings:
      return std::make_unique<ops::Array>(array_options(field));
    case FieldKind::bytes:
    case FieldKind::raw:
      break;
  }
  return std::make_unique<ops::Bytes>(
      ops::BytesOptions{.type = field.type.value_or(ops::Type::uint8),
                        .shape = field.shape,
                        .pad = field.kind == FieldKind::bytes});
}

// The lengths, or offsets, of a ragged field's rows.
FieldPlan companion_of(const FieldJob& field, const FieldPlan& values) {
  FieldPlan lengths{.name = field.name + (field.ragged == Ragged::pad ? "_lengths" : "_offsets"),
                    .sources = values.sources,
                    .packed = values.packed,
                    .stored = values.stored,
                    .skips_missing = values.skips_missing,
                    .op = std::make_unique<ops::ArrayLength>(array_options(field)),
                    .becomes_offsets = field.ragged == Ragged::offsets};
  if (field.missing == Missing::fill) lengths.missing_row.assign(sizeof(int64_t), std::byte{0});
  return lengths;
}

void add_field(const FieldJob& field, FieldPlan compiled, Plan& plan) {
  compiled.skips_missing = field.missing == Missing::skip;
  const auto* array = dynamic_cast<const ops::Array*>(compiled.op.get());
  if (array != nullptr && field.missing == Missing::fill) {
    compiled.missing_row.resize(array->output().row_bytes());
    array->fill(compiled.missing_row);
  }
  if (field.ragged == Ragged::none) {
    plan.fields.push_back(std::move(compiled));
    return;
  }
  FieldPlan companion = companion_of(field, compiled);
  if (field.ragged == Ragged::offsets) {
    compiled.lengths_field = static_cast<uint32_t>(plan.fields.size() + 1);
  }
  plan.fields.push_back(std::move(compiled));
  plan.fields.push_back(std::move(companion));
}

void check_names(const Plan& plan) {
  std::vector<std::string_view> names;
  for (const FieldPlan& field : plan.fields) names.push_back(field.name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice == names.end()) return;
  throw Error({.code = Code::invalid_argument,
               .action = "cannot prepare field",
               .object = std::string(*twice),
               .cause = "a ragged field has lengths or offsets of that name",
               .hint = "give one of the fields another name"});
}

void check_types(const FieldJob& field) {
  const ops::Type type = field.type.value_or(ops::Type::uint8);
  if (!field.type) return;
  if (field.kind == FieldKind::integer && type != ops::Type::int64 && type != ops::Type::int32) {
    refuse(field, fmt::format("an integer field cannot be {}", ops::name_of(type)),
           "type = \"int64\" or \"int32\"");
  }
  if (field.kind == FieldKind::image && (type == ops::Type::int64 || type == ops::Type::int32)) {
    refuse(field, fmt::format("an image field cannot be {}", ops::name_of(type)),
           "type = \"float32\", \"float16\", \"bfloat16\" or \"uint8\"");
  }
}

// As text, so that a new key counts by itself; the order of the fields counts too.
uint64_t hash_of(const Job& job, Files& files) {
  Job only_fields;
  only_fields.fields = job.fields;
  // 1: change it when an operator's bytes change
  uint64_t hash = mix64(xxh3(write_job(only_fields)), 1);
  for (const FieldJob& field : job.fields) {
    if (field.tokenizer.empty()) continue;
    hash = mix64(hash, xxh3(read_file(files, field.tokenizer, text::k_tokenizer_bytes_max)));
  }
  return hash;
}

}  // namespace

Plan compile(const Job& job, const formats::Dataset& dataset, Files& files) {
  if (job.fields.empty()) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot prepare a batch",
                 .cause = "the job has no fields",
                 .hint = "add preset = \"imagenet\" or a [[field]]"});
  }
  Plan plan;
  for (const FieldJob& field : job.fields) {
    check_types(field);
    FieldPlan compiled{.name = field.name, .place = place_of(field)};
    find_sources(field, dataset, compiled);
    try {
      compiled.op = build_op(field, dataset, files);
    } catch (const Error& error) {
      refuse(field, error.what());
    }
    add_field(field, std::move(compiled), plan);
  }
  check_names(plan);
  lay_out(plan, static_cast<uint32_t>(job.batch.size));
  plan.hash = hash_of(job, files);
  return plan;
}

}  // namespace headrace::pipeline
