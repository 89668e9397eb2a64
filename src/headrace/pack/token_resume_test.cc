// What is gone on with, and what is not.
#include "headrace/pack/token_resume.h"

#include <gtest/gtest.h>

#include "headrace/base/temp_folder.h"

namespace headrace::pack {
namespace {

class TokenResumeTest : public testing::Test {
 protected:
  TokenResumeTest() {
    write_text(folder_ / "out.bin.partial", std::string(100, 'x'));
    write_text(folder_ / "out.idx.lengths.partial", std::string(12, 'x'));
    write_text(folder_ / "out.idx.documents.partial", std::string(24, 'x'));
    write_resume(real_files(), out_, resume_);
  }
  TempFolder folder_;
  const std::string out_ = folder_ / "out";
  const TokenResume resume_ = {
      .place = {.file_index = 3, .offset_bytes = 70},
      .written = {.sequence_count = 3, .document_count = 2, .size_bytes = 100},
      .of = uint64_t{1} << 63};
};

TEST_F(TokenResumeTest, what_is_written_is_found) {
  const auto found = find_resume(real_files(), out_, resume_.of);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->place, resume_.place);
  EXPECT_EQ(found->written.sequence_count, 3u);
  EXPECT_EQ(found->written.document_count, 2u);
  EXPECT_EQ(found->written.size_bytes, 100u);
  remove_resume(real_files(), out_);
  EXPECT_FALSE(find_resume(real_files(), out_, resume_.of));
}

TEST_F(TokenResumeTest, nothing_of_other_texts_is_gone_on_with) {
  EXPECT_FALSE(find_resume(real_files(), out_, resume_.of + 1));
}

TEST_F(TokenResumeTest, nothing_is_gone_on_with_that_is_not_all_there) {
  for (const char* name : {"out.bin", "out.idx.lengths", "out.idx.documents"}) {
    const std::string path = folder_ / (std::string(name) + ".partial");
    const std::string whole = read_text(path);
    write_text(path, whole.substr(1));
    EXPECT_FALSE(find_resume(real_files(), out_, resume_.of)) << name;
    write_text(path, whole + "more");
    EXPECT_TRUE(find_resume(real_files(), out_, resume_.of)) << name;
  }
}

TEST_F(TokenResumeTest, what_is_damaged_is_not_believed) {
  const std::string whole = read_text(out_ + ".idx.resume");
  for (size_t size = 0; size < whole.size(); ++size) {
    write_text(out_ + ".idx.resume", whole.substr(0, size));
    EXPECT_FALSE(find_resume(real_files(), out_, resume_.of)) << size;
  }
}

}  // namespace
}  // namespace headrace::pack
