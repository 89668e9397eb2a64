// Trees and lists, and those without a file to read.
#include "headrace/doctor/sample_files.h"

#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/doctor/fixture_tree.h"

namespace headrace::doctor {
namespace {

TEST(SampleFiles, finds_the_largest_at_any_depth_and_counts_all) {
  FixtureTree tree("set/a/b/c: 12345\nset/d: 1\nset/e: 123");
  const SampleFiles found = find_sample_files(real_files(), tree.root() + "/set");
  ASSERT_EQ(found.files.size(), 3u);
  EXPECT_EQ(found.files[0].path, tree.root() + "/set/a/b/c");
  EXPECT_EQ(found.file_count, 3u);
  EXPECT_EQ(found.size_bytes, 6u + 2 + 4);
  EXPECT_TRUE(found.all);
}

TEST(SampleFiles, takes_one_file_and_a_brace_list) {
  FixtureTree tree("t-0.tar: 1\nt-1.tar: 2");
  EXPECT_EQ(find_sample_files(real_files(), tree.root() + "/t-0.tar").file_count, 1u);
  EXPECT_EQ(find_sample_files(real_files(), tree.root() + "/t-{0..1}.tar").file_count, 2u);
}

TEST(SampleFiles, keeps_a_bounded_number_of_them) {
  std::string lines;
  for (size_t i = 0; i < 5 * k_kept_limit; ++i) lines += "set/" + std::to_string(i) + ": x\n";
  FixtureTree tree(lines);
  const SampleFiles found = find_sample_files(real_files(), tree.root() + "/set");
  EXPECT_EQ(found.files.size(), k_kept_limit);
  EXPECT_EQ(found.file_count, 5 * k_kept_limit);
}

TEST(SampleFiles, says_what_is_not_there_or_not_to_be_listed) {
  FixtureTree tree("empty/");
  EXPECT_THROW(find_sample_files(real_files(), tree.root() + "/none"), Error);
  EXPECT_THROW(find_sample_files(real_files(), tree.root() + "/empty"), Error);
  EXPECT_THROW(find_sample_files(real_files(), "{1..0"), Error);
  FaultyFiles files;
  files.fail(FileCall::list, 1, EACCES);
  EXPECT_THROW(find_sample_files(files, tree.root() + "/empty"), Error);
}

}  // namespace
}  // namespace headrace::doctor
