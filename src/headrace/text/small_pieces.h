// For tests: a SentencePiece model of a few pieces, as its file.
// Thread safety: pure.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::text {

class SmallPieces {
 public:
  // Numbers of types are the file's: 1 normal, 2 unknown, 3 control, 4 user, 5 unused, 6 byte.
  void piece(std::string_view text, float score, int type = 1) {
    char bits[4];
    std::memcpy(bits, &score, sizeof bits);
    model_ +=
        field(1, field(1, text) + "\x15" + std::string(bits, 4) + "\x18" + static_cast<char>(type));
  }
  void bytes() {
    constexpr std::string_view k_digits = "0123456789ABCDEF";
    for (unsigned byte = 0; byte < 256; ++byte) {
      piece(std::string("<0x") + k_digits[byte / 16] + k_digits[byte % 16] + ">", 0, 6);
    }
  }
  // Of a message, a number; both below 128 or of two bytes.
  static std::string number(int of, int value) { return varint(of << 3) + varint(value); }
  static std::string field(int of, std::string_view bytes) {
    return varint(of << 3 | 2) + varint(static_cast<int>(bytes.size())) + std::string(bytes);
  }
  void trainer(std::string_view fields) { model_ += field(2, fields); }
  void normalizer(std::string_view fields) { model_ += field(3, fields); }
  const std::string& model() const { return model_; }

 private:
  static std::string varint(int value) {
    std::string bytes;
    for (; value >= 128; value >>= 7) bytes += static_cast<char>(value | 128);
    return bytes + static_cast<char>(value);
  }
  std::string model_;
};

}  // namespace headrace::text
