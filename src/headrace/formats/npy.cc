// The head is a Python dictionary of three keys, in any order; nothing else of Python is read.
#include "headrace/formats/npy.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "headrace/base/endian.h"

namespace headrace::formats {
namespace {

constexpr size_t k_dimensions_max = 32;  // NumPy's own limit is 64

class HeadReader {
 public:
  explicit HeadReader(std::string_view text) : rest_(text) {}

  bool read(NpyHead& head) {
    head.shape.clear();
    bool has_type = false, has_order = false, has_shape = false;
    if (!take('{')) return false;
    while (!take('}')) {
      const auto key = quoted();
      if (!key || !take(':')) return false;
      if (*key == "descr" && !has_type) {
        has_type = read_type(head);
        if (!has_type) return false;
      } else if (*key == "fortran_order" && !has_order) {
        has_order = read_order(head);
        if (!has_order) return false;
      } else if (*key == "shape" && !has_shape) {
        has_shape = read_shape(head);
        if (!has_shape) return false;
      } else {
        return false;
      }
      if (!take(',') && !next_is('}')) return false;
    }
    skip_space();
    if (!rest_.empty() || !has_type || !has_order || !has_shape) return false;
    return true;
  }

 private:
  bool read_type(NpyHead& head) {
    const auto text = quoted();
    if (text) head.type = *text;
    return text.has_value();
  }
  bool read_order(NpyHead& head) {
    head.column_major = take_word("True");
    return head.column_major || take_word("False");
  }
  bool read_shape(NpyHead& head) {
    if (!take('(')) return false;
    while (!take(')')) {
      skip_space();
      uint64_t size = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
      if (error != std::errc{} || head.shape.size() == k_dimensions_max) return false;
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      head.shape.push_back(size);
      if (!take(',') && !next_is(')')) return false;
    }
    return true;
  }

  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size())); }
  bool next_is(char c) {
    skip_space();
    return !rest_.empty() && rest_.front() == c;
  }
  bool take(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::optional<std::string_view> quoted() {
    if (!take('\'')) return std::nullopt;
    const size_t end = rest_.find('\'');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }

  std::string_view rest_;
};

}  // namespace

std::expected<NpyHead, std::string> parse_npy_head(std::span<const std::byte> begin) {
  NpyHead head;
  if (const auto parsed = parse_npy_head(begin, head); !parsed) {
    return std::unexpected(parsed.error());
  }
  return head;
}

std::expected<void, const char*> parse_npy_head(std::span<const std::byte> begin, NpyHead& head) {
  const std::string_view text(reinterpret_cast<const char*>(begin.data()), begin.size());
  if (!text.starts_with("\x93NUMPY") || text.size() < 10) {
    return std::unexpected("it does not begin as a .npy file");
  }
  const bool is_first_version = text[6] == 1;
  const size_t head_at = is_first_version ? 10 : 12;
  if (text.size() < head_at) return std::unexpected("it ends within its head");
  const uint64_t head_bytes = is_first_version ? uint64_t{load_le<uint16_t>(begin.data() + 8)}
                                               : uint64_t{load_le<uint32_t>(begin.data() + 8)};
  if (head_bytes > text.size() - head_at) {
    return std::unexpected("its head is cut short, or longer than 64 KiB");
  }
  if (!HeadReader(text.substr(head_at, head_bytes)).read(head)) {
    return std::unexpected("its head does not say descr, fortran_order and shape");
  }
  head.data_offset_bytes = head_at + head_bytes;
  return {};
}

}  // namespace headrace::formats
