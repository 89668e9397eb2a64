// Grouping: a key that comes back later is a second sample, as in WebDataset.
#include "headrace/formats/tar_samples.h"

#include <algorithm>

#include "headrace/formats/index.h"
#include "headrace/formats/sample_key.h"

namespace headrace::formats {
namespace {

// Names that the webdataset package gives to facts of its own; it refuses them in a tar too.
bool is_reserved(std::string_view field) {
  return field == "__key__" || field == "__url__" || field == "__local_path__";
}

// Whoever wrote it said so, by a member <key>.__bad__ that is not empty.
bool is_marked_bad(const ScannedSample& sample) {
  return std::ranges::any_of(sample.fields, [](const auto& field) {
    return field.first == "__bad__" && field.second.length_bytes > 0;
  });
}

std::expected<void, ScanFailure> add_field(ScannedSample& sample, const SampleKey& name,
                                           const Member& member) {
  const auto fail = [&](std::string what) {
    return std::unexpected(ScanFailure{std::move(what), member.header_offset_bytes});
  };
  if (sample.fields.size() == k_field_limit) {
    return fail(
        fmt::format("sample {} has more than {} fields", shown_name(sample.key), k_field_limit));
  }
  if (name.field.size() > k_field_name_limit_bytes) {
    return fail(fmt::format("the field name of member {} is over {} bytes", shown_name(member.name),
                            k_field_name_limit_bytes));
  }
  if (is_reserved(name.field)) {
    return fail(fmt::format("member {} has a name that WebDataset keeps for itself",
                            shown_name(member.name)));
  }
  const FieldExtent extent{.offset_bytes = member.data_offset_bytes,
                           .length_bytes = member.size_bytes};
  if (insert_field(sample, name.field, extent)) return {};
  return fail(fmt::format("sample {} has two fields {}; the second is member {}",
                          shown_name(sample.key), shown_name(name.field), shown_name(member.name)));
}

bool is_tar_name(std::string_view name) { return name.ends_with(".tar"); }

bool begins_as_tar(const ByteSource& source) { return TarScanner(source).next().has_value(); }

std::unique_ptr<SampleScanner> scan_tar(ByteSource source, ScanFrom from) {
  return std::make_unique<TarSamples>(std::move(source), from);
}

}  // namespace

const ShardFormat k_tar_format = {.name = "webdataset",
                                  .suffix = ".tar",
                                  .has_name = is_tar_name,
                                  .begins = begins_as_tar,
                                  .scan = scan_tar};

std::expected<std::optional<ScannedSample>, ScanFailure> TarSamples::next() {
  while (true) {
    auto sample = next_with_bad();
    if (!sample || !*sample || !is_marked_bad(**sample)) return sample;
  }
}

std::expected<std::optional<ScannedSample>, ScanFailure> TarSamples::next_with_bad() {
  if (broken_off_) return std::unexpected(*std::exchange(broken_off_, std::nullopt));
  std::optional<ScannedSample> sample;
  const auto break_off = [&](ScanFailure failure) -> decltype(next()) {
    if (cut_member_ == CutMember::fails || !sample) return std::unexpected(std::move(failure));
    broken_off_ = std::move(failure);
    return std::move(sample);
  };
  while (true) {
    auto member = next_member();
    if (!member) return break_off(member.error());
    if (!*member) return sample;
    const auto name = split_name((*member)->name);
    if (!sample) {
      sample = ScannedSample{.key = std::string(name->key),
                             .record_offset_bytes = (*member)->header_offset_bytes,
                             .fields = {}};
    } else if (sample->key != name->key) {
      ahead_ = std::move(*member);
      return sample;
    }
    if (auto added = add_field(*sample, *name, **member); !added) return break_off(added.error());
  }
}

// The next member that belongs to a sample.
std::expected<std::optional<Member>, ScanFailure> TarSamples::next_member() {
  if (ahead_) return std::exchange(ahead_, std::nullopt);
  while (true) {
    auto member = members_.next();
    if (!member || !*member) return member;
    if ((*member)->is_regular && split_name((*member)->name)) return member;
  }
}

}  // namespace headrace::formats
