// The job's words reach the data set.
#include "headrace/pipeline/open_dataset.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/token_writer.h"

namespace headrace::pipeline {
namespace {

void write_tokens(const std::string& prefix, uint64_t count) {
  formats::TokenWriter writer(real_files(), prefix, formats::TokenType::uint16);
  writer.append(std::vector<std::byte>(2 * count));
  writer.end_document();
  writer.publish();
}

std::string refusal(const Job& job) {
  try {
    (void)open_dataset(job, {});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(OpenDataset, joins_what_is_to_be_blended) {
  TempFolder folder;
  write_tokens(folder / "a", 100);
  write_tokens(folder / "b", 61);
  Job job;
  job.dataset.sequence_tokens = 10;
  job.blend = {{.paths = {folder / "a"}, .weight = 1}, {.paths = {folder / "b"}, .weight = 3}};
  EXPECT_EQ(open_dataset(job, {})->first_samples_of_parts(), (std::vector<uint64_t>{0, 9, 15}));
  job.order.shuffle = order::Shuffle::megatron;
  job.order.samples = 40;
  // 10 and 30 samples, and one more each: two and six epochs of 100 and 61 tokens.
  EXPECT_EQ(open_dataset(job, {})->first_samples_of_parts(), (std::vector<uint64_t>{0, 19, 55}));
}

TEST(OpenDataset, refuses_blends_that_megatron_cannot_make) {
  TempFolder folder;
  write_tokens(folder / "a", 100);
  Job job;
  job.dataset.sequence_tokens = 10;
  job.order.shuffle = order::Shuffle::megatron;
  job.blend = {{.paths = {folder / "a"}}, {.paths = {folder / "a"}}};
  EXPECT_THAT(refusal(job), testing::HasSubstr("the blend has no weights"));
  job.blend[0].weight = job.blend[1].weight = 1;
  EXPECT_THAT(refusal(job), testing::HasSubstr("set order.samples"));
  job.order.samples = 8;
  EXPECT_EQ(refusal(job), "");
  job.dataset.parts = 2;
  EXPECT_THAT(refusal(job), testing::HasSubstr("no parts of a blend"));
}

TEST(OpenDataset, takes_the_sequence_and_the_order_from_the_job) {
  TempFolder folder;
  write_tokens(folder / "t", 100);
  Job job;
  job.dataset = {.paths = {folder / "t"}, .sequence_tokens = 10};
  EXPECT_EQ(open_dataset(job, {})->sample_count(), 9U);
  EXPECT_FALSE(open_dataset(job, {})->in_pieces());
  job.order.shuffle = order::Shuffle::megatron;
  EXPECT_TRUE(open_dataset(job, {})->in_pieces());
}

TEST(OpenDataset, several_paths_are_one_data_set_and_none_is_named_twice) {
  TempFolder folder;
  Job job;
  job.dataset.sequence_tokens = 10;
  for (const char* name : {"a", "b"}) {
    formats::TokenWriter writer(real_files(), folder / name, formats::TokenType::uint16);
    writer.append(std::vector<std::byte>(2 * 101));
    writer.end_document();
    writer.publish();
    job.dataset.paths.push_back(folder / name);
  }
  const auto both = open_dataset(job, {});
  EXPECT_EQ(both->sample_count(), 20U);
  EXPECT_EQ(both->file_count(), 2U);
  job.dataset.paths = {folder / "a", folder / "a.bin"};
  EXPECT_THROW(open_dataset(job, {}), Error);
}

}  // namespace
}  // namespace headrace::pipeline
