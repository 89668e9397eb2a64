// Writes Thrift's compact protocol, as much as Parquet's metadata takes.
// Thread safety: one owner. Invariant: fields of a struct are put in the order of their ids.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace headrace::formats {

class ThriftWriter {
 public:
  void i32(int16_t id, int32_t value) { number(id, 5, value); }
  void i64(int16_t id, int64_t value) { number(id, 6, value); }
  void text(int16_t id, std::string_view value) {
    head(id, 8);
    string(value);
  }
  void begin_struct(int16_t id) {
    head(id, 12);
    enter();
  }
  // Of a list's item, or of the outermost one.
  void enter() { last_ids_.push_back(0); }
  void end_struct() {
    bytes_.push_back(std::byte{0});
    last_ids_.pop_back();
  }
  enum class Item : uint8_t { i32 = 5, text = 8, structure = 12 };
  void begin_list(int16_t id, Item item, size_t count) {
    head(id, 9);
    const auto type = static_cast<uint8_t>(item);
    bytes_.push_back(static_cast<std::byte>(count < 15 ? count << 4 | type : 0xf0 | type));
    if (count >= 15) varint(count);
  }
  void item_i32(int32_t value) { zigzag(value); }
  void item_text(std::string_view value) { string(value); }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  void number(int16_t id, uint8_t type, int64_t value) {
    head(id, type);
    zigzag(value);
  }
  void head(int16_t id, uint8_t type) {  // ids of Parquet's structs lie less than 15 apart
    bytes_.push_back(static_cast<std::byte>((id - last_ids_.back()) << 4 | type));
    last_ids_.back() = id;
  }
  void string(std::string_view value) {
    varint(value.size());
    for (const char letter : value) bytes_.push_back(static_cast<std::byte>(letter));
  }
  void zigzag(int64_t value) {
    varint(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63));
  }
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<std::byte>(value | 0x80));
    bytes_.push_back(static_cast<std::byte>(value));
  }

  std::vector<std::byte> bytes_;
  std::vector<int16_t> last_ids_;
};

}  // namespace headrace::formats
