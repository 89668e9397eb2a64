// Pieces of packed sequences as extents. The order itself: order/gpt_order_test.cc; token for token
// through the command: tests/conformance/megatron_order.py.
#include "headrace/pipeline/megatron_dataset.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/token_writer.h"
#include "headrace/pipeline/open_dataset.h"

namespace headrace::pipeline {
namespace {

using testing::HasSubstr;

class MegatronDatasetTest : public testing::Test {
 protected:
  // Documents of 1, 2, ... tokens, each token its place in the .bin.
  void write(const std::string& name, int document_count) const {
    formats::TokenWriter writer(real_files(), folder_ / name, formats::TokenType::int32);
    int32_t next = 0;
    for (int document = 1; document <= document_count; ++document) {
      std::vector<int32_t> tokens(static_cast<size_t>(document));
      for (int32_t& token : tokens) token = next++;
      writer.append(std::as_bytes(std::span(tokens)));
      writer.end_document();
    }
    writer.publish();
  }
  Job job(const std::string& path) const {
    Job job;
    job.dataset = {.paths = {path}, .sequence_tokens = 16};
    job.order.shuffle = order::Shuffle::megatron;
    return job;
  }
  std::string refusal(const Job& job) const {
    try {
      (void)open_dataset(job, {});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  TempFolder folder_;
};

TEST_F(MegatronDatasetTest, a_samples_pieces_add_up_to_its_sequence_and_label) {
  write("t", 40);
  const auto dataset = open_dataset(job(folder_ / "t"), {});
  EXPECT_TRUE(dataset->in_pieces());
  EXPECT_EQ(dataset->sample_count(), (820U - 1) / 16);
  std::vector<formats::FieldExtent> pieces;
  for (uint64_t sample = 0; sample < dataset->sample_count(); ++sample) {
    pieces.clear();
    dataset->append_pieces(sample, pieces);
    uint64_t size_bytes = 0;
    for (const formats::FieldExtent& piece : pieces) {
      size_bytes += piece.length_bytes;
      EXPECT_LE(piece.offset_bytes + piece.length_bytes, 820U * 4);
    }
    EXPECT_EQ(size_bytes, 17U * 4);
    EXPECT_EQ(dataset->locate(sample).field(0).offset_bytes, pieces.front().offset_bytes);
  }
}

TEST_F(MegatronDatasetTest, another_seed_or_number_of_samples_is_another_data_set) {
  write("t", 40);
  Job one = job(folder_ / "t");
  const uint64_t print = open_dataset(one, {})->fingerprint();
  one.order.seed = 1;
  EXPECT_NE(open_dataset(one, {})->fingerprint(), print);
  one.order.seed = 0;
  one.order.samples = 100;
  EXPECT_NE(open_dataset(one, {})->fingerprint(), print);
}

TEST_F(MegatronDatasetTest, several_files_a_wide_seed_and_other_formats_are_refused) {
  write("t", 40);
  Job wide = job(folder_ / "t");
  wide.order.seed = uint64_t{1} << 32;
  EXPECT_THAT(refusal(wide), HasSubstr("Megatron's generator takes 32 bits"));
  write("u", 40);
  EXPECT_THAT(refusal(job(folder_.path())), HasSubstr("it has 2 token files"));
}

TEST_F(MegatronDatasetTest, an_index_that_points_outside_gives_an_extent_of_no_file) {
  write("t", 40);
  const std::string path = folder_ / "t.idx";
  auto bytes = read_file(real_files(), path, 1 << 20);
  const size_t pointers = formats::TokenIndex::k_header_bytes + 4 * 40;
  for (size_t document = 0; document < 39; ++document)
    bytes[pointers + 8 * document + 5] = std::byte{1};
  AtomicFile file(real_files(), path);
  file.append(bytes);
  file.publish();
  const auto dataset = open_dataset(job(folder_ / "t"), {});
  std::vector<formats::FieldExtent> pieces;
  dataset->append_pieces(0, pieces);
  EXPECT_GT(pieces.front().offset_bytes, dataset->size_bytes());
}

}  // namespace
}  // namespace headrace::pipeline
