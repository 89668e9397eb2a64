// The webdataset package reads what we pack, and we read what it writes, with the same keys and
// bytes. Runs when HEADRACE_PYTHON names a Python that has webdataset, numpy and Pillow.
#include <gtest/gtest.h>

#include <cstdlib>

#include "headrace/formats/dataset.h"
#include "headrace/pack/pack.h"
#include "headrace/pack/picture_tree.h"

namespace headrace::pack {
namespace {

class WebdatasetConformance : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("HEADRACE_PYTHON") == nullptr) {
      GTEST_SKIP() << "HEADRACE_PYTHON is not set: webdataset's own reading is not compared";
    }
  }
  void run_python(const std::string& arguments) {
    const auto script = std::filesystem::path(__FILE__).parent_path() /
                        "../../../tests/conformance/webdataset_roundtrip.py";
    const std::string command =
        fmt::format("{} '{}' {}", std::getenv("HEADRACE_PYTHON"), script.string(), arguments);
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  // The same form that the script writes.
  std::string dump_of(const std::string& folder) {
    const auto dataset = formats::Dataset::open(folder, {.cache_folder = folder_ / "cache"});
    std::map<uint32_t, std::string> shards;
    std::string text;
    for (uint64_t id = 0; id < dataset->sample_count(); ++id) {
      const formats::Location location = dataset->locate(id);
      std::string& shard = shards[location.file_index];
      if (shard.empty()) shard = read_text(dataset->file(location.file_index).path);
      for (size_t i = 0; i < location.fields.size(); ++i) {
        const formats::FieldExtent& field = location.fields[i];
        if (field.length_bytes == formats::k_absent) continue;
        text += fmt::format("{}\n{}\n{}\n", dataset->key(id), dataset->field_names()[i],
                            field.length_bytes);
        text += shard.substr(field.offset_bytes, field.length_bytes);
      }
    }
    return text;
  }
  void expect_same_reading(const std::string& folder) {
    run_python(fmt::format("dump '{}' '{}'", folder, folder_ / "dump"));
    const std::string theirs = read_text(folder_ / "dump");
    EXPECT_GT(theirs.size(), 1000U);
    EXPECT_EQ(theirs == dump_of(folder), true) << "readings differ";
  }

  TempFolder folder_;
};

TEST_F(WebdatasetConformance, it_reads_the_shards_that_we_pack) {
  write_tree(folder_ / "tree", 3, 30);
  write_text(folder_ / "tree/c1/p.jpg", "\x89PNG\r\n\x1a\n a png by its bytes");
  pack({.input = folder_ / "tree",
        .output = folder_ / "out",
        .shard_size_bytes = 32 * 1024,
        .cache_folder = folder_ / "cache"},
       {});
  expect_same_reading(folder_ / "out");
}

TEST_F(WebdatasetConformance, we_read_the_shards_that_it_writes_and_odd_members_as_it_does) {
  std::filesystem::create_directories(folder_ / "theirs");
  run_python(fmt::format("write '{}'", folder_ / "theirs"));
  expect_same_reading(folder_ / "theirs");
}

}  // namespace
}  // namespace headrace::pack
