// The walk over headers: GNU long names, pax records, bounds. What Python's tarfile reads, this
// reads the same way, but for archives cut off without an end block, sparse files and names with a
// NUL: those are failures here.
#include "headrace/formats/tar.h"

#include <algorithm>
#include <charconv>

#include "headrace/base/error.h"

namespace headrace::formats {
namespace {

constexpr size_t k_window_bytes = 4096;  // a small field and the headers around it are one read
constexpr uint64_t k_extension_limit_bytes = 64 * 1024;

bool is_regular_type(char type) { return type == '0' || type == '\0' || type == '7'; }
bool has_no_data(char type) { return type >= '1' && type <= '6'; }  // links, devices, folders
bool is_long_name(char type) { return type == 'L'; }
bool is_long_link(char type) { return type == 'K'; }
bool is_pax(char type) { return type == 'x' || type == 'X'; }

std::optional<uint64_t> decimal(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

TarScanner::TarScanner(ByteSource source, uint64_t start_offset_bytes, CutMember cut_member)
    : source_(std::move(source)),
      at_bytes_(start_offset_bytes),
      cut_member_(cut_member),
      window_(k_window_bytes) {}

std::expected<std::optional<Member>, ScanFailure> TarScanner::next() {
  if (broken_off_) return std::unexpected(*std::exchange(broken_off_, std::nullopt));
  if (ended_) return std::nullopt;
  auto found = step();
  if (!found || !*found || broken_off_) ended_ = true;
  return found;
}

std::expected<std::optional<Member>, ScanFailure> TarScanner::step() {
  const uint64_t first_header = at_bytes_;
  Overrides overrides;
  while (true) {
    const auto block = block_at(at_bytes_);
    if (!block) return std::unexpected(block.error());
    if (is_zero_block(*block)) {
      if (at_bytes_ == first_header) return std::nullopt;
      return fail("the archive ends after a long-name header", first_header);
    }
    const auto header = parse_tar_header(*block);
    if (!header) return fail(header.error(), at_bytes_);
    if (is_long_name(header->type) || is_long_link(header->type) || is_pax(header->type)) {
      if (auto taken = take_extension(*header, overrides); !taken) {
        return std::unexpected(taken.error());
      }
      continue;
    }
    if (header->type == 'S') return fail("sparse members are not supported", at_bytes_);
    Member member{.name = overrides.name.value_or(header->name),
                  .header_offset_bytes = first_header,
                  .data_offset_bytes = at_bytes_ + k_tar_block_bytes,
                  .size_bytes = overrides.size_bytes.value_or(header->size_bytes),
                  .is_regular = is_regular_type(header->type)};
    if (header->type == '\0' && member.name.ends_with('/')) member.is_regular = false;
    const uint64_t stored_bytes = has_no_data(header->type) ? 0 : member.size_bytes;
    const auto fits = check_fits(member.data_offset_bytes, stored_bytes, member.name);
    if (!fits) {
      if (cut_member_ == CutMember::fails) return std::unexpected(fits.error());
      broken_off_ = fits.error();
    }
    at_bytes_ = member.data_offset_bytes + padded_to_blocks(stored_bytes);
    return member;
  }
}

std::expected<TarScanner::Block, ScanFailure> TarScanner::block_at(uint64_t offset_bytes) {
  if (offset_bytes > source_.size_bytes || source_.size_bytes - offset_bytes < k_tar_block_bytes) {
    return fail(source_.size_bytes == 0 ? "the file is empty"
                                        : "the archive is cut off before its end block",
                std::min(offset_bytes, source_.size_bytes));
  }
  const bool held = offset_bytes >= window_offset_bytes_ &&
                    offset_bytes + k_tar_block_bytes <= window_offset_bytes_ + window_size_bytes_;
  if (!held) {
    const auto moved = source_.read_at(window_, offset_bytes);
    if (!moved) return fail("reading failed: " + text_of_errno(moved.error()), offset_bytes);
    window_offset_bytes_ = offset_bytes;
    window_size_bytes_ = *moved;
    if (*moved < k_tar_block_bytes) return fail("the file shrank while it was read", offset_bytes);
  }
  return Block(window_.data() + (offset_bytes - window_offset_bytes_), k_tar_block_bytes);
}

std::expected<std::string, ScanFailure> TarScanner::text_at(uint64_t offset_bytes,
                                                            uint64_t size_bytes) {
  std::string text(size_bytes, '\0');
  const auto moved = source_.read_at(std::as_writable_bytes(std::span(text)), offset_bytes);
  if (!moved) return fail("reading failed: " + text_of_errno(moved.error()), offset_bytes);
  if (*moved < size_bytes) return fail("the file shrank while it was read", offset_bytes);
  return text;
}

std::expected<void, ScanFailure> TarScanner::take_extension(const TarHeader& header,
                                                            Overrides& overrides) {
  const uint64_t data_offset = at_bytes_ + k_tar_block_bytes;
  if (header.size_bytes > k_extension_limit_bytes) {
    return fail(fmt::format("a name or pax header of {} bytes is over the limit of {}",
                            header.size_bytes, k_extension_limit_bytes),
                at_bytes_);
  }
  if (auto fits = check_fits(data_offset, header.size_bytes, header.name); !fits) return fits;
  auto text = text_at(data_offset, header.size_bytes);
  if (!text) return std::unexpected(text.error());
  if (is_long_name(header.type)) {
    text->resize(std::min(text->find('\0'), text->size()));
    overrides.name = std::move(*text);
  } else if (is_pax(header.type)) {
    if (auto taken = take_pax(*text, overrides); !taken) return taken;
  }
  at_bytes_ = data_offset + padded_to_blocks(header.size_bytes);
  return {};
}

// Records are "<length> <key>=<value>\n", the length counting itself.
std::expected<void, ScanFailure> TarScanner::take_pax(std::string_view records,
                                                      Overrides& overrides) {
  while (!records.empty() && records.front() != '\0') {
    const size_t space = records.find(' ');
    const auto length = decimal(records.substr(0, space));
    if (space == std::string_view::npos || !length || *length > records.size() ||
        *length < space + 3 || records[*length - 1] != '\n') {
      return fail("a pax record is malformed", at_bytes_);
    }
    const std::string_view record = records.substr(space + 1, *length - space - 2);
    records.remove_prefix(*length);
    const size_t equals = record.find('=');
    if (equals == std::string_view::npos) return fail("a pax record is malformed", at_bytes_);
    const std::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
    if (key.starts_with("GNU.sparse")) return fail("sparse members are not supported", at_bytes_);
    if (key == "path") {
      if (value.find('\0') != std::string_view::npos) return fail("a name has a NUL", at_bytes_);
      overrides.name = std::string(value);
    } else if (key == "size") {
      overrides.size_bytes = decimal(value);
      if (!overrides.size_bytes || *overrides.size_bytes > uint64_t{INT64_MAX}) {
        return fail("a pax size is not a number", at_bytes_);
      }
    }
  }
  return {};
}

std::expected<void, ScanFailure> TarScanner::check_fits(uint64_t data_offset_bytes,
                                                        uint64_t size_bytes,
                                                        std::string_view name) const {
  const uint64_t left_bytes =
      source_.size_bytes - data_offset_bytes;  // block_at() saw the header whole
  if (size_bytes <= left_bytes) return {};
  return fail(fmt::format("member {} claims {} bytes where the file has {} left", shown_name(name),
                          size_bytes, left_bytes),
              at_bytes_);
}

std::unexpected<ScanFailure> TarScanner::fail(std::string what, uint64_t offset_bytes) const {
  return std::unexpected(ScanFailure{std::move(what), offset_bytes});
}

uint64_t TarWriter::append(std::string_view name, std::span<const std::byte> data) {
  if (!is_safe_name(name)) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot write tar member",
                 .object = shown_name(name),
                 .cause = "the name is empty, leaves its folder or has control characters"});
  }
  if (name.size() > k_tar_short_name_bytes) {
    const std::string long_name = std::string(name) + '\0';
    put(make_tar_header("././@LongLink", long_name.size(), 'L'));
    put_padded(std::as_bytes(std::span(long_name)));
  }
  put(make_tar_header(name, data.size(), '0'));
  const uint64_t data_offset_bytes = size_bytes_;
  put_padded(data);
  return data_offset_bytes;
}

