// Elements of each kind, and streams that lie; Snappy's own output is read in tests/conformance.
#include "headrace/formats/snappy.h"

#include <gtest/gtest.h>

#include <string>

#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using std::string_literals::operator""s;

std::string decompressed(const std::string& text, size_t limit_bytes = 1 << 20) {
  const auto made = snappy_decompressed(bytes_of(text), limit_bytes);
  if (!made) return "refused: "s + made.error();
  return {reinterpret_cast<const char*>(made->data()), made->size()};
}

TEST(Snappy, makes_literals_and_copies_of_every_kind) {
  EXPECT_EQ(decompressed("\x00"s), "");
  EXPECT_EQ(decompressed("\x03\x08"
                         "abc"s),
            "abc");
  EXPECT_EQ(decompressed("\x07\x08"
                         "abc"
                         "\x01\x03"s),
            "abcabca");
  EXPECT_EQ(decompressed("\x06\x08"
                         "abc"
                         "\x0a\x03\x00"s),
            "abcabc");
  EXPECT_EQ(decompressed("\x06\x08"
                         "abc"
                         "\x0b\x03\x00\x00\x00"s),
            "abcabc");
  EXPECT_EQ(decompressed("\x09\x00"
                         "z"
                         "\x11\x01"s),
            std::string(9, 'z'))
      << "over itself";
  const std::string hundred(100, 'q');
  EXPECT_EQ(decompressed("\x64\xf0\x63" + hundred), hundred);
  EXPECT_EQ(decompressed("\x64\xf4\x63\x00"s + hundred), hundred);
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
    EXPECT_TRUE(decompressed(bad).starts_with("refused")) << bad;
  }
  EXPECT_TRUE(decompressed("\x03\x08"
                           "abc"s,
                           2)
                  .starts_with("refused"));
}

}  // namespace
}  // namespace headrace::formats
