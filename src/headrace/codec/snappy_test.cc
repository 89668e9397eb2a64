// Elements of each kind, and streams that lie; Snappy's own output is read in tests/conformance.
#include "headrace/codec/snappy.h"

#include <gtest/gtest.h>

#include <string>

#include "headrace/base/temp_folder.h"
#include "headrace/codec/codec.h"

namespace headrace::codec {
namespace {

using std::string_literals::operator""s;

std::string unpacked(const std::string& text, size_t limit_bytes = 1 << 20) {
  const auto made = headrace::codec::decompressed(Kind::snappy_block, bytes_of(text), limit_bytes);
  if (!made) return "refused: "s + made.error();
  return {reinterpret_cast<const char*>(made->data()), made->size()};
}

TEST(Snappy, makes_literals_and_copies_of_every_kind) {
  EXPECT_EQ(unpacked("\x00"s), "");
  EXPECT_EQ(unpacked("\x03\x08"
                     "abc"s),
            "abc");
  EXPECT_EQ(unpacked("\x07\x08"
                     "abc"
                     "\x01\x03"s),
            "abcabca");
  EXPECT_EQ(unpacked("\x06\x08"
                     "abc"
                     "\x0a\x03\x00"s),
            "abcabc");
  EXPECT_EQ(unpacked("\x06\x08"
                     "abc"
                     "\x0b\x03\x00\x00\x00"s),
            "abcabc");
  EXPECT_EQ(unpacked("\x09\x00"
                     "z"
                     "\x11\x01"s),
            std::string(9, 'z'))
      << "over itself";
  const std::string hundred(100, 'q');
  EXPECT_EQ(unpacked("\x64\xf0\x63" + hundred), hundred);
  EXPECT_EQ(unpacked("\x64\xf4\x63\x00"s + hundred), hundred);
}

TEST(Snappy, refuses_streams_that_lie) {
  for (const std::string& bad : {""s, "\x80"s, "\x03"s,
                                 "\x03\x08"
                                 "ab"s,
                                 "\x02\x08"
                                 "abc"s,
                                 "\x04\x08"
                                 "abc"s,
                                 "\x07\x08"
                                 "abc"
                                 "\x01\x04"s,
                                 "\x07\x08"
                                 "abc"
                                 "\x01\x00"s,
                                 "\x05\x08"
                                 "abc"
                                 "\x01\x03"s,
                                 "\x07\x08"
                                 "abc"
                                 "\x01"s,
                                 "\xff\xff\xff\xff\xff\xff\xff"s, "\x64\xf0"s}) {
    EXPECT_TRUE(unpacked(bad).starts_with("refused")) << bad;
  }
  EXPECT_TRUE(unpacked("\x03\x08"
                       "abc"s,
                       2)
                  .starts_with("refused"));
}

}  // namespace
}  // namespace headrace::codec
