// What pyarrow wrote, in place and unpacked, and damage; more of its types in tests/conformance.
#include "headrace/formats/arrow.h"

#include <gmock/gmock.h>

#include "headrace/formats/arrow_written.h"
#include "headrace/formats/damage.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

std::optional<std::string> read_arrow(std::span<const std::byte> bytes) {
  return content_of(k_arrow_format, bytes);
}

TEST(Arrow, a_stream_is_read_from_where_its_values_lie) {
  const std::string file = arrow_stream();
  EXPECT_EQ(recognize(memory_source(bytes_of(file))), &k_arrow_format);
  EXPECT_EQ(k_arrow_format.unpack(memory_source(bytes_of(file))), nullptr);
  const std::string ids("\x01\0\x02\0", 4), more("\x03\0", 2);
  EXPECT_EQ(read_arrow(bytes_of(file)), "sample\nids:" + ids + "img.bytes:firstkind:catlabel=7\n" +
                                            "sample\nids:img.bytes:img.path:pkind:dog" +
                                            "sample\nids:" + more + "kind:catlabel=-1\n");
  const auto last = k_arrow_format.scan(memory_source(bytes_of(file)), {.sample_index = 2});
  EXPECT_EQ((**last->next()).key, "2");
  EXPECT_FALSE(*last->next());
}

TEST(Arrow, a_compressed_file_is_unpacked_to_the_same_rows) {
  const std::string file = packed_arrow_file();
  EXPECT_EQ(recognize(memory_source(bytes_of(file))), &k_arrow_format);
  const std::string ids("\x01\0\x02\0", 4), more("\x03\0", 2);
  EXPECT_EQ(read_arrow(bytes_of(file)), "sample\nids:" + ids + "img.bytes:firstkind:catlabel:7" +
                                            "sample\nids:img.bytes:img.path:pkind:dog" +
                                            "sample\nids:" + more + "kind:catlabel:-1");
  EXPECT_THAT(scan_all(k_arrow_format, bytes_of(file)).failure->what, HasSubstr("compressed"));
}

TEST(Arrow, every_cut_is_told_and_every_flipped_bit_ends) {
  for (const std::string& file : {arrow_stream(), packed_arrow_file()}) {
    EXPECT_EQ(unnoticed_cuts(file, read_arrow), 0U);
    EXPECT_GT(flip_each_bit(file, read_arrow).noticed_count, file.size()) << "it has no checksums";
  }
}

}  // namespace
}  // namespace headrace::formats
