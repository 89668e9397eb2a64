// Packing end to end: what comes out, that it depends on nothing but the input, and what bad input
// does.
#include "headrace/pack/pack.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/manifest.h"
#include "headrace/pack/picture_tree.h"

namespace headrace::pack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PackTest : public testing::Test {
 protected:
  PackOptions options(const std::string& output = "out") {
    return {.input = folder_ / "tree",
            .output = folder_ / output,
            .shard_size_bytes = 64 * 1024,
            .job_count = 2,
            .cache_folder = folder_ / "cache"};
  }
  std::unique_ptr<formats::Dataset> open(const std::string& output = "out") {
    return formats::Dataset::open(folder_ / output, {.cache_folder = folder_ / "cache"});
  }
  static std::string field(const formats::Dataset& dataset, uint64_t id, size_t field_index) {
    const formats::Location location = dataset.locate(id);
    const formats::FieldExtent extent = location.fields[field_index];
    if (extent.length_bytes == formats::k_absent) return "(absent)";
    const std::string bytes = read_text(dataset.file(location.file_index).path)
                                  .substr(extent.offset_bytes, extent.length_bytes);
    EXPECT_EQ(extent.checksum, xxh3(bytes));
    return bytes;
  }
  std::string failure_of(const PackOptions& chosen) {
    try {
      pack(chosen, {});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::map<std::string, std::string> out(const std::string& name = "out") {
    return bytes_of_folder(folder_ / name);
  }

  TempFolder folder_;
};

TEST_F(PackTest, every_picture_comes_out_once_with_its_class) {
  write_tree(folder_ / "tree", 3, 40);
  const PackResult result = pack(options(), {});
  EXPECT_EQ(result.sample_count, 120U);
  EXPECT_GT(result.shard_count, 2U);
  const auto dataset = open();
  EXPECT_THAT(dataset->field_names(), ElementsAre("cls", "jpg"));
  EXPECT_THAT(dataset->class_names(), ElementsAre("c0", "c1", "c2"));
  std::map<std::string, std::string> class_of;
  for (uint64_t id = 0; id < 120; ++id) class_of[field(*dataset, id, 1)] = field(*dataset, id, 0);
  ASSERT_EQ(class_of.size(), 120U);
  for (int c = 0; c < 3; ++c) {
    for (int p = 0; p < 40; ++p) {
      const auto body = read_text(folder_ / fmt::format("tree/c{}/{:04}.jpg", c, p));
      EXPECT_EQ(class_of[body], std::to_string(c));
    }
  }
  EXPECT_EQ(dataset->key(0), "000000000");
  EXPECT_EQ(dataset->key(119), "000000119");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out/headrace.packing.json"));
}

TEST_F(PackTest, output_is_the_same_for_any_number_of_jobs) {
  write_tree(folder_ / "tree", 3, 40);
  for (const size_t jobs : {1, 2, 8}) {
    PackOptions chosen = options("out" + std::to_string(jobs));
    chosen.job_count = jobs;
    pack(chosen, {});
  }
  EXPECT_EQ(out("out1"), out("out2"));
  EXPECT_EQ(out("out1"), out("out8"));
}

TEST_F(PackTest, order_follows_the_seed_or_the_source) {
  write_tree(folder_ / "tree", 2, 20);
  PackOptions as_is = options("a");
  as_is.order = SampleOrder::as_is;
  pack(as_is, {});
  const auto dataset = open("a");
  for (uint64_t id = 0; id < 40; ++id) {
    EXPECT_EQ(field(*dataset, id, 1),
              read_text(folder_ / fmt::format("tree/c{}/{:04}.jpg", id / 20, id % 20)));
  }
  PackOptions other = options("s1");
  other.seed = 1;
  pack(options("s0"), {});
  pack(other, {});
  EXPECT_NE(out("s0"), out("s1"));
  EXPECT_NE(out("s0"), out("a"));
}

TEST_F(PackTest, a_second_run_finds_nothing_to_do_and_changes_nothing) {
  write_tree(folder_ / "tree", 2, 20);
  pack(options(), {});
  const auto before = out();
  const PackResult again = pack(options(), {});
  EXPECT_EQ(again.kept_shard_count, again.shard_count);
  EXPECT_EQ(again.bytes_out, 0U);
  EXPECT_EQ(out(), before);
}

TEST_F(PackTest, another_plan_in_the_same_folder_is_refused) {
  write_tree(folder_ / "tree", 2, 20);
  pack(options(), {});
  PackOptions other = options();
  other.seed = 7;
  EXPECT_THAT(failure_of(other), HasSubstr("other input or other options"));
  write_tree(folder_ / "tree", 2, 21);
  EXPECT_THAT(failure_of(options()), HasSubstr("other input or other options"));
  PackOptions onto_itself = options();
  onto_itself.output = onto_itself.input;
  EXPECT_THAT(failure_of(onto_itself), HasSubstr("the input itself"));
}

TEST_F(PackTest, fields_are_named_by_bytes_and_shards_share_one_list_of_fields) {
  write_tree(folder_ / "tree", 1, 3);
  write_text(folder_ / "tree/c0/0001.jpg", "\x89PNG\r\n\x1a\nbody");
  PackOptions chosen = options();
  chosen.order = SampleOrder::as_is;
  chosen.shard_size_bytes = 1;  // a shard a sample
  const PackResult result = pack(chosen, {});
  EXPECT_EQ(result.shard_count, 3U);
  std::filesystem::remove_all(folder_ / "cache");
  const auto dataset = open();
  EXPECT_THAT(dataset->field_names(), ElementsAre("cls", "jpg", "png"));
  EXPECT_EQ(field(*dataset, 1, 1), "(absent)");
  EXPECT_EQ(field(*dataset, 1, 2), "\x89PNG\r\n\x1a\nbody");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "cache")) << "opening widened an index";
}

