// Streams in pieces of every size, several frames long, cut and damaged.
#include "headrace/codec/stream.h"

#include <gtest/gtest.h>

#include <string>

#include "headrace/base/temp_folder.h"

namespace headrace::codec {
namespace {

constexpr Kind k_kinds[] = {Kind::zstd, Kind::lz4, Kind::gzip};

struct Pieces {
  size_t in_bytes, out_bytes;
};

std::string unpacked(Kind kind, std::span<const std::byte> packed, Pieces pieces) {
  const auto stream = Stream::make(kind);
  std::string made;
  std::vector<std::byte> target(pieces.out_bytes);
  bool whole = false;
  while (true) {
    const auto step = stream->step(packed.first(std::min(pieces.in_bytes, packed.size())), target);
    if (!step) return std::string("refused: ") + step.error();
    made.append(reinterpret_cast<const char*>(target.data()), step->made_bytes);
    packed = packed.subspan(step->taken_bytes);
    whole = step->between_frames;
    if (packed.empty() && step->made_bytes < target.size()) break;
  }
  return whole ? made : "refused: cut short";
}

std::vector<std::byte> two_frames(Kind kind) {
  auto packed = compressed(kind, bytes_of("abracadabra, abracadabra"), level_of(kind)->standard);
  const auto more = compressed(kind, bytes_of(", once more"), level_of(kind)->standard);
  packed.insert(packed.end(), more.begin(), more.end());
  return packed;
}

TEST(Stream, reads_frames_behind_each_other_in_pieces_of_any_size) {
  for (const Kind kind : k_kinds) {
    const auto packed = two_frames(kind);
    for (const Pieces pieces :
         {Pieces{1, 1}, Pieces{1, 100}, Pieces{100, 1}, Pieces{7, 5}, Pieces{1000, 1000}}) {
      EXPECT_EQ(unpacked(kind, packed, pieces), "abracadabra, abracadabra, once more")
          << name_of(kind) << pieces.in_bytes << " " << pieces.out_bytes;
    }
  }
}

TEST(Stream, one_that_is_cut_is_not_between_frames) {
  for (const Kind kind : k_kinds) {
    const auto first = compressed(kind, bytes_of("abracadabra"), level_of(kind)->standard);
    for (size_t size = 1; size < first.size(); ++size) {
      EXPECT_TRUE(unpacked(kind, std::span(first).first(size), {1000, 1000}).starts_with("refused"))
          << name_of(kind) << size;
    }
  }
}

TEST(Stream, damage_is_told) {
  for (const Kind kind : k_kinds) {
    auto packed = compressed(kind, bytes_of("abracadabra"), level_of(kind)->standard);
    packed[packed.size() - 5] ^= std::byte{1};
    packed[packed.size() - 9] ^= std::byte{1};
    EXPECT_TRUE(unpacked(kind, packed, {1000, 1000}).starts_with("refused")) << name_of(kind);
  }
}

}  // namespace
}  // namespace headrace::codec
