// The table of keys is sound, and docs/job.md is what it says.
#include "headrace/pipeline/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace headrace::pipeline {
namespace {

std::string documentation() {
  const auto root = std::filesystem::path(__FILE__).parent_path() / "../../..";
  const auto bytes = read_file(real_files(), (root / "docs/job.md").string(), 1 << 20);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Keys, are_documented_word_for_word) {
  const std::string text = documentation();
  EXPECT_TRUE(text.ends_with(keys_as_markdown())) << "docs/job.md must end with:\n"
                                                  << keys_as_markdown();
}

TEST(Keys, are_unique) {
  std::set<std::string> seen;
  for (const auto& key : job_keys()) {
    EXPECT_TRUE(seen.insert(std::string(key.table) + "." + std::string(key.name)).second);
  }
  for (const auto& key : field_keys()) EXPECT_TRUE(seen.insert(std::string(key.name)).second);
}

TEST(Keys, have_defaults_within_their_limits) {
  Job job;
  std::string text, table;
  for (const auto& key : job_keys()) {
    if (key.table != table) text += "[" + (table = key.table) + "]\n";
    text += std::string(key.name) + " = " + written(key.value, job) + "\n";
  }
  EXPECT_EQ(parse_job(text, "defaults"), Job{});
}

}  // namespace
}  // namespace headrace::pipeline
