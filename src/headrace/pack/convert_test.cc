// From format to format and back: the same content; what differs, stops or is cut short is told.
#include "headrace/pack/convert.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/mds.h"
#include "headrace/formats/parquet.h"
#include "headrace/formats/tfrecord.h"
#include "headrace/pack/picture_tree.h"

namespace headrace::pack {
namespace {

using testing::HasSubstr;

SourceField text_field(const std::string& name, const std::string& text) {
  const auto bytes = bytes_of(text);
  return {.name = name, .bytes = {bytes.begin(), bytes.end()}};
}

class ConvertTest : public testing::Test {
 protected:
  void SetUp() override {
    formats::TarWriter tar([this](std::span<const std::byte> bytes) {
      tar_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    for (int i = 0; i < 60; ++i) {
      const std::string key = fmt::format("part.{}/item{:03}", i % 3, i);
      tar.append(key + ".cls", bytes_of(std::to_string(i % 7)));
      tar.append(key + ".jpg", bytes_of("this is no picture"));
      tar.append(key + ".words", bytes_of(std::string(3000, static_cast<char>('a' + i % 26))));
    }
    tar.finish();
    write_text(folder_ / "in.tar", tar_);
  }
  ConvertOptions options(const std::string& input, const std::string& output,
                         const formats::ShardFormat& format = formats::k_tar_format) {
    return {.input = folder_ / input,
            .output = folder_ / output,
            .format = &format,
            .shard_size_bytes = 64 * 1024,
            .job_count = 2,
            .cache_folder = folder_ / "cache"};
  }
  static std::string failure_of(const ConvertOptions& chosen,
                                const ConvertProgress& progress = {}) {
    try {
      convert(chosen, progress);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  TempFolder folder_;
  std::string tar_;
};

TEST_F(ConvertTest, content_stays_the_same_from_format_to_format) {
  const ConvertResult first = convert(options("in.tar", "a", formats::k_tfrecord_format), {});
  EXPECT_EQ(first.input_format, "webdataset");
  EXPECT_EQ(first.compared_count, 60U);
  EXPECT_GT(first.packed.shard_count, 1U);
  const ConvertResult second = convert(options("a", "b", formats::k_parquet_format), {});
  EXPECT_EQ(second.input_format, "tfrecord");
  const ConvertResult third = convert(options("b", "c", formats::k_mds_format), {});
  const ConvertResult last = convert(options("c", "d"), {});
  EXPECT_EQ(last.input_format, "mds");
  for (const ConvertResult* result : {&second, &third, &last}) {
    EXPECT_EQ(result->content_hash, first.content_hash);
  }
}

TEST_F(ConvertTest, compressed_fields_are_the_same_content) {
  const ConvertResult plain = convert(options("in.tar", "plain"), {});
  ConvertOptions chosen = options("plain", "zip");
  chosen.compress = {.codec = {codec::Kind::zstd, 3}};
  const ConvertResult zip = convert(chosen, {});
  EXPECT_EQ(zip.content_hash, plain.content_hash);
  EXPECT_LT(zip.packed.output_bytes, plain.packed.output_bytes);
  const auto dataset = formats::Dataset::open(folder_ / "zip", {});
  EXPECT_EQ(dataset->field_names().back(), "words.zst");
}

TEST_F(ConvertTest, a_tar_keeps_its_keys_and_what_only_looks_like_a_picture) {
  convert(options("in.tar", "out"), {});
  const auto dataset = formats::Dataset::open(folder_ / "out", {});
  EXPECT_EQ(dataset->key(0), "part.0/item000");
  EXPECT_EQ(dataset->key(59), "part.2/item059");
  EXPECT_EQ(dataset->field_names(), (std::vector<std::string>{"cls", "jpg", "words"}));
}

TEST_F(ConvertTest, goes_on_where_it_was_stopped_in_either_pass) {
  std::stop_source stop;
  ConvertOptions chosen = options("in.tar", "out", formats::k_tfrecord_format);
  chosen.stop = stop.get_token();
  const auto stop_at_40 = [&](const PackProgress& now) {
    if (now.samples_done == 40) stop.request_stop();
  };
  EXPECT_THAT(failure_of(chosen, {.on_packed = stop_at_40}), HasSubstr("goes on from there"));
  stop = std::stop_source();
  chosen.stop = stop.get_token();
  EXPECT_THAT(failure_of(chosen, {.on_compared = [&](uint64_t) { stop.request_stop(); }}),
              HasSubstr("1 of 60 samples are compared"));
  chosen.stop = {};
  const ConvertResult result = convert(chosen, {});
  EXPECT_EQ(result.packed.kept_shard_count, result.packed.shard_count);
  EXPECT_EQ(result.compared_count, 60U);
}

TEST_F(ConvertTest, an_output_that_differs_names_the_sample) {
  const auto spoil = [&](const PackProgress& now) {
    if (now.samples_done != 60 || now.shards_done == now.shards_total) return;
    const std::string path = folder_ / "out/shard-000000.tar";
    std::string shard = read_text(path);
    shard[shard.find("cccc") + 100] = 'C';
    write_text(path, shard);
  };
  EXPECT_THAT(failure_of(options("in.tar", "out"), {.on_packed = spoil}),
              HasSubstr("shard-000000.tar:part.2/item002"));
}

TEST_F(ConvertTest, a_damaged_sample_ends_it_or_is_left_out_counted_and_listed) {
  convert(options("in.tar", "a", formats::k_mds_format), {});
  const std::string path = folder_ / "a/shard-000000.mds";
  std::string shard = read_text(path);
  shard[shard.find("bbbb") + 100] ^= 1;
  write_text(path, shard);
  ConvertOptions chosen = options("a", "b");
  EXPECT_THAT(failure_of(chosen), HasSubstr("field words differs from its checksum"));
  chosen.on_error = OnError::skip;
  for (int run = 0; run < 2; ++run) {  // the second keeps what the first has written
    const ConvertResult result = convert(chosen, {});
    EXPECT_EQ(result.packed.skipped_count, 1U);
    EXPECT_EQ(result.packed.sample_count, 59U);
    EXPECT_EQ(result.compared_count, 59U);
    EXPECT_EQ(result.packed.skipped.size(), run == 0 ? 1U : 0U);
  }
  chosen.on_error = OnError::fail;
  EXPECT_THAT(failure_of(chosen), HasSubstr("an earlier run left 1 bad samples out"));
}

TEST_F(ConvertTest, another_format_than_was_told_is_refused) {
  ConvertOptions chosen = options("in.tar", "out");
  chosen.input_format = "mds";
  EXPECT_THAT(failure_of(chosen), HasSubstr("its bytes are webdataset, not mds"));
}

TEST(ContentHash, knows_numbers_and_compressed_fields_and_tells_others_apart) {
  const auto packed = codec::compressed(codec::Kind::gzip, bytes_of("hello, hello, hello"), 6);
  const std::vector<SourceField> plain = {text_field("a.b", "hello, hello, hello"),
                                          text_field("cls", "7")};
  EXPECT_EQ(content_hash(plain),
            content_hash({text_field("cls", "7\n"), {.name = "a/b.gz", .bytes = packed}}));
  EXPECT_NE(content_hash(plain), content_hash({plain[0], text_field("cls", "8")}));
  EXPECT_NE(content_hash(plain), content_hash({plain[0]}));
  EXPECT_NE(content_hash(plain), content_hash({plain[0], text_field("clz", "7")}));
  EXPECT_NE(content_hash({text_field("x.gz", "not gzip")}),
            content_hash({text_field("x.gz", "neither")}));
}

}  // namespace
}  // namespace headrace::pack