void TarWriter::finish() {
  put(TarBlock{});
  put(TarBlock{});
}

uint64_t TarWriter::stored_size_bytes(std::string_view name, uint64_t data_size_bytes) {
  const uint64_t long_name_bytes = name.size() > k_tar_short_name_bytes
                                       ? k_tar_block_bytes + padded_to_blocks(name.size() + 1)
                                       : 0;
  return long_name_bytes + k_tar_block_bytes + padded_to_blocks(data_size_bytes);
}

void TarWriter::put(std::span<const std::byte> bytes) {
  sink_(bytes);
  size_bytes_ += bytes.size();
}

void TarWriter::put_padded(std::span<const std::byte> bytes) {
  static constexpr TarBlock k_zeros{};
  put(bytes);
  const uint64_t padding_bytes = padded_to_blocks(bytes.size()) - bytes.size();
  if (padding_bytes > 0) put(std::span(k_zeros).first(padding_bytes));
}

std::string shown_name(std::string_view name) {
  constexpr size_t k_shown_bytes = 200;
  std::string text = "'";
  for (const char letter : name.substr(0, k_shown_bytes)) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7f) {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      if (letter == '\'' || letter == '\\') text += '\\';
      text += letter;
    }
  }
  return text + (name.size() > k_shown_bytes ? "...'" : "'");
}

bool is_safe_name(std::string_view name) {
  if (name.empty() || name.starts_with('/')) return false;
  const auto is_control = [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
  };
  if (std::ranges::any_of(name, is_control)) return false;
  while (true) {
    const size_t slash = name.find('/');
    const std::string_view step = name.substr(0, slash);
    if (step.empty() || step == "." || step == "..") return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

}  // namespace headrace::formats
