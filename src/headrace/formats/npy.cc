// The head is a Python dictionary of three keys, in any order; nothing else of Python is read.
#include "headrace/formats/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "headrace/base/endian.h"

namespace headrace::formats {
namespace {

constexpr size_t k_dimensions_max = 32;                      // NumPy's own limit is 64
constexpr uint64_t k_element_bytes_max = uint64_t{1} << 30;  // a text of fixed length is one

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

// "<f4", "|u1", "<U5", "<M8[ns]": how many bytes an element has.
std::expected<uint64_t, std::string> element_bytes_of(std::string_view type) {
  const auto refuse = [&](std::string_view why) {
    return std::unexpected(fmt::format("its elements are {}, {}", type, why));
  };
  if (type.size() < 3) return refuse("which is no type");
  if (type[0] == '>') return refuse("which is big-endian; write it little-endian");
  if (type[0] != '<' && type[0] != '|') return refuse("which is no type");
  if (type[1] == 'O') return refuse("which are pickles; they are never loaded");
  if (!std::string_view("biufcSUVmM").contains(type[1])) return refuse("which is no plain type");
  uint64_t count = 0;
  const char* end = type.data() + type.size();
  const auto [rest, error] = std::from_chars(type.data() + 2, end, count);
  const bool ends = rest == end || *rest == '[';  // a unit of time
  if (error != std::errc{} || !ends || count == 0 || count > k_element_bytes_max) {
    return refuse("which has no size");
  }
  return type[1] == 'U' ? 4 * count : count;
}

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

std::expected<NpyArray, std::string> read_npy_array(std::span<const std::byte> begin,
                                                    uint64_t file_bytes) {
  auto head = parse_npy_head(begin);
  if (!head) return std::unexpected(head.error());
  const auto element_bytes = element_bytes_of(head->type);
  if (!element_bytes) return std::unexpected(element_bytes.error());
  const bool is_line = std::ranges::count_if(head->shape, [](uint64_t n) { return n > 1; }) <= 1;
  if (head->column_major && !is_line) {
    return std::unexpected(
        "its first index runs fastest (Fortran's order); write it with numpy.ascontiguousarray");
  }
  uint64_t data_bytes = *element_bytes;
  for (const uint64_t count : head->shape) {
    if (__builtin_mul_overflow(data_bytes, count, &data_bytes)) data_bytes = UINT64_MAX;
  }
  if (data_bytes != file_bytes - head->data_offset_bytes) {
    return std::unexpected(fmt::format("its head calls for {} bytes of elements, and it has {}",
                                       data_bytes, file_bytes - head->data_offset_bytes));
  }
  const bool is_integer = std::string_view("iub").contains(head->type[1]) && *element_bytes <= 8;
  return NpyArray{.head = std::move(*head),
                  .element_bytes = *element_bytes,
                  .data_bytes = data_bytes,
                  .integer_sign = is_integer ? std::optional(head->type[1] == 'i') : std::nullopt};
}

}  // namespace headrace::formats
