// The text that DALI's own tool makes of the same shard.
#include "headrace/formats/dali_index.h"

#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/scan_all.h"
#include "headrace/formats/tar_builder.h"
#include "headrace/formats/tar_samples.h"
#include "headrace/formats/tfrecord.h"

namespace headrace::formats {
namespace {

TEST(DaliIndex, has_a_line_a_sample_with_data_offsets) {
  const TempFolder folder;
  write_text(folder / "s.tar", TarBuilder()
                                   .add("0.cls", "7")
                                   .add("0.jpg", std::string(600, 'j'))
                                   .add("1.jpg", "x")
                                   .finished());
  write_dali_index(real_files(), folder / "s.tar", k_tar_format);
  EXPECT_EQ(read_text(folder / "s.idx"),
            "v1.2 2\n"
            "cls 512 1 0.cls jpg 1536 600 0.jpg\n"
            "jpg 3072 1 1.jpg\n");
}

TEST(DaliIndex, has_the_samples_that_we_read_where_dali_by_itself_has_more) {
  const TempFolder folder;
  write_text(folder / "s.tar", TarBuilder()
                                   .add("README", "x")
                                   .add("__meta__/a.json", "{}")
                                   .add("b/0.Seg.JPG", "j")
                                   .finished());
  EXPECT_EQ(dali_index_of(real_files(), folder / "s.tar"), "v1.2 1\nseg.jpg 2560 1 b/0.Seg.JPG\n");
}

TEST(DaliIndex, of_a_tfrecord_file_has_each_records_place_and_size) {
  const TempFolder folder;
  const std::string shard = encode_samples(k_tfrecord_format, 2);
  write_text(folder / "s.tfrecord", shard);
  write_dali_index(real_files(), folder / "s.tfrecord", k_tfrecord_format);
  uint64_t length = 0;
  std::memcpy(&length, shard.data(), 8);
  EXPECT_EQ(read_text(folder / "s.idx"),
            fmt::format("0 {}\n{} {}\n", length + 16, length + 16, shard.size() - length - 16));
  write_text(folder / "s.tfrecord", shard.substr(1));
  EXPECT_THROW(dali_tfrecord_index_of(real_files(), folder / "s.tfrecord"), Error);
}

TEST(DaliIndex, refuses_names_that_dali_cannot_read) {
  const TempFolder folder;
  write_text(folder / "s.tar", TarBuilder().add("a b.jpg", "x").finished());
  EXPECT_THROW(dali_index_of(real_files(), folder / "s.tar"), Error);
  write_text(folder / "s.tar", "cut off");
  EXPECT_THROW(dali_index_of(real_files(), folder / "s.tar"), Error);
}

TEST(DaliIndex, lies_beside_the_shard) { EXPECT_EQ(dali_index_path("a/x.tar"), "a/x.idx"); }

}  // namespace
}  // namespace headrace::formats
