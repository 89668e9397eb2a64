// The job's words reach the data set.
#include "headrace/pipeline/open_dataset.h"

#include <gtest/gtest.h>

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
  job.dataset = {.path = folder / "t", .sequence_tokens = 10};
  EXPECT_EQ(open_dataset(job, {})->sample_count(), 9U);
  EXPECT_FALSE(open_dataset(job, {})->in_pieces());
  job.order.shuffle = order::Shuffle::megatron;
  EXPECT_TRUE(open_dataset(job, {})->in_pieces());
}

}  // namespace
}  // namespace headrace::pipeline
