// Packing that is stopped, killed or runs out of disk leaves nothing half-written, and the next run
// ends as an uninterrupted one would have.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/formats/dataset.h"
#include "headrace/pack/pack.h"
#include "headrace/pack/picture_tree.h"

namespace headrace::pack {
namespace {

using testing::HasSubstr;

class ResumeTest : public testing::Test {
 protected:
  ResumeTest() {
    write_tree(folder_ / "tree", 3, 40);
    pack(options("whole"), {});
  }
  PackOptions options(const std::string& output = "out") {
    return {.input = folder_ / "tree",
            .output = folder_ / output,
            .shard_size_bytes = 32 * 1024,
            .job_count = 2,
            .cache_folder = folder_ / "cache"};
  }
  void expect_no_half_shard() {
    for (const auto& [name, body] : bytes_of_folder(folder_ / "out")) {
      if (!name.ends_with(".tar")) continue;
      EXPECT_EQ(body, read_text(folder_ / "whole/" + name));
    }
  }
  void expect_next_run_finishes() {
    pack(options(), {});
    EXPECT_EQ(bytes_of_folder(folder_ / "out"), bytes_of_folder(folder_ / "whole"));
  }

  TempFolder folder_;
};

TEST_F(ResumeTest, after_kill_9_at_any_shard_the_next_run_ends_the_same) {
  for (const uint64_t shards_before : {0, 1, 3}) {
    std::filesystem::remove_all(folder_ / "out");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      pack(options(), [&](const PackProgress& now) {
        const bool in_the_middle = now.shards_done == shards_before && now.bytes_out % 7 == 3;
        if (now.shards_done > shards_before || in_the_middle) ::raise(SIGKILL);
      });
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    expect_no_half_shard();
    EXPECT_THROW(formats::Dataset::open(folder_ / "out", {.cache_folder = folder_ / "cache"}),
                 Error);
    expect_next_run_finishes();
  }
}

TEST_F(ResumeTest, finished_shards_are_not_written_again) {
  std::stop_source stop;
  PackOptions chosen = options();
  chosen.stop = stop.get_token();
  try {
    pack(chosen, [&](const PackProgress& now) {
      if (now.shards_done == 2) stop.request_stop();
    });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::interrupted);
    EXPECT_THAT(error.what(), HasSubstr("2 of "));
    EXPECT_THAT(error.what(), HasSubstr("the same command goes on"));
  }
  for (const auto& entry : bytes_of_folder(folder_ / "out")) {
    EXPECT_FALSE(entry.first.ends_with(".partial")) << entry.first;
  }
  const auto before = std::filesystem::last_write_time(folder_ / "out/shard-000001.tar");
  EXPECT_EQ(pack(options(), {}).kept_shard_count, 2U);
  EXPECT_EQ(std::filesystem::last_write_time(folder_ / "out/shard-000001.tar"), before);
  expect_next_run_finishes();
}

TEST_F(ResumeTest, a_disk_that_is_full_at_any_write_leaves_no_half_shard) {
  for (int nth = 1;; nth += 3) {
    std::filesystem::remove_all(folder_ / "out");
    FaultyFiles faulty;
    PackOptions chosen = options();
    chosen.files = &faulty;
    faulty.fail(FileCall::write, nth, ENOSPC);
    try {
      pack(chosen, {});
      EXPECT_GT(nth, 10) << "no write was reached";
      break;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::no_space) << error.what();
    }
    expect_no_half_shard();
    if (nth % 4 == 1) expect_next_run_finishes();
  }
}

TEST_F(ResumeTest, failing_syncs_and_renames_leave_no_half_shard_either) {
  for (const FileCall call : {FileCall::sync, FileCall::rename, FileCall::remove}) {
    for (const int nth : {1, 2, 3, 5, 8}) {
      std::filesystem::remove_all(folder_ / "out");
      FaultyFiles faulty;
      PackOptions chosen = options();
      chosen.files = &faulty;
      faulty.fail(call, nth, EIO);
      try {
        pack(chosen, {});
      } catch (const Error&) {
        expect_no_half_shard();
      }
    }
    expect_next_run_finishes();
  }
}

TEST_F(ResumeTest, a_picture_that_cannot_be_read_is_named) {
  FaultyFiles faulty;
  PackOptions chosen = options();
  chosen.files = &faulty;
  faulty.fail(FileCall::read, 20, EIO);
  try {
    pack(chosen, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::io);
    EXPECT_THAT(error.what(), HasSubstr("tree/c"));
  }
}

TEST_F(ResumeTest, a_shard_that_was_damaged_or_removed_is_made_again) {
  pack(options(), {});
  write_text(folder_ / "out/headrace.packing.json",
             "");  // as if another packing had begun
  EXPECT_THROW(pack(options(), {}), Error);
  std::filesystem::remove(folder_ / "out/headrace.packing.json");
  expect_next_run_finishes();
}

TEST_F(ResumeTest, two_packings_into_one_folder_are_refused) {
  EXPECT_THROW(pack(options(),
                    [&](const PackProgress& now) {
                      if (now.samples_done == 1) pack(options(), {});
                    }),
               Error);
}

}  // namespace
}  // namespace headrace::pack
