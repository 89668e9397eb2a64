// Into the row where the row is the bytes, else aside; frames that lie or are damaged.
#include "headrace/loader/unpacker.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "headrace/base/temp_folder.h"
#include "headrace/loader/fixture.h"
#include "headrace/ops/bytes.h"

namespace headrace::loader {
namespace {

pipeline::Plan bytes_and_stamp() {
  pipeline::Plan plan;
  plan.fields.push_back({.op = std::make_unique<ops::Bytes>(ops::BytesOptions{.shape = {40}})});
  plan.fields.push_back({.op = std::make_unique<StampOp>()});
  return plan;
}

std::vector<std::byte> frame(std::string_view text) {
  return codec::compressed(codec::Kind::zstd, bytes_of(text), 3);
}

TEST(Unpacker, unpacks_into_the_row_where_the_row_is_the_bytes) {
  Unpacker unpacker(bytes_and_stamp());
  std::vector<std::byte> row(40);
  const auto short_text = frame("abracadabra");
  const auto made = unpacker.run(codec::Kind::zstd, short_text, 0, row);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->data(), row.data());
  EXPECT_TRUE(std::ranges::equal(*made, bytes_of("abracadabra")));
  const auto aside = unpacker.run(codec::Kind::zstd, short_text, 1, row);
  ASSERT_TRUE(aside);
  EXPECT_NE(aside->data(), row.data());
  EXPECT_TRUE(std::ranges::equal(*aside, bytes_of("abracadabra")));
}

TEST(Unpacker, what_is_longer_than_the_row_never_goes_there) {
  Unpacker unpacker(bytes_and_stamp());
  std::vector<std::byte> row(40);
  const auto made = unpacker.run(codec::Kind::zstd, frame(std::string(41, 'x')), 0, row);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->size(), 41u) << "so that the operator says by how much";
  EXPECT_TRUE(std::ranges::all_of(row, [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST(Unpacker, refuses_frames_that_are_damaged_or_announce_too_much) {
  Unpacker unpacker(bytes_and_stamp());
  std::vector<std::byte> row(40);
  auto bad = frame("abracadabra");
  EXPECT_FALSE(unpacker.run(codec::Kind::zstd, std::span(bad).first(9), 0, row));
  bad[12] ^= std::byte{4};
  EXPECT_FALSE(unpacker.run(codec::Kind::zstd, bad, 0, row));
  EXPECT_FALSE(unpacker.run(codec::Kind::zstd, {}, 0, row));
  // A frame without content of 2^40 bytes, which 40 MB would be needed to hold.
  std::vector<std::byte> liar(size_t{40} << 20);
  const unsigned char head[] = {0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1};
  std::ranges::copy(std::as_bytes(std::span(head)), liar.begin());
  const auto made = unpacker.run(codec::Kind::zstd, liar, 1, row);
  ASSERT_FALSE(made);
  EXPECT_STREQ(made.error(), "its frame announces over 1 GiB");
}

}  // namespace
}  // namespace headrace::loader
