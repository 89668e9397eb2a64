// What --compress and --on-error take, what they refuse, and how results of both are written down.
#include "headrace/cli/pack_options.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "headrace/base/error.h"

namespace headrace::cli {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

pack::Compress parsed(const std::string& words) {
  CLI::App app;
  CompressArguments arguments;
  add_compress_options(app, arguments);
  app.parse(words);
  return compress_of(arguments);
}

TEST(PackOptions, each_codec_that_is_written_has_levels_of_its_own) {
  for (const std::string name : {"zstd", "lz4", "gzip", "snappy"}) {
    const pack::Compress compress = parsed("--compress " + name);
    EXPECT_EQ(codec::name_of(compress.codec.kind), name);
    EXPECT_FALSE(compress.measured);
    const codec::Level level = *codec::level_of(compress.codec.kind);
    EXPECT_EQ(compress.codec.level, level.standard);
    const std::string most = std::to_string(level.most), more = std::to_string(level.most + 1);
    EXPECT_EQ(parsed("--compress " + name + " --compress-level " + most).codec.level, level.most);
    EXPECT_THAT([&] { parsed("--compress " + name + " --compress-level " + more); },
                ThrowsMessage<Error>(HasSubstr(name + " has levels")));
  }
}

TEST(PackOptions, a_level_needs_a_codec_that_is_named) {
  EXPECT_FALSE(parsed("").measured);
  EXPECT_TRUE(parsed("--compress auto").measured);
  EXPECT_THROW(parsed("--compress-level 3"), Error);
  EXPECT_THROW(parsed("--compress auto --compress-level 3"), Error);
  EXPECT_THROW(parsed("--compress brotli"), CLI::ValidationError);
}

TEST(PackOptions, on_error_is_fail_unless_skip_is_asked_for) {
  CLI::App app;
  pack::OnError on_error = pack::OnError::fail;
  add_on_error_option(app, on_error);
  app.parse("");
  EXPECT_EQ(on_error, pack::OnError::fail);
  app.parse("--on-error skip");
  EXPECT_EQ(on_error, pack::OnError::skip);
  EXPECT_THROW(app.parse("--on-error ignore"), CLI::ValidationError);
}

TEST(PackOptions, what_was_skipped_is_listed_by_name_and_reason) {
  pack::PackResult result;
  EXPECT_EQ(skipped_document(result).dump(), "[]");
  result.skipped.push_back({.name = "a/1.jpg", .why = "empty"});
  EXPECT_EQ(skipped_document(result).dump(), R"([{"name":"a/1.jpg","why":"empty"}])");
}

TEST(PackOptions, formats_that_are_only_read_are_not_offered) {
  const auto writable = writable_formats();
  EXPECT_TRUE(writable.contains("tar"));
  EXPECT_TRUE(writable.contains("parquet"));
  EXPECT_FALSE(writable.contains("beton"));
}

}  // namespace
}  // namespace headrace::cli
