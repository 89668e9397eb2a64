// The end record is looked for from the file's end, since a comment may follow it.
#include "headrace/formats/zip_directory.h"

#include "headrace/base/endian.h"
#include "headrace/formats/index.h"

namespace headrace::formats {
namespace {

constexpr uint64_t k_zip_end_bytes = 22, k_zip64_locator_bytes = 20, k_zip64_end_bytes = 56;
constexpr uint64_t k_zip_comment_max = 0xffff;
constexpr uint64_t k_zip_entry_bytes = 46, k_zip_local_bytes = 30;
constexpr uint32_t k_zip_end = 0x06054b50, k_zip64_locator = 0x07064b50, k_zip64_end = 0x06064b50;
constexpr uint32_t k_zip_entry = 0x02014b50, k_zip_local = 0x04034b50;

using ZipBytes = std::span<const std::byte>;

std::unexpected<ScanFailure> zip_fail(std::string what, uint64_t offset_bytes) {
  return std::unexpected(ScanFailure{std::move(what), offset_bytes});
}
uint64_t u16(ZipBytes bytes, size_t at) { return load_le<uint16_t>(bytes.data() + at); }
uint32_t u32(ZipBytes bytes, size_t at) { return load_le<uint32_t>(bytes.data() + at); }
uint64_t u64(ZipBytes bytes, size_t at) { return load_le<uint64_t>(bytes.data() + at); }
std::string_view zip_text(ZipBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct ZipEnd {
  uint64_t count = 0, offset_bytes = 0, size_bytes = 0;  // of the directory
};

class ZipReader {
 public:
  explicit ZipReader(const ByteSource& source) : directory_(source), locals_(source, 4096) {}

  std::expected<std::vector<ZipMember>, ScanFailure> read() {
    const auto end = find_end();
    if (!end) return std::unexpected(end.error());
    // Each entry has its own name, so that more than fields would be refused anyway.
    if (end->count > k_field_limit) {
      return zip_fail(fmt::format("it has {} members; {} are read", end->count, k_field_limit),
                      end->offset_bytes);
    }
    std::vector<ZipMember> members;
    uint64_t at = end->offset_bytes;
    for (uint64_t i = 0; i < end->count; ++i) {
      auto member = read_entry(at);
      if (!member) return std::unexpected(member.error());
      members.push_back(std::move(*member));
    }
    if (at != end->offset_bytes + end->size_bytes) {
      return zip_fail("its directory does not end where it says", at);
    }
    return members;
  }

 private:
  std::expected<ZipEnd, ScanFailure> find_end() {
    const uint64_t size_bytes = directory_.size_bytes();
    if (size_bytes < k_zip_end_bytes) return zip_fail("it has no directory", 0);
    const uint64_t tail_bytes = std::min(size_bytes, k_zip_end_bytes + k_zip_comment_max);
    const uint64_t tail_at = size_bytes - tail_bytes;
    const auto tail = directory_.at(tail_at, tail_bytes);
    if (!tail) return std::unexpected(tail.error());
    for (uint64_t at = tail_bytes - k_zip_end_bytes + 1; at-- > 0;) {
      const ZipBytes end = tail->subspan(at);
      if (u32(end, 0) != k_zip_end || u16(end, 20) != end.size() - k_zip_end_bytes) continue;
      if (u16(end, 4) != 0 || u16(end, 6) != 0 || u16(end, 8) != u16(end, 10)) break;
      const ZipEnd said{
          .count = u16(end, 10), .offset_bytes = u32(end, 16), .size_bytes = u32(end, 12)};
      return checked(said, tail_at + at);
    }
    return zip_fail("it has no directory at its end: it is cut short", size_bytes);
  }

  std::expected<ZipEnd, ScanFailure> checked(ZipEnd said, uint64_t end_at) {
    const bool is_large =
        said.count == 0xffff || said.offset_bytes == UINT32_MAX || said.size_bytes == UINT32_MAX;
    uint64_t directory_end = end_at;
    if (is_large) {
      if (end_at < k_zip64_locator_bytes) return zip_fail("its Zip64 record is missing", end_at);
      const auto locator = directory_.at(end_at - k_zip64_locator_bytes, k_zip64_locator_bytes);
      if (!locator) return std::unexpected(locator.error());
      if (u32(*locator, 0) != k_zip64_locator)
        return zip_fail("its Zip64 record is missing", end_at);
      directory_end = u64(*locator, 8);
      const auto end = directory_.at(directory_end, k_zip64_end_bytes);
      if (!end) return std::unexpected(end.error());
      if (u32(*end, 0) != k_zip64_end)
        return zip_fail("its Zip64 record is missing", directory_end);
      said = {.count = u64(*end, 32), .offset_bytes = u64(*end, 48), .size_bytes = u64(*end, 40)};
    }
    if (said.offset_bytes > directory_end || said.size_bytes != directory_end - said.offset_bytes) {
      return zip_fail("its directory does not lie before its end", end_at);
    }
    return said;
  }

  std::expected<ZipMember, ScanFailure> read_entry(uint64_t& at) {
    const auto head = directory_.at(at, k_zip_entry_bytes);
    if (!head) return std::unexpected(head.error());
    const uint64_t name_bytes = u16(*head, 28), extra_bytes = u16(*head, 30);
    const uint64_t entry_bytes = k_zip_entry_bytes + name_bytes + extra_bytes + u16(*head, 32);
    const auto entry = directory_.at(at, entry_bytes);
    if (!entry) return std::unexpected(entry.error());
    if (u32(*entry, 0) != k_zip_entry) return zip_fail("there is no directory entry", at);
    const uint64_t flags = u16(*entry, 8), method = u16(*entry, 10);
    ZipMember member{.name = std::string(zip_text(entry->subspan(k_zip_entry_bytes, name_bytes))),
                     .is_deflated = method == 8,
                     .crc = u32(*entry, 16),
                     .packed_bytes = u32(*entry, 20),
                     .size_bytes = u32(*entry, 24)};
    uint64_t local_at = u32(*entry, 42);
    if ((flags & 1) != 0) return zip_fail(member.name + " is encrypted", at);
    if (method != 0 && method != 8) {
      return zip_fail(fmt::format("{} is packed by method {}", member.name, method), at);
    }
    widen(entry->subspan(k_zip_entry_bytes + name_bytes, extra_bytes), member, local_at);
    if (!member.is_deflated && member.packed_bytes != member.size_bytes) {
      return zip_fail(member.name + " is stored and has two sizes", at);
    }
    if (auto placed = place(*entry, member, local_at); !placed) {
      return std::unexpected(placed.error());
    }
    at += entry_bytes;
    return member;
  }

  // Sizes of 4 GiB and more stand in an extra field, in this order, each where it is needed.
  static void widen(ZipBytes extra, ZipMember& member, uint64_t& local_at) {
    while (extra.size() >= 4) {
      const uint64_t length = u16(extra, 2);
      if (length > extra.size() - 4) return;
      ZipBytes values = extra.subspan(4, length);
      if (u16(extra, 0) == 1) {
        for (uint64_t* value : {&member.size_bytes, &member.packed_bytes, &local_at}) {
          if (*value != UINT32_MAX || values.size() < 8) continue;
          *value = u64(values, 0);
          values = values.subspan(8);
        }
      }
      extra = extra.subspan(4 + length);
    }
  }

  std::expected<void, ScanFailure> place(ZipBytes entry, ZipMember& member, uint64_t local_at) {
    const auto head = locals_.at(local_at, k_zip_local_bytes);
    if (!head) return std::unexpected(head.error());
    const uint64_t name_bytes = u16(*head, 26), extra_bytes = u16(*head, 28);
    const auto local = locals_.at(local_at, k_zip_local_bytes + name_bytes + extra_bytes);
    if (!local) return std::unexpected(local.error());
    const bool said_later = (u16(*local, 6) & 8) != 0;  // in a record behind the member
    const bool same = u32(*local, 0) == k_zip_local && u16(*local, 8) == u16(entry, 10) &&
                      u16(*local, 6) == u16(entry, 8) &&
                      zip_text(local->subspan(k_zip_local_bytes, name_bytes)) == member.name &&
                      (said_later || u32(*local, 14) == member.crc);
    if (!same) return zip_fail(member.name + " is another one in its own header", local_at);
    member.offset_bytes = local_at + local->size();
    if (member.offset_bytes <= directory_.size_bytes() &&
        member.packed_bytes <= directory_.size_bytes() - member.offset_bytes) {
      return {};
    }
    return zip_fail(member.name + " leaves the file", local_at);
  }

  ByteWindow directory_;
  ByteWindow locals_;
};

}  // namespace

std::expected<std::vector<ZipMember>, ScanFailure> read_zip_directory(const ByteSource& source) {
  return ZipReader(source).read();
}

}  // namespace headrace::formats
