// Marks, locks, and which shards count as finished.
#include "headrace/pack/output_folder.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/pack/picture_tree.h"
#include "headrace/pack/tar_shard_writer.h"

namespace headrace::pack {
namespace {

class OutputFolderTest : public testing::Test {
 protected:
  OutputFolderTest() {
    write_tree(folder_ / "tree", 1, 4);
    source_ = Source::open(real_files(), folder_ / "tree", {.cache_folder = folder_ / "cache"});
  }
  Plan plan(uint64_t seed = 0) const {
    return Plan::make(*source_, {.shard_size_bytes = 1, .seed = seed});
  }
  TempFolder folder_;
  std::unique_ptr<Source> source_;
  const std::string out_ = folder_ / "a/b/out";
};

TEST_F(OutputFolderTest, a_shard_is_finished_when_tar_and_index_fit_the_plan) {
  const Plan mine = plan(), other = plan(1);
  const OutputFolder output(real_files(), out_, mine);
  EXPECT_FALSE(output.finished_shard(0));
  TarShardWriter(real_files(), output.shard_path(0)).finish(mine.stamp(0));
  EXPECT_TRUE(output.finished_shard(0));
  TarShardWriter(real_files(), output.shard_path(1)).finish(mine.stamp(0));
  EXPECT_FALSE(output.finished_shard(1));
  TarShardWriter(real_files(), output.shard_path(1)).finish(other.stamp(1));
  EXPECT_FALSE(output.finished_shard(1));
  std::filesystem::resize_file(output.shard_path(0), 512);
  EXPECT_FALSE(output.finished_shard(0));
  std::filesystem::remove(output.shard_path(0));
  EXPECT_FALSE(output.finished_shard(0));
}

TEST_F(OutputFolderTest, the_mark_of_another_plan_is_refused_and_ones_own_is_not) {
  const Plan mine = plan(), other = plan(1);
  OutputFolder(real_files(), out_, mine).mark();
  { const OutputFolder again(real_files(), out_, mine); }
  { const OutputFolder before_any_shard(real_files(), out_, other); }
  write_text(out_ + "/shard-000000.tar", "of the first plan");
  EXPECT_THROW(OutputFolder(real_files(), out_, other), Error);
}

TEST_F(OutputFolderTest, the_mark_says_what_is_compressed) {
  const Plan mine = plan();
  EXPECT_EQ(OutputFolder::packed_names(real_files(), out_), std::nullopt);
  OutputFolder(real_files(), out_, mine, {"npy.zst", "txt.lz4"}).mark();
  EXPECT_EQ(OutputFolder::packed_names(real_files(), out_),
            (std::vector<std::string>{"npy.zst", "txt.lz4"}));
  write_text(out_ + "/headrace.packing.json", "{\"compressed\": [1, {}], \"x\"");
  EXPECT_EQ(OutputFolder::packed_names(real_files(), out_), std::vector<std::string>());
}

TEST_F(OutputFolderTest, what_a_killed_run_left_half_written_goes) {
  write_text(out_ + "/shard-000003.tar.hrx.77.1.partial", "half");
  write_text(out_ + "/shard-000003.tar.hrx.77.1", "whole, but not in its place");
  write_text(out_ + "/of-the-user.partial", "whole");
  OutputFolder(real_files(), out_, plan()).mark();
  EXPECT_FALSE(std::filesystem::exists(out_ + "/shard-000003.tar.hrx.77.1.partial"));
  EXPECT_FALSE(std::filesystem::exists(out_ + "/shard-000003.tar.hrx.77.1"));
  EXPECT_TRUE(std::filesystem::exists(out_ + "/of-the-user.partial"));
}

TEST_F(OutputFolderTest, foreign_shards_are_never_overwritten) {
  const Plan mine = plan();
  std::filesystem::create_directories(out_);
  write_text(out_ + "/shard-000000.tar", "precious");
  EXPECT_THROW(OutputFolder(real_files(), out_, mine), Error);
  EXPECT_EQ(read_text(out_ + "/shard-000000.tar"), "precious");
}

TEST_F(OutputFolderTest, one_at_a_time) {
  const Plan mine = plan();
  const OutputFolder output(real_files(), out_, mine);
  EXPECT_THROW(OutputFolder(real_files(), out_, mine), Error);
}

}  // namespace
}  // namespace headrace::pack
