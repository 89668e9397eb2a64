// An array of no dimension that is an integer is a value (a label); of others the elements are the
// field; members that are no arrays are taken as they are, as NumPy does.
#include "headrace/formats/npz.h"

#include <algorithm>

#include "headrace/base/hash.h"
#include "headrace/codec/zip.h"
#include "headrace/formats/integers.h"
#include "headrace/formats/npy.h"

namespace headrace::formats {
namespace {

constexpr uint64_t k_npz_piece_bytes = uint64_t{1} << 20;
constexpr uint64_t k_npz_member_limit_bytes = uint64_t{16} << 30;
constexpr std::string_view k_array_suffix = ".npy";

std::unexpected<ScanFailure> npz_fail(const ZipMember& member, std::string_view what) {
  return std::unexpected(
      ScanFailure{fmt::format("{}: {}", member.name, what), member.offset_bytes});
}

bool is_array(const ZipMember& member) { return member.name.ends_with(k_array_suffix); }

std::string field_name_of(const ZipMember& member) {
  std::string name = member.name;
  if (is_array(member)) name.resize(name.size() - k_array_suffix.size());
  return name;
}

bool is_field_name(std::string_view name) {
  return !name.empty() && name.size() <= k_field_name_limit_bytes && !name.contains('\0');
}

// Where the field lies within its member.
struct NpzPart {
  uint64_t offset_bytes = 0;
  std::optional<bool> integer_sign = {};  // whether it has one, where it is one integer
};

// `begin`: the member's first bytes.
std::expected<NpzPart, ScanFailure> part_of(const ZipMember& member,
                                            std::span<const std::byte> begin) {
  if (!is_field_name(field_name_of(member))) return npz_fail(member, "that is no field's name");
  if (!is_array(member)) return NpzPart{};
  const auto array = read_npy_array(begin, member.size_bytes);
  if (!array) return npz_fail(member, array.error());
  return NpzPart{.offset_bytes = array->head.data_offset_bytes,
                 .integer_sign = array->head.shape.empty() ? array->integer_sign : std::nullopt};
}

// Compares the member's CRC-32 and returns the XXH3 of its part.
std::expected<uint64_t, ScanFailure> checked_hash(ByteWindow& window, const ZipMember& member,
                                                  uint64_t part_offset_bytes) {
  uint32_t crc = 0;
  Xxh3Stream hash;
  for (uint64_t at = 0; at < member.size_bytes;) {
    const uint64_t count = std::min(k_npz_piece_bytes, member.size_bytes - at);
    const auto piece = window.at(member.offset_bytes + at, count);
    if (!piece) return std::unexpected(piece.error());
    crc = codec::zip_crc32(crc, *piece);
    const uint64_t before = std::clamp(part_offset_bytes, at, at + count) - at;
    hash.update(piece->subspan(before));
    at += count;
  }
  if (crc != member.crc) return npz_fail(member, "its CRC-32 differs");
  return hash.digest();
}

std::expected<FieldExtent, ScanFailure> stored_field(ByteWindow& window, const ZipMember& member,
                                                     bool places_only) {
  const auto begin =
      window.at(member.offset_bytes, std::min<uint64_t>(member.size_bytes, k_npy_head_bytes_max));
  if (!begin) return std::unexpected(begin.error());
  const auto part = part_of(member, *begin);
  if (!part) return std::unexpected(part.error());
  FieldExtent extent{.offset_bytes = member.offset_bytes + part->offset_bytes,
                     .length_bytes = member.size_bytes - part->offset_bytes};
  if (part->integer_sign) {
    const auto bytes = window.at(extent.offset_bytes, extent.length_bytes);
    if (!bytes) return std::unexpected(bytes.error());
    extent = {.offset_bytes = widened(*bytes, *part->integer_sign), .length_bytes = k_inline};
  }
  if (places_only) return extent;
  const auto hash = checked_hash(window, member, part->offset_bytes);
  if (!hash) return std::unexpected(hash.error());
  if (extent.length_bytes != k_inline) extent.checksum = *hash;
  return extent;
}

bool begins_as_npz(const ByteSource& source) {
  std::array<std::byte, 4> magic{};
  if (!read_fully(source, magic, 0) || std::memcmp(magic.data(), "PK\3\4", 4) != 0) return false;
  const auto members = read_zip_directory(source);
  return members && std::ranges::any_of(*members, is_array);
}

std::unique_ptr<SampleScanner> scan_npz(ByteSource source, ScanFrom from) {
  return std::make_unique<NpzSample>(std::move(source), from);
}

std::unique_ptr<RecordReader> unpack_npz(ByteSource source) {
  const auto members = read_zip_directory(source);
  if (!members || std::ranges::none_of(*members, &ZipMember::is_deflated)) return nullptr;
  return std::make_unique<NpzRecord>(std::move(source));
}

}  // namespace

const ShardFormat k_npz_format = {
    .name = "npz",
    .suffix = ".npz",
    .has_name = [](std::string_view name) { return name.ends_with(".npz"); },
    .begins = begins_as_npz,
    .scan = scan_npz,
    .unpack = unpack_npz,
    .only_alone = true};

std::expected<std::optional<ScannedSample>, ScanFailure> NpzSample::next() {
  if (is_done_ || from_.sample_index > 0) return std::nullopt;
  is_done_ = true;
  const auto members = read_zip_directory(source_);
  if (!members) return std::unexpected(members.error());
  ByteWindow window(source_, from_.places_only ? k_npy_head_bytes_max : k_npz_piece_bytes);
  ScannedSample sample{.key = "0", .record_offset_bytes = 0, .fields = {}};
  for (const ZipMember& member : *members) {
    if (member.is_deflated) return npz_fail(member, "it is compressed");
    const auto field = stored_field(window, member, from_.places_only);
    if (!field) return std::unexpected(field.error());
    if (!insert_field(sample, field_name_of(member), *field)) {
      return npz_fail(member, "the archive has it twice");
    }
  }
  return sample;
}

std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> NpzRecord::next() {
  if (std::exchange(is_done_, true)) return std::nullopt;
  const auto members = read_zip_directory(source_);
  if (!members) return std::unexpected(members.error());
  for (const ZipMember& member : *members) {
    auto field = unpacked(member);
    if (!field) return std::unexpected(field.error());
    fields_.push_back(std::move(*field));
  }
  std::ranges::sort(fields_, {}, &Field::name);
  const auto twice = std::ranges::adjacent_find(fields_, {}, &Field::name);
  if (twice != fields_.end()) {
    return std::unexpected(ScanFailure{fmt::format("it has {} twice", twice->name), 0});
  }
  for (const Field& field : fields_) views_.push_back({field.name, field.bytes});
  return views_;
}

std::expected<NpzRecord::Field, ScanFailure> NpzRecord::unpacked(const ZipMember& member) {
  if (member.size_bytes >
      std::min(k_npz_member_limit_bytes, codec::inflated_bytes_max(member.packed_bytes))) {
    return npz_fail(member, "it cannot hold as many bytes as it says");
  }
  std::vector<std::byte> packed(member.packed_bytes);
  if (auto read = read_fully(source_, packed, member.offset_bytes); !read) {
    return std::unexpected(read.error());
  }
  Field field{.name = field_name_of(member), .bytes = std::move(packed)};
  if (member.is_deflated) {
    std::vector<std::byte> plain(member.size_bytes);
    if (!codec::inflate(field.bytes, plain)) return npz_fail(member, "its bytes are damaged");
    field.bytes = std::move(plain);
  }
  if (codec::zip_crc32(0, field.bytes) != member.crc) {
    return npz_fail(member, "its CRC-32 differs");
  }
  const auto part = part_of(member, field.bytes);
  if (!part) return std::unexpected(part.error());
  const auto begin = field.bytes.begin() + static_cast<ptrdiff_t>(part->offset_bytes);
  field.bytes.erase(field.bytes.begin(), begin);
  if (!part->integer_sign) return field;
  const auto value = static_cast<int64_t>(widened(field.bytes, *part->integer_sign));
  const std::string text = std::to_string(value);
  const auto bytes = std::as_bytes(std::span(text));
  field.bytes.assign(bytes.begin(), bytes.end());
  return field;
}

}  // namespace headrace::formats
