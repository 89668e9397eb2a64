// The markers of a JPEG file and a cursor that cannot leave its bytes. Thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace headrace::jpeg {

// Second bytes of the markers (the first is 0xff), as ITU-T T.81 table B.1 names them.
namespace marker {
inline constexpr uint8_t k_sof0 = 0xc0, k_sof1 = 0xc1, k_sof2 = 0xc2, k_sof15 = 0xcf;
inline constexpr uint8_t k_sof9 = 0xc9, k_sof10 = 0xca;
inline constexpr uint8_t k_dht = 0xc4, k_jpg = 0xc8, k_dac = 0xcc;
inline constexpr uint8_t k_rst0 = 0xd0, k_rst7 = 0xd7;
inline constexpr uint8_t k_soi = 0xd8, k_eoi = 0xd9, k_sos = 0xda, k_dqt = 0xdb, k_dri = 0xdd;
inline constexpr uint8_t k_app0 = 0xe0, k_app1 = 0xe1, k_app2 = 0xe2, k_app14 = 0xee;
inline constexpr uint8_t k_app15 = 0xef, k_dnl = 0xdc, k_comment = 0xfe;
inline constexpr uint8_t k_tem = 0x01;
}  // namespace marker

// Reads big-endian values front to back. A read past the end gives 0 and makes ok() false for good.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes, uint64_t at_bytes = 0)
      : bytes_(bytes), at_bytes_(at_bytes) {}
  uint8_t u8() {
    if (left() < 1) return fail();
    return static_cast<uint8_t>(bytes_[at_bytes_++]);
  }
  uint16_t u16() {
    if (left() < 2) return fail();
    const auto high = static_cast<unsigned>(bytes_[at_bytes_]);
    const auto low = static_cast<unsigned>(bytes_[at_bytes_ + 1]);
    at_bytes_ += 2;
    return static_cast<uint16_t>(high << 8 | low);
  }
  void skip(uint64_t count_bytes) {
    if (left() < count_bytes) {
      fail();
    } else {
      at_bytes_ += count_bytes;
    }
  }
  // The next marker's second byte, over fill bytes and garbage as libjpeg-turbo does; 0 at the end.
  uint8_t next_marker();
  bool ok() const { return ok_; }
  // next_marker() passed over other bytes than fill.
  bool junk_seen() const { return junk_seen_; }
  uint64_t at_bytes() const { return at_bytes_; }
  uint64_t left() const { return ok_ ? bytes_.size() - at_bytes_ : 0; }

 private:
  uint8_t fail() {
    ok_ = false;
    return 0;
  }

  std::span<const std::byte> bytes_;
  uint64_t at_bytes_ = 0;
  bool ok_ = true;
  bool junk_seen_ = false;
};

inline uint8_t Cursor::next_marker() {
  while (left() >= 2) {
    const void* found = std::memchr(bytes_.data() + at_bytes_, 0xff, left() - 1);
    if (found == nullptr) break;
    const auto place = static_cast<uint64_t>(static_cast<const std::byte*>(found) - bytes_.data());
    junk_seen_ |= place != at_bytes_;
    at_bytes_ = place + 1;
    const auto code = static_cast<uint8_t>(bytes_[at_bytes_]);
    if (code == 0xff) continue;
    ++at_bytes_;
    if (code != 0) return code;
    junk_seen_ = true;
  }
  return fail();
}

}  // namespace headrace::jpeg
