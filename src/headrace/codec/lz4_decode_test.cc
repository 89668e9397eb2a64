// Against the library's own decoder: frames of all its settings, and the same frames damaged.
#include "headrace/codec/lz4_decode.h"

#include <gtest/gtest.h>
#include <lz4frame.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "headrace/base/hash.h"

namespace headrace::codec {
namespace {

std::string text_of(size_t size_bytes) {
  std::string text;
  for (uint64_t i = 0; text.size() < size_bytes; ++i) {
    text += i % 7 == 0 ? std::to_string(mix64(i)) : "a word and another one ";
  }
  text.resize(size_bytes);
  return text;
}

std::string framed(const std::string& text, const LZ4F_preferences_t& wanted) {
  std::string packed(LZ4F_compressFrameBound(text.size(), &wanted), '\0');
  const size_t size =
      LZ4F_compressFrame(packed.data(), packed.size(), text.data(), text.size(), &wanted);
  packed.resize(size);
  return packed;
}

bool decoded(const std::string& packed, std::string& target) {
  const auto bytes = std::as_writable_bytes(std::span(target));
  return lz4_decompress(std::as_bytes(std::span(packed)), bytes).has_value();
}

bool decoded_by_library(const std::string& packed, std::string& target) {
  LZ4F_dctx* context = nullptr;
  LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
  size_t taken = 0, made = 0, more = 1;
  while (more != 0) {
    size_t room = target.size() - made, left = packed.size() - taken;
    more = LZ4F_decompress(context, target.data() + made, &room, packed.data() + taken, &left,
                           nullptr);
    if (LZ4F_isError(more) != 0U || (room == 0 && left == 0)) break;
    made += room;
    taken += left;
  }
  LZ4F_freeDecompressionContext(context);
  return more == 0 && made == target.size() && taken == packed.size();
}

std::vector<LZ4F_preferences_t> all_settings(size_t size_bytes) {
  std::vector<LZ4F_preferences_t> settings;
  for (const auto block : {LZ4F_max64KB, LZ4F_max256KB, LZ4F_max4MB}) {
    for (unsigned bits = 0; bits < 16; ++bits) {
      LZ4F_preferences_t wanted = LZ4F_INIT_PREFERENCES;
      wanted.frameInfo.blockSizeID = block;
      wanted.frameInfo.blockMode = (bits & 1U) != 0 ? LZ4F_blockLinked : LZ4F_blockIndependent;
      wanted.frameInfo.contentSize = (bits & 2U) != 0 ? size_bytes : 0;
      wanted.frameInfo.contentChecksumFlag =
          (bits & 4U) != 0 ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum;
      wanted.frameInfo.blockChecksumFlag =
          (bits & 8U) != 0 ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum;
      settings.push_back(wanted);
    }
  }
  return settings;
}

TEST(Lz4Decode, frames_of_all_settings_and_sizes_decode) {
  for (const size_t size : {0UL, 1UL, 100UL, 65'536UL, 65'537UL, 200'000UL, 700'000UL}) {
    const std::string text = text_of(size);
    for (const LZ4F_preferences_t& settings : all_settings(size)) {
      std::string made(size, '\0'), shorter(size + 1, '\0');
      const std::string packed = framed(text, settings);
      EXPECT_TRUE(decoded(packed, made)) << size;
      EXPECT_TRUE(made == text) << size;
      EXPECT_FALSE(decoded(packed, shorter)) << size;
      EXPECT_FALSE(decoded(packed + "x", made)) << size;
    }
  }
}

TEST(Lz4Decode, bytes_that_do_not_shrink_are_stored_as_they_are) {
  std::string text(150'000, '\0');
  for (size_t i = 0; i + 8 <= text.size(); i += 8) {
    const uint64_t word = mix64(i);
    std::memcpy(text.data() + i, &word, 8);
  }
  for (const LZ4F_preferences_t& settings : all_settings(text.size())) {
    std::string made(text.size(), '\0');
    EXPECT_TRUE(decoded(framed(text, settings), made));
    EXPECT_TRUE(made == text);
  }
}

TEST(Lz4Decode, damage_is_refused_wherever_the_library_refuses_it) {
  const std::string text = text_of(3000);
  for (const LZ4F_preferences_t& settings : all_settings(text.size())) {
    const std::string packed = framed(text, settings);
    for (size_t at = 0; at < packed.size(); ++at) {
      std::string damaged = packed, ours(text.size(), '\0'), theirs(text.size(), '\0');
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
      // Another frame's magic is none of ours; the library skips what is marked as skippable.
      if (!decoded(damaged, ours)) continue;
      EXPECT_TRUE(decoded_by_library(damaged, theirs)) << at;
      EXPECT_TRUE(ours == theirs) << at;
    }
    for (size_t size = 0; size < packed.size(); ++size) {
      std::string ours(text.size(), '\0');
      EXPECT_FALSE(decoded(packed.substr(0, size), ours)) << size;
    }
  }
}

TEST(Lz4Decode, what_the_library_takes_is_taken) {
  const std::string text = text_of(3000);
  for (const LZ4F_preferences_t& settings : all_settings(text.size())) {
    const std::string packed = framed(text, settings);
    for (size_t at = 4; at < packed.size(); at += 3) {
      std::string damaged = packed, ours(text.size(), '\0'), theirs(text.size(), '\0');
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      if (!decoded_by_library(damaged, theirs)) continue;
      EXPECT_TRUE(decoded(damaged, ours)) << at;
    }
  }
}

}  // namespace
}  // namespace headrace::codec
