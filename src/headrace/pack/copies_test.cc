// The same samples several times over: each copy in an order of its own that arithmetic knows, and
// a packing of copies that is killed ends as an uninterrupted one would have.
#include "headrace/formats/copies.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>

#include "headrace/base/error.h"
#include "headrace/formats/tfrecord.h"
#include "headrace/formats/verify.h"
#include "headrace/order/order.h"
#include "headrace/pack/pack.h"
#include "headrace/pack/picture_tree.h"
#include "headrace/pack/source.h"

namespace headrace::pack {
namespace {

using testing::HasSubstr;

std::map<std::string, std::string> bytes_below(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file())
      files[entry.path().lexically_relative(folder)] = read_text(entry.path());
  }
  return files;
}

class CopiesTest : public testing::Test {
 protected:
  void SetUp() override { write_tree(folder_ / "tree", 3, 30); }
  PackOptions options(const std::string& output, uint64_t copy_count = 3) {
    return {.input = folder_ / "tree",
            .output = folder_ / output,
            .shard_size_bytes = 32 * 1024,
            .seed = 11,
            .copy_count = copy_count,
            .job_count = 2,
            .cache_folder = folder_ / "cache"};
  }
  std::string failure_of(const PackOptions& chosen) {
    try {
      pack(chosen, {});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::unique_ptr<Source> opened(const std::string& path) {
    return Source::open(real_files(), path, {.cache_folder = folder_ / "cache"});
  }

  TempFolder folder_;
};

TEST_F(CopiesTest, hold_the_samples_of_the_first_in_the_orders_that_arithmetic_says) {
  for (const formats::ShardFormat* format : {&formats::k_tar_format, &formats::k_tfrecord_format}) {
    PackOptions chosen = options(format->name);
    chosen.format = format;
    const PackResult result = pack(chosen, {});
    EXPECT_EQ(result.sample_count, 90U);
    const auto first = opened(chosen.output);
    uint64_t moved_count = 0;
    for (uint64_t copy = 1; copy < 3; ++copy) {
      const auto other = opened(formats::copy_path(chosen.output, copy));
      const order::EpochOrder order = order::order_of_copy(90, 11, copy);
      for (uint64_t place = 0; place < 90; ++place) {
        const auto here = other->read(place), there = first->read(order.sample_at(place));
        ASSERT_EQ(here.size(), there.size());
        for (size_t i = 0; i < here.size(); ++i) ASSERT_EQ(here[i].bytes, there[i].bytes);
        moved_count += order.sample_at(place) != place ? 1 : 0;
      }
    }
    EXPECT_GT(moved_count, 150U);
    EXPECT_EQ(formats::open_copies(chosen.output, {})->copies(),
              (formats::Copies{.count = 3, .seed = 11}));
  }
}

TEST_F(CopiesTest, killed_at_any_shard_and_run_again_end_the_same) {
  pack(options("whole"), {});
  const uint64_t shard_count = pack(options("whole"), {}).shard_count;
  for (const uint64_t shards_before : {uint64_t{1}, shard_count / 2, shard_count - 1}) {
    std::filesystem::remove_all(folder_ / "out");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      pack(options("out"), [&](const PackProgress& now) {
        if (now.shards_done == shards_before) ::raise(SIGKILL);
      });
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_THROW(formats::open_copies(folder_ / "out", {}), Error);
    EXPECT_GT(pack(options("out"), {}).kept_shard_count, 0U);
    EXPECT_EQ(bytes_below(folder_ / "out"), bytes_below(folder_ / "whole"));
  }
}

TEST_F(CopiesTest, what_the_first_left_out_is_left_out_of_all) {
  write_text(folder_ / "tree/c1/0007.jpg", "no picture");
  PackOptions chosen = options("out");
  chosen.on_error = OnError::skip;
  const PackResult result = pack(chosen, {});
  EXPECT_EQ(result.sample_count, 89U);
  EXPECT_EQ(result.skipped_count, 1U);
  EXPECT_EQ(formats::open_copies(folder_ / "out", {})->sample_count(), 3 * 89U);
}

TEST_F(CopiesTest, fewer_than_the_folder_holds_are_refused_and_more_are_added) {
  pack(options("out", 2), {});
  EXPECT_THAT(failure_of(options("out", 1)), HasSubstr("it holds more than one copy"));
  const PackResult more = pack(options("out", 4), {});
  EXPECT_EQ(more.kept_shard_count * 2, more.shard_count);
  EXPECT_EQ(formats::copy_count(real_files(), folder_ / "out"), 4U);
}

TEST_F(CopiesTest, verify_reads_all_and_finds_one_that_is_damaged_or_of_another_packing) {
  pack(options("out"), {});
  const auto verified = [&] {
    return formats::verify({folder_ / "out"}, {.cache_folder = folder_ / "cache"});
  };
  EXPECT_EQ(verified().damage_count, 0U);
  EXPECT_EQ(verified().sample_count, 3 * 90U);
  EXPECT_EQ(verified().copy_count, 2U);
  const std::string shard = folder_ / "out/copy-2/shard-000001.tar";
  std::string bytes = read_text(shard);
  bytes[bytes.find("\xff\xd8\xff") + 50] ^= 4;
  write_text(shard, bytes);
  ASSERT_GT(verified().damage_count, 0U);
  EXPECT_THAT(verified().damages.front().path, HasSubstr("copy-2/shard-000001.tar"));

  std::filesystem::remove_all(folder_ / "out/copy-2");
  PackOptions other = options("other");
  other.seed = 12;
  pack(other, {});
  std::filesystem::rename(folder_ / "other/copy-2", folder_ / "out/copy-2");
  EXPECT_EQ(verified().damages.front().what,
            "its manifest is not the one that the data set was packed with");
  EXPECT_THROW(formats::open_copies(folder_ / "out", {}), Error);
}

}  // namespace
}  // namespace headrace::pack
