// The job's words reach the data set.
#include "headrace/pipeline/open_dataset.h"

#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/token_writer.h"

namespace headrace::pipeline {
namespace {

TEST(OpenDataset, takes_the_sequence_and_the_order_from_the_job) {
  TempFolder folder;
  formats::TokenWriter writer(real_files(), folder / "t", formats::TokenType::uint16);
  writer.append(std::vector<std::byte>(2 * 100));
  writer.end_document();
  writer.publish();
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