TEST_F(PackTest, recoding_replaces_jpegs_and_counts_what_is_left) {
  write_tree(folder_ / "tree", 1, 10);
  write_text(folder_ / "tree/c0/p.png", "\x89PNG\r\n\x1a\nbody");
  PackOptions chosen = options();
  chosen.recode =
      [](std::span<const std::byte> bytes) -> std::expected<std::vector<std::byte>, std::string> {
    if (bytes.size() % 2 == 0) return std::unexpected("progressive");
    return std::vector<std::byte>(bytes.begin(), bytes.begin() + 100);
  };
  const PackResult result = pack(chosen, {});
  EXPECT_EQ(result.recoded_count + result.left_as_is.at("progressive"), 10U);
  EXPECT_GT(result.recoded_count, 0U);
}

TEST_F(PackTest, bad_pictures_stop_the_run_or_are_skipped_and_listed) {
  write_tree(folder_ / "tree", 1, 10);
  write_text(folder_ / "tree/c0/empty.jpg", "");
  write_text(folder_ / "tree/c0/text.jpg", "this is no picture");
  EXPECT_THAT(failure_of(options()), HasSubstr("cannot pack"));
  for (const auto& [name, body] : out()) {
    EXPECT_TRUE(name.ends_with(".json") || name.ends_with(".hrx") || name.ends_with(".tar"))
        << name;
  }
  PackOptions chosen = options("skipped");
  chosen.on_error = OnError::skip;
  const PackResult result = pack(chosen, {});
  EXPECT_EQ(result.sample_count, 10U);
  EXPECT_EQ(result.skipped_count, 2U);
  ASSERT_EQ(result.skipped.size(), 2U);
  EXPECT_THAT(result.skipped[0].name, HasSubstr("tree/c0/"));
  EXPECT_EQ(result.skipped[0].why.find("hint"), std::string::npos);
  EXPECT_EQ(open("skipped")->sample_count(), 10U);
}

TEST_F(PackTest, a_run_that_a_bad_picture_stopped_goes_on_with_skip_and_never_back) {
  write_tree(folder_ / "tree", 1, 40);
  write_text(folder_ / "tree/c0/text.jpg", "this is no picture");
  PackOptions chosen = options();
  chosen.shard_size_bytes = 16 * 1024;
  EXPECT_THAT(failure_of(chosen), HasSubstr("cannot pack"));
  PackOptions skipping = chosen;
  skipping.on_error = OnError::skip;
  EXPECT_EQ(pack(skipping, {}).sample_count, 40U);
  EXPECT_THAT(failure_of(chosen), HasSubstr("left 1 bad samples out of shard-"));
  EXPECT_EQ(open()->sample_count(), 40U);
  EXPECT_EQ(pack(skipping, {}).skipped_count, 1U);
}

TEST_F(PackTest, a_tar_is_repacked_with_all_its_fields) {
  write_text(folder_ / "in.tar", formats::TarBuilder()
                                     .add("x/a.json", "{}")
                                     .add("x/a.seg.png", "\x89PNG\r\n\x1a\nseg")
                                     .add("x/a.jpeg", fake_jpeg(1))
                                     .add("x/b.jpeg", fake_jpeg(2))
                                     .finished());
  PackOptions chosen = options();
  chosen.input = folder_ / "in.tar";
  chosen.order = SampleOrder::as_is;
  pack(chosen, {});
  const auto dataset = open();
  EXPECT_THAT(dataset->field_names(), ElementsAre("jpg", "json", "seg.png"));
  EXPECT_EQ(field(*dataset, 1, 0), fake_jpeg(2));
}

TEST_F(PackTest, the_fingerprint_outlives_a_lost_index) {
  write_tree(folder_ / "tree", 1, 10);
  pack(options(), {});
  const uint64_t fingerprint = open()->fingerprint();
  std::filesystem::remove(folder_ / "out/shard-000000.tar.hrx");
  EXPECT_EQ(open()->fingerprint(), fingerprint);
}

TEST_F(PackTest, dali_indexes_are_written_on_demand) {
  write_tree(folder_ / "tree", 1, 3);
  PackOptions chosen = options();
  chosen.dali_index = true;
  pack(chosen, {});
  EXPECT_THAT(read_text(folder_ / "out/shard-000000.idx"), HasSubstr("v1.2 3\ncls 512 1 0000"));
}

TEST_F(PackTest, progress_counts_up_to_the_totals) {
  write_tree(folder_ / "tree", 2, 20);
  PackProgress last;
  pack(options(), [&](const PackProgress& now) {
    EXPECT_GE(now.samples_done, last.samples_done);
    EXPECT_GE(now.bytes_out, last.bytes_out);
    last = now;
  });
  EXPECT_EQ(last.samples_done, 40U);
  EXPECT_EQ(last.shards_done, last.shards_total);
}

}  // namespace
}  // namespace headrace::pack
