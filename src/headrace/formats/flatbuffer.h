// FlatBuffers as Arrow uses them, read without generated code: a table's fields by their numbers.
// https://flatbuffers.dev/internals. Thread safety: values that borrow the bytes. Invariants:
// 1. nothing outside the bytes is read; 2. what lies outside reads as if it were not there.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace headrace::formats {

class FlatTable {
 public:
  using Bytes = std::span<const std::byte>;

  static std::optional<FlatTable> root(Bytes bytes) { return behind(bytes, 0); }

  template <std::integral T>
  T number(size_t field, T otherwise = 0) const {
    const uint64_t at = place_of(field);
    return at == 0 ? otherwise : load<T>(bytes_, at).value_or(otherwise);
  }
  std::optional<FlatTable> table(size_t field) const {
    const uint64_t at = place_of(field);
    return at == 0 ? std::nullopt : behind(bytes_, at);
  }
  // Elements of a fixed size, or nothing when they leave the bytes.
  Bytes vector(size_t field, uint64_t element_bytes) const {
    const uint64_t begin = vector_begin(field);
    const uint64_t count = begin == 0 ? 0 : load<uint32_t>(bytes_, begin - 4).value_or(0);
    if (begin == 0 || count * element_bytes > bytes_.size() - begin) return {};
    return bytes_.subspan(begin, count * element_bytes);
  }
  std::string_view text(size_t field) const {
    const Bytes bytes = vector(field, 1);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  size_t table_count(size_t field) const { return vector(field, 4).size() / 4; }
  std::optional<FlatTable> table_at(size_t field, size_t index) const {
    return behind(bytes_, vector_begin(field) + 4 * index);
  }

 private:
  FlatTable(Bytes bytes, uint64_t at) : bytes_(bytes), at_(at) {}

  template <std::integral T>
  static std::optional<T> load(Bytes bytes, uint64_t at) {
    static_assert(std::endian::native == std::endian::little);
    if (at > bytes.size() || bytes.size() - at < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  }
  // The table to which the offset at a place leads.
  static std::optional<FlatTable> behind(Bytes bytes, uint64_t at) {
    const auto offset = load<uint32_t>(bytes, at);
    if (!offset || !load<int32_t>(bytes, at + *offset)) return std::nullopt;
    return FlatTable(bytes, at + *offset);
  }
  uint64_t place_of(size_t field) const {
    const int64_t table = static_cast<int64_t>(at_) - load<int32_t>(bytes_, at_).value_or(0);
    if (table < 0) return 0;
    const auto begin = static_cast<uint64_t>(table);
    const uint64_t entry = 4 + 2 * field;
    if (load<uint16_t>(bytes_, begin).value_or(0) < entry + 2) return 0;
    const uint16_t offset = load<uint16_t>(bytes_, begin + entry).value_or(0);
    return offset == 0 ? 0 : at_ + offset;
  }
  uint64_t vector_begin(size_t field) const {
    const uint64_t at = place_of(field);
    const auto offset = at == 0 ? std::nullopt : load<uint32_t>(bytes_, at);
    return offset && at + *offset + 4 <= bytes_.size() ? at + *offset + 4 : 0;
  }

  Bytes bytes_;
  uint64_t at_;
};

}  // namespace headrace::formats
