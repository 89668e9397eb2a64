// The samples of the plain tar, whatever compresses it; cut and damaged anywhere.
#include "headrace/formats/packed_tar.h"

#include <gmock/gmock.h>

#include <map>

#include "headrace/base/temp_folder.h"
#include "headrace/codec/codec.h"
#include "headrace/formats/scan_all.h"
#include "headrace/formats/tar.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

// Large samples beside small ones, and a name that takes a header of its own.
std::string tar_of_samples(size_t large_bytes) {
  std::string made;
  TarWriter tar([&](std::span<const std::byte> bytes) {
    made.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  });
  for (size_t i = 0; i < 12; ++i) {
    const std::string key = (i % 3 == 1 ? std::string(120, 'k') : "s") + std::to_string(i);
    tar.append(key + ".cls", bytes_of(std::to_string(i)));
    tar.append(key + ".txt", bytes_of(std::string(i % 4 == 2 ? large_bytes : i, 'x')));
  }
  tar.append("no-sample", bytes_of("of a name without a dot"));
  tar.finish();
  return made;
}

std::string read_all(std::span<const std::byte> packed) {
  PackedTar tar(memory_source(packed));
  std::string text;
  while (true) {
    const auto fields = tar.next();
    if (!fields) return "refused: " + fields.error().what;
    if (!*fields) return text;
    for (const FieldBytes& field : **fields) {
      text += fmt::format("{}={};", field.name, field.bytes.size());
      if (field.name != "cls") continue;
      text.append(reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size());
    }
  }
}

TEST(PackedTar, holds_the_samples_of_the_plain_tar) {
  const std::string tar = tar_of_samples(900'000);
  std::string wanted;
  for (int i = 0; i < 12; ++i) {
    wanted += fmt::format("cls={};{}txt={};", i < 10 ? 1 : 2, i, i % 4 == 2 ? 900'000 : i);
  }
  for (const codec::Kind kind : {codec::Kind::gzip, codec::Kind::zstd, codec::Kind::lz4}) {
    const auto packed = codec::compressed(kind, bytes_of(tar), codec::level_of(kind)->standard);
    EXPECT_EQ(recognize(memory_source(packed)), &k_packed_tar_format) << codec::name_of(kind);
    EXPECT_EQ(read_all(packed), wanted) << codec::name_of(kind);
  }
}

TEST(PackedTar, samples_keep_their_keys) {
  const std::string tar = tar_of_samples(100);
  PackedTar packed(memory_source(bytes_of(tar)));
  const auto plain = scan_all(k_tar_format, bytes_of(tar));
  for (const ScannedSample& sample : plain.samples) {
    ASSERT_TRUE(packed.next()->has_value());
    EXPECT_EQ(packed.key(), sample.key);
  }
}

TEST(PackedTar, is_known_by_its_names_and_a_plain_tar_is_not_one) {
  for (const char* name : {"a.tar.gz", "a.tgz", "a.tar.zst", "a.tar.lz4"}) {
    EXPECT_EQ(named_format(name), &k_packed_tar_format) << name;
  }
  EXPECT_EQ(named_format("a.tar"), &k_tar_format);
  const std::string tar = tar_of_samples(10);
  EXPECT_EQ(recognize(memory_source(bytes_of(tar))), &k_tar_format);
  const auto prose = codec::compressed(codec::Kind::gzip, bytes_of("no archive at all"), 6);
  EXPECT_FALSE(k_packed_tar_format.begins(memory_source(prose)));
}

TEST(PackedTar, cut_anywhere_is_a_failure) {
  const std::string tar = tar_of_samples(10);
  const auto packed = codec::compressed(codec::Kind::zstd, bytes_of(tar), 3);
  for (size_t size = 4; size < packed.size(); ++size) {
    EXPECT_THAT(read_all(std::span(packed).first(size)), HasSubstr("refused")) << size;
  }
  for (size_t size = 0; size + 1024 < tar.size(); size += 256) {
    const auto cut = codec::compressed(codec::Kind::zstd, bytes_of(tar.substr(0, size)), 3);
    EXPECT_THAT(read_all(cut), HasSubstr("the archive is cut off before its end block")) << size;
  }
}

TEST(PackedTar, damage_is_a_failure_that_names_the_byte) {
  const std::string tar = tar_of_samples(10);
  auto packed = codec::compressed(codec::Kind::gzip, bytes_of(tar), 6);
  packed[packed.size() - 8] ^= std::byte{1};
  EXPECT_THAT(read_all(packed), HasSubstr("it cannot be decompressed"));
  std::string spoiled = tar;
  spoiled[1024 + 150] ^= 1;  // the second header's checksum
  EXPECT_THAT(read_all(codec::compressed(codec::Kind::gzip, bytes_of(spoiled), 6)),
              HasSubstr("unpacked byte 1024"));
}

TEST(PackedTar, a_member_that_claims_what_no_memory_holds_is_refused) {
  std::string tar = tar_of_samples(10);
  const auto header = make_tar_header("a.bin", uint64_t{5} << 30, '0');
  tar.replace(0, header.size(), reinterpret_cast<const char*>(header.data()), header.size());
  EXPECT_THAT(read_all(codec::compressed(codec::Kind::lz4, bytes_of(tar), 0)),
              HasSubstr("over 4 GiB"));
}

}  // namespace
}  // namespace headrace::formats
