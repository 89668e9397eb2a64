// Fields that shrink are found; pictures, labels and noise stay; a fast store makes unpacking a
// loss and a slow one a gain.
#include "headrace/pack/field_codecs.h"

#include <gmock/gmock.h>

#include "headrace/pack/picture_tree.h"

namespace headrace::pack {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;

// "words" shrink, "noise" does not.
class Records final : public Source {
 public:
  std::string format() const override { return "records"; }
  uint64_t sample_count() const override { return 1000; }
  std::vector<uint64_t> field_sizes(uint64_t) const override { return {}; }
  std::vector<SourceField> read(uint64_t id) const override {
    std::string words;
    while (words.size() < 20000) words += "sample " + std::to_string(id + words.size()) + "; ";
    return {field("cls", std::to_string(id)), field("jpg", fake_jpeg(id)),
            field("noise", fake_jpeg(id).substr(3)), field("old.zst", words),
            field("words", words)};
  }
  std::string name(uint64_t) const override { return ""; }
  std::vector<std::string> class_names() const override { return {}; }
  uint64_t fingerprint() const override { return 0; }

 private:
  static SourceField field(const std::string& name, const std::string& text) {
    const auto bytes = bytes_of(text);
    return {.name = name, .bytes = {bytes.begin(), bytes.end()}};
  }
};

TEST(FieldCodecs, looks_at_fields_that_may_shrink_all_over_the_source) {
  const FieldSamples samples = sample_fields(Records());
  EXPECT_THAT(samples, ElementsAre(Key("noise"), Key("words")));
  EXPECT_EQ(samples.at("words").size(), 64U);
  EXPECT_NE(samples.at("words").front(), samples.at("words").back());
}

TEST(FieldCodecs, compresses_what_shrinks_and_leaves_noise) {
  using enum codec::Kind;
  for (const codec::Kind kind : {zstd, lz4, gzip, snappy}) {
    const CodecChoice choice =
        choose_codecs(sample_fields(Records()), {kind, codec::level_of(kind)->standard});
    EXPECT_THAT(choice.codecs, ElementsAre(Key("words"))) << codec::name_of(kind);
    EXPECT_EQ(choice.trials.size(), 2U);
    EXPECT_EQ(choice.sample_count, 64U);
  }
}

TEST(FieldCodecs, a_slow_store_is_worth_unpacking_for_and_a_fast_one_is_not) {
  const FieldSamples samples = sample_fields(Records());
  const CodecChoice slow =
      choose_codecs_by_time(samples, {.store_bytes_per_second = 1e5, .core_count = 4});
  EXPECT_THAT(slow.codecs, ElementsAre(Key("words")));
  const CodecChoice fast =
      choose_codecs_by_time(samples, {.store_bytes_per_second = 1e14, .core_count = 1});
  EXPECT_THAT(fast.codecs, IsEmpty());
  EXPECT_EQ(fast.trials.size(), 4U);
}

TEST(FieldCodecs, measures_the_store_of_the_output_where_that_is_wanted) {
  const TempFolder folder;
  const CodecChoice choice =
      choose_codecs(real_files(), Records(), {.measured = true}, folder / "new/out");
  EXPECT_GT(choice.store.bytes_per_second, 1e6);
  EXPECT_EQ(choice.store.random_read_bytes, 32U << 10) << "about a sample";
  EXPECT_EQ(choice.trials.size(), 4U);
  EXPECT_TRUE(choose_codecs(real_files(), Records(), {}, folder / "new/out").trials.empty());
}

TEST(FieldCodecs, counts_reading_what_is_left_and_unpacking_on_all_cores) {
  const CodecTrial trial{.plain_bytes = 1000, .packed_bytes = 250, .unpack_seconds = 0.5};
  EXPECT_DOUBLE_EQ(seconds_a_byte(trial, {.store_bytes_per_second = 100, .core_count = 2}),
                   (2.5 + 0.25) / 1000);
}

TEST(FieldCodecs, are_known_again_by_the_names_of_the_fields) {
  const FieldCodecs codecs = codecs_of_names({"cls", "npy.zst", "a.txt.gz"});
  EXPECT_EQ(codecs.size(), 2U);
  EXPECT_EQ(codecs.at("npy"), (FieldCodec{codec::Kind::zstd, 3}));
  EXPECT_EQ(codecs.at("a.txt").stored_name("a.txt"), "a.txt.gz");
}

}  // namespace
}  // namespace headrace::pack
