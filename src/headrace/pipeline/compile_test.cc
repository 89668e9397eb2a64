// Fields find their extensions; what does not fit is said by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/pipeline/plan.h"
#include "headrace/pipeline/presets.h"
#include "headrace/text/small_tokenizer.h"

namespace headrace::pipeline {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FakeDataset final : public formats::Dataset {
 public:
  explicit FakeDataset(std::vector<std::string> names) : names_(std::move(names)) {}
  const std::string& format() const override { return names_.front(); }
  uint64_t sample_count() const override { return 1; }
  const std::vector<std::string>& field_names() const override { return names_; }
  uint64_t file_count() const override { return 1; }
  formats::FileInfo file(uint64_t) const override { return {}; }
  formats::Location locate(uint64_t) const override { return {}; }
  std::string key(uint64_t) const override { return ""; }
  uint64_t size_bytes() const override { return 0; }
  uint64_t fingerprint() const override { return 0; }
  uint64_t first_sample(uint64_t) const override { return 0; }

 private:
  std::vector<std::string> names_;
};

Job job_of(std::string_view text) { return parse_job(text, "job.toml"); }

std::string compile_refusal(std::string_view text) {
  try {
    compile(job_of(text), FakeDataset({"cls", "jpg", "png"}));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Compile, finds_sources_in_the_order_of_preference) {
  const Plan plan = compile(job_of("preset = 'imagenet'\n[batch]\nsize = 10"),
                            FakeDataset({"cls", "jpg", "json", "png"}));
  ASSERT_EQ(plan.fields.size(), 2);
  EXPECT_EQ(plan.fields[0].name, "image");
  EXPECT_THAT(plan.fields[0].sources, ElementsAre(1, 3));
  EXPECT_THAT(plan.fields[1].sources, ElementsAre(0));
  EXPECT_EQ(plan.fields[0].row_bytes, 3 * 224 * 224 * 4);
  EXPECT_THAT(plan.fields[0].spec.shape, ElementsAre(3, 224, 224));
  EXPECT_EQ(plan.fields[1].row_bytes, 8);
  EXPECT_EQ(plan.slot_bytes, 10 * 3 * 224 * 224 * 4 + 128);
}

TEST(Compile, finds_fields_that_are_stored_compressed_by_their_plain_name) {
  const FakeDataset dataset({"cls", "npy", "npy.lz4", "txt.gz"});
  const Plan plan = compile(job_of("[[field]]\nname='npy'\nkind='raw'\nshape=[4]\n"
                                   "[[field]]\nname='txt'\nkind='bytes'\nshape=[4]\n"
                                   "[[field]]\nname='file'\nfrom='txt.gz'\nkind='bytes'\n"
                                   "shape=[4]\n[[field]]\nname='cls'\nkind='integer'"),
                            dataset);
  EXPECT_THAT(plan.fields[0].sources, ElementsAre(1, 2));
  EXPECT_THAT(plan.fields[0].packed, ElementsAre(codec::Kind::none, codec::Kind::lz4));
  EXPECT_THAT(plan.fields[1].sources, ElementsAre(3));
  EXPECT_THAT(plan.fields[1].packed, ElementsAre(codec::Kind::gzip));
  EXPECT_THAT(plan.fields[2].packed, ElementsAre()) << "by its whole name it is what it is";
  EXPECT_THAT(plan.fields[3].packed, ElementsAre());
}

TEST(Compile, a_ragged_field_finds_what_numbers_it_is_stored_as_and_has_its_lengths_beside_it) {
  const FakeDataset dataset({"boxes", "boxes.f32", "boxes.f64.zst", "cls", "cls.i64"});
  const Plan plan = compile(job_of("[batch]\nsize=10\n[[field]]\nname='boxes'\nkind='array'\n"
                                   "type='float32'\nshape=[4]\nragged='pad'\nmax_length=5\n"
                                   "missing='fill'\nfill=-1\n"
                                   "[[field]]\nname='words'\nfrom='boxes'\nkind='array'\n"
                                   "type='int64'\nragged='offsets'\nmax_length=7\nmissing='skip'\n"
                                   "[[field]]\nname='cls'\nkind='integer'"),
                            dataset);
  ASSERT_EQ(plan.fields.size(), 5U);
  const FieldPlan &boxes = plan.fields[0], &lengths = plan.fields[1];
  EXPECT_THAT(boxes.sources, ElementsAre(0, 1, 2));
  EXPECT_EQ(boxes.stored[0], codec::Stored{});
  EXPECT_EQ(boxes.stored[1].elements, codec::Elements::f32);
  EXPECT_EQ(boxes.stored[2].elements, codec::Elements::f64);
  EXPECT_EQ(boxes.packed[2], codec::Kind::zstd);
  EXPECT_THAT(boxes.tensor_shape(10), ElementsAre(10, 5, 4));
  EXPECT_EQ(boxes.missing_row.size(), boxes.row_bytes);
  EXPECT_EQ(lengths.name, "boxes_lengths");
  EXPECT_EQ(lengths.missing_row.size(), 8U);
  EXPECT_THAT(lengths.tensor_shape(10), ElementsAre(10));
  const FieldPlan &words = plan.fields[2], &offsets = plan.fields[3];
  EXPECT_TRUE(words.skips_missing && offsets.skips_missing && words.missing_row.empty());
  EXPECT_EQ(words.lengths_field, 3U);
  EXPECT_THAT(words.tensor_shape(33), ElementsAre(33));
  EXPECT_EQ(offsets.name, "words_offsets");
  EXPECT_TRUE(offsets.becomes_offsets);
  EXPECT_EQ(plan.fields[4].slot_offset_bytes - offsets.slot_offset_bytes, 128U)
      << "one more than the batch has rows";
  EXPECT_THAT(plan.fields[4].sources, ElementsAre(3)) << "an integer takes no list";
}

TEST(Compile, a_name_that_a_ragged_field_needs_is_not_given_twice) {
  EXPECT_THAT(compile_refusal("[[field]]\nname='a'\nfrom='cls'\nkind='array'\ntype='int64'\n"
                              "ragged='pad'\nmax_length=5\n"
                              "[[field]]\nname='a_lengths'\nfrom='cls'\nkind='integer'"),
              HasSubstr("lengths or offsets of that name"));
}

TEST(Compile, builds_the_operator_that_the_job_describes) {
  const Plan plan =
      compile(job_of("[[field]]\nname='jpg'\ncrop='center'\nsize=[96,64]\nresize=128\n"
                     "layout='hwc'\ntype='uint8'\n"
                     "[[field]]\nname='cls'\nkind='integer'\ntype='int32'\n"
                     "[[field]]\nname='text'\nfrom='cls'\nkind='bytes'\nshape=[5]"),
              FakeDataset({"cls", "jpg"}));
  EXPECT_THAT(plan.fields[0].spec.shape, ElementsAre(96, 64, 3));
  EXPECT_EQ(plan.fields[0].spec.type, ops::Type::uint8);
  EXPECT_EQ(plan.fields[1].spec.type, ops::Type::int32);
  EXPECT_EQ(plan.fields[2].row_bytes, 5);
}

TEST(Compile, says_what_the_data_set_has_instead) {
  EXPECT_THAT(compile_refusal("[[field]]\nname = 'image'\nfrom = 'jpeg|jpgg'"),
              AllOf(HasSubstr("image"), HasSubstr("no \"jpeg\", \"jpgg\""),
                    HasSubstr("\"cls\", \"jpg\", \"png\""), HasSubstr("nearest: \"jpg\"")));
  EXPECT_THAT(compile_refusal(""), HasSubstr("no fields"));
}

TEST(Compile, refuses_types_that_an_operator_cannot_make) {
  EXPECT_THAT(compile_refusal("[[field]]\nname='cls'\nkind='integer'\ntype='float32'"),
              HasSubstr("integer field cannot be float32"));
  EXPECT_THAT(compile_refusal("[[field]]\nname='jpg'\ntype='int64'"), HasSubstr("cannot be int64"));
  EXPECT_THAT(compile_refusal("[[field]]\nname='jpg'\ncrop='center'\nsize=224\nresize=100"),
              HasSubstr("cannot prepare field jpg"));
}

TEST(Compile, text_becomes_a_row_of_ids_by_the_tokenizer_of_its_field) {
  const TempFolder folder;
  const std::string path = folder / "tokenizer.json";
  nlohmann::json file = text::small_tokenizer();
  const auto write = [&] { std::ofstream(path) << file.dump(); };
  write();
  const FakeDataset dataset({"txt"});
  const auto job = [&](const std::string& keys) {
    return job_of(fmt::format("[[field]]\nname='txt'\nkind='text'\nshape=[8]\ntokenizer='{}'\n{}",
                              path, keys));
  };
  const Plan plan = compile(job("pad_token='<|pad|>'\ntype='int32'"), dataset);
  EXPECT_THAT(plan.fields[0].spec.shape, ElementsAre(8));
  EXPECT_EQ(plan.fields[0].row_bytes, 32);
  EXPECT_THROW(compile(job("pad_token='<|none|>'"), dataset), Error);
  const uint64_t hash = compile(job(""), dataset).hash;
  file["model"]["merges"] = nlohmann::json::array({"h e"});
  write();
  EXPECT_NE(compile(job(""), dataset).hash, hash);
}

TEST(Compile, hashes_what_changes_bytes_and_nothing_else) {
  const FakeDataset dataset({"cls", "jpg"});
  const auto hash = [&](std::string_view text) { return compile(job_of(text), dataset).hash; };
  const uint64_t base = hash("preset = 'imagenet'");
  EXPECT_EQ(hash("preset = 'imagenet'\n[batch]\nsize = 7\n[loader]\nworkers = 3"), base);
  EXPECT_NE(hash("preset = 'imagenet-eval'"), base);
  const std::string field = "[[field]]\nname = 'jpg'\n";
  EXPECT_NE(hash(field), hash(field + "flip = 0.5"));
  EXPECT_NE(hash(field), hash(field + "type = 'float16'"));
}

}  // namespace
}  // namespace headrace::pipeline
