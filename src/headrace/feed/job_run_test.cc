// A job on a folder becomes a whole record; what is wrong with it is said before anything is read.
#include "headrace/feed/job_run.h"

#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::feed {
namespace {

void write(const std::string& path, std::string_view text) {
  AtomicFile file(real_files(), path);
  file.append(std::as_bytes(std::span(text)));
  file.publish();
}

// A class-per-folder tree of files that are no pictures: enough for fields of raw bytes.
class JobRunTest : public testing::Test {
 protected:
  JobRunTest() {
    for (const char* name : {"cat", "dog"}) {
      make_folders(real_files(), tree_ / name);
      for (int i = 0; i < 20; ++i) {
        write(tree_ / fmt::format("{}/{:02}.jpg", name, i), "\xff\xd8\xff\xe0 no picture");
      }
    }
  }
  pipeline::Job job(const std::string& fields) {
    pipeline::Job job = pipeline::parse_job(fields, "test");
    job.batch.size = 8;
    job.dataset.paths = {tree_.path()};
    return job;
  }
  JobRun run(const pipeline::Job& job) {
    return run_job(job, {.command_line = "headrace feed x", .cache_folder = cache_.path()},
                   {.clock = clock_});
  }
  TempFolder tree_, cache_;
  SteadyClock clock_;
};

constexpr const char* k_bytes =
    "[[field]]\nname = \"b\"\nfrom = \"jpg\"\nkind = \"bytes\"\nshape = [32]\n"
    "[[field]]\nname = \"label\"\nfrom = \"cls\"\nkind = \"integer\"\n";

TEST_F(JobRunTest, fills_the_record) {
  const JobRun outcome = run(job(k_bytes));
  EXPECT_EQ(outcome.record.totals.samples, 40u);
  EXPECT_EQ(outcome.record.totals.steps, 5u);
  EXPECT_EQ(outcome.record.dataset.format, "image-folder");
  EXPECT_EQ(outcome.record.command, "headrace feed x");
  EXPECT_NE(outcome.record.job_toml.find("size = 8"), std::string::npos);
  EXPECT_TRUE(outcome.record.window.unpacked_folder);
  EXPECT_FALSE(outcome.interrupted);
}

TEST_F(JobRunTest, bad_pictures_fail_or_are_skipped_and_listed) {
  pipeline::Job images = job("preset = \"imagenet\"\n");
  EXPECT_THROW(run(images), Error);
  images.loader.on_error = pipeline::OnError::skip;
  const JobRun outcome = run(images);
  EXPECT_EQ(outcome.record.skipped, 40u);
  EXPECT_EQ(outcome.record.skipped_listed.size(), 40u);
  EXPECT_EQ(outcome.record.totals.samples, 0u);
}

TEST_F(JobRunTest, says_which_fields_it_leaves_out_where_none_are_named) {
  formats::TarBuilder tar;
  for (const char* name : {"0.cls", "0.jpg", "0.txt"}) tar.add(name, "3");
  write(tree_ / "a.tar", tar.finished());
  pipeline::Job open = job("[loader]\non_error = \"skip\"\n");
  open.dataset.paths = {tree_ / "a.tar"};
  EXPECT_EQ(run(open).record.dataset.notes.back(),
            "no fields are named, and these are not fed: txt");
  EXPECT_TRUE(run(job(k_bytes)).record.dataset.notes.empty());
}

TEST_F(JobRunTest, a_blend_is_fed_by_its_weights_and_says_so) {
  pipeline::Job blend = job(k_bytes);
  blend.dataset.paths = {};
  blend.blend = {{.paths = {tree_.path()}, .weight = 3, .name = "three"},
                 {.paths = {tree_.path()}, .weight = 1}};
  blend.order.samples = 40;
  const observe::RunRecord record = run(blend).record;
  EXPECT_EQ(record.totals.samples, 40U);
  ASSERT_EQ(record.dataset.blend.size(), 2U);
  EXPECT_EQ(record.dataset.blend[0].name, "three");
  EXPECT_EQ(record.dataset.blend[0].fed, 30U);
  EXPECT_EQ(record.dataset.blend[1].fed, 10U);
  EXPECT_DOUBLE_EQ(record.dataset.blend[1].share, 0.25);
}

TEST_F(JobRunTest, a_field_that_the_data_lacks_is_an_error_before_the_first_read) {
  EXPECT_THROW(run(job("[[field]]\nname = \"t\"\nfrom = \"txt\"\nkind = \"integer\"\n")), Error);
}

TEST_F(JobRunTest, a_data_set_that_is_not_there_is_named) {
  pipeline::Job gone = job(k_bytes);
  gone.dataset.paths = {tree_ / "gone"};
  EXPECT_THROW(run(gone), Error);
}

}  // namespace
}  // namespace headrace::feed
