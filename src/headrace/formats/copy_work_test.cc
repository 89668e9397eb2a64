// Parts by several threads are one file, in order, with the index that a scan of it would make.
#include "headrace/formats/copy_work.h"

#include <gtest/gtest.h>

#include <thread>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/jsonl.h"
#include "headrace/formats/shard_index.h"
#include "headrace/formats/tfrecord.h"

namespace headrace::formats {
namespace {

// Part k holds k % 5 records, whose fields say where they belong; some part or record may fail.
class CountedParts final : public RecordParts {
 public:
  struct Options {
    uint64_t part_count = 40;
    uint64_t failing_part = ~uint64_t{0};
    bool fails_within = false;
    uint64_t late_name_from = ~uint64_t{0};
    size_t text_bytes = 3;
  };
  explicit CountedParts(const Options& options) : options_(options) {}
  std::expected<std::unique_ptr<RecordReader>, ScanFailure> next_part() override {
    if (next_ == options_.part_count) return nullptr;
    const uint64_t number = next_++;
    if (number == options_.failing_part && !options_.fails_within) {
      return std::unexpected(ScanFailure{"told to fail", number});
    }
    return std::make_unique<Records>(options_, number);
  }
  uint64_t at_bytes() const override { return next_; }
  uint64_t part_bytes() const override { return 100; }

 private:
  struct Records final : RecordReader {
    Records(const Options& from, uint64_t of_part) : options(from), part(of_part) {}
    std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> next() override {
      if (part == options.failing_part) return std::unexpected(ScanFailure{"told to fail", part});
      if (record == part % 5) return std::nullopt;
      label = std::to_string(100 * part + record);
      text.assign(options.text_bytes + record, static_cast<char>('a' + part % 26));
      fields = {{"label", std::as_bytes(std::span(label))}};
      if (part >= options.late_name_from) fields.push_back({"late", {}});
      if (++record % 2 == 1) fields.push_back({"text", std::as_bytes(std::span(text))});
      return fields;
    }
    uint64_t at_bytes() const override { return part; }
    Options options;
    uint64_t part, record = 0;
    std::string label, text;
    std::vector<FieldBytes> fields;
  };
  Options options_;
  uint64_t next_ = 0;
};

class CopyWorkTest : public testing::Test {
 protected:
  std::optional<ScanFailure> copy(const CountedParts::Options& options, uint32_t threads,
                                  const std::string& name) {
    CountedParts parts(options);
    AtomicFile file(real_files(), folder_ / name);
    CopyIndex index(real_files(), folder_ / name + k_index_suffix);
    auto failure = CopyWork(parts, file, index, {.threads = threads, .tell = {}}).run();
    if (failure) return failure;
    index.show(file.size_bytes());
    file.publish();
    return std::nullopt;
  }
  ShardPlace place(const std::string& name) {
    return {.path = folder_ / name,
            .stat = real_files().stat(folder_ / name).value(),
            .cache_folder = {},
            .format = &k_tfrecord_format};
  }
  TempFolder folder_;
};

TEST_F(CopyWorkTest, threads_change_neither_the_file_nor_its_index) {
  ASSERT_FALSE(copy({}, 1, "one"));
  ASSERT_FALSE(copy({}, 4, "four"));
  EXPECT_TRUE(read_text(folder_ / "one") == read_text(folder_ / "four"));
  const std::string index = read_text(folder_ / "one.hrx");
  EXPECT_FALSE(index.empty());
  EXPECT_TRUE(index == read_text(folder_ / "four.hrx"));
  std::filesystem::remove(folder_ / "one.hrx");
  EXPECT_EQ(open_shard_index(real_files(), place("one"), BodyCheck::full).index.sample_count(),
            80U);
  EXPECT_TRUE(index == read_text(folder_ / "one.hrx")) << "a scan makes another index";
}

TEST_F(CopyWorkTest, parts_that_are_longer_than_a_thread_may_hold_are_written_in_turn) {
  const CountedParts::Options options{.part_count = 9, .text_bytes = 12 << 20};
  ASSERT_FALSE(copy(options, 3, "long"));
  ASSERT_FALSE(copy(options, 1, "one"));
  EXPECT_EQ(real_files().stat(folder_ / "long")->size_bytes,
            real_files().stat(folder_ / "one")->size_bytes);
  EXPECT_TRUE(read_text(folder_ / "long.hrx") == read_text(folder_ / "one.hrx"));
}

TEST_F(CopyWorkTest, a_name_that_comes_late_leaves_the_index_to_a_scan) {
  ASSERT_FALSE(copy({.late_name_from = 20}, 2, "late"));
  EXPECT_FALSE(real_files().stat(folder_ / "late.hrx"));
  const auto found = open_shard_index(real_files(), place("late"), BodyCheck::full);
  EXPECT_EQ(found.index.field_names(), (std::vector<std::string>{"label", "late", "text"}));
}

TEST_F(CopyWorkTest, a_failure_ends_all_threads_and_leaves_nothing) {
  for (const bool within : {false, true}) {
    const auto failure = copy({.failing_part = 17, .fails_within = within}, 3, "failed");
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->offset_bytes, 17U);
    EXPECT_TRUE(real_files().list(folder_.path())->empty());
  }
}

TEST_F(CopyWorkTest, what_the_files_and_the_teller_throw_comes_out) {
  CountedParts parts({});
  FaultyFiles faulty;
  AtomicFile file(faulty, folder_ / "full");
  CopyIndex index(real_files(), folder_ / "full.hrx");
  faulty.fail(FileCall::write, 2, ENOSPC);
  EXPECT_THROW((void)CopyWork(parts, file, index, {.threads = 3, .tell = {}}).run(), Error);
  CountedParts more({});
  AtomicFile whole(real_files(), folder_ / "stopped");
  CopyIndex other(real_files(), folder_ / "stopped.hrx");
  const auto stop = [](uint64_t at_bytes) {
    if (at_bytes > 10) throw Error({.code = Code::interrupted, .action = "stopped"});
  };
  EXPECT_THROW((void)CopyWork(more, whole, other, {.threads = 3, .tell = stop}).run(), Error);
}

}  // namespace
}  // namespace headrace::formats
