// One sample: names by bytes, recoding, and refusals that name the sample.
#include "headrace/pack/prepare.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/pack/picture_tree.h"

namespace headrace::pack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class OneSample final : public Source {
 public:
  explicit OneSample(std::vector<std::pair<std::string, std::string>> fields)
      : fields_(std::move(fields)) {}
  std::string format() const override { return "one"; }
  uint64_t sample_count() const override { return 1; }
  std::vector<uint64_t> field_sizes(uint64_t) const override { return {}; }
  std::vector<SourceField> read(uint64_t) const override {
    std::vector<SourceField> fields;
    for (const auto& [name, body] : fields_) {
      const auto bytes = bytes_of(body);
      fields.push_back({.name = name, .bytes = {bytes.begin(), bytes.end()}});
    }
    return fields;
  }
  std::string name(uint64_t) const override { return "sample-name"; }
  std::vector<std::string> class_names() const override { return {}; }
  uint64_t fingerprint() const override { return 0; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

std::vector<std::string> names_of(const Prepared& prepared) {
  std::vector<std::string> names;
  for (const SourceField& field : prepared.fields) names.push_back(field.name);
  return names;
}
std::string failure_of(std::vector<std::pair<std::string, std::string>> fields) {
  try {
    prepare(OneSample(std::move(fields)), 0, {});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}
const std::string k_png = "\x89PNG\r\n\x1a\n";

TEST(Prepare, image_fields_take_the_name_of_their_bytes_and_others_stay) {
  const OneSample source(
      {{"json", "{}"}, {"jpg", k_png}, {"seg.png", "RIFF1234WEBP"}, {"txt", ""}});
  EXPECT_THAT(names_of(prepare(source, 0, {})), ElementsAre("json", "png", "seg.webp", "txt"));
}

TEST(Prepare, compresses_the_fields_that_were_chosen_under_the_codecs_name) {
  const FieldCodecs codecs = {{"json", {codec::Kind::gzip, 6}}};
  const OneSample source({{"json", "[1, 1, 1, 1, 1, 1]"}, {"jpg", k_png}});
  const Prepared prepared = prepare(source, 0, {}, codecs);
  EXPECT_THAT(names_of(prepared), ElementsAre("json.gz", "png"));
  const auto plain = codec::decompressed(codec::Kind::gzip, prepared.fields[0].bytes, 100);
  ASSERT_TRUE(plain);
  EXPECT_TRUE(std::ranges::equal(*plain, bytes_of("[1, 1, 1, 1, 1, 1]")));
  EXPECT_EQ(prepared.bytes_in, 18 + k_png.size());
}

TEST(Prepare, unchanged_means_names_too) {
  const OneSample source({{"json", "{}"}, {"jpg", "no picture"}});
  EXPECT_THAT(names_of(prepare_unchanged(source, 0, {})), ElementsAre("jpg", "json"));
}

TEST(Prepare, refuses_empty_images_other_bytes_and_twins) {
  EXPECT_THAT(failure_of({{"jpg", ""}}), HasSubstr("sample-name: the image is empty"));
  EXPECT_THAT(failure_of({{"jpg", "GIF89a"}}), HasSubstr("neither JPEG"));
  EXPECT_THAT(failure_of({{"jpg", k_png}, {"png", k_png}}), HasSubstr("two of its fields"));
}

TEST(Prepare, pictures_by_other_formats_names_are_found_and_raw_pixels_left) {
  const OneSample source({{"image", "raw pixels"}, {"image.bytes", k_png}, {"label", "7"}});
  EXPECT_THAT(names_of(prepare(source, 0, {})), ElementsAre("image", "label", "png"));
}

TEST(Prepare, only_jpegs_are_recoded) {
  const OneSample source({{"jpg", fake_jpeg(1)}, {"png", k_png}});
  const Recode shrink =
      [](std::span<const std::byte>) -> std::expected<std::vector<std::byte>, std::string> {
    return std::vector<std::byte>(7);
  };
  const Prepared prepared = prepare(source, 0, shrink);
  EXPECT_EQ(prepared.recoded_count, 1U);
  EXPECT_EQ(prepared.fields[0].bytes.size(), 7U);
  EXPECT_EQ(prepared.fields[1].bytes.size(), k_png.size());
  EXPECT_EQ(prepared.bytes_in, 2000 + k_png.size());
  const Recode refuse =
      [](std::span<const std::byte>) -> std::expected<std::vector<std::byte>, std::string> {
    return std::unexpected("CMYK");
  };
  EXPECT_THAT(prepare(source, 0, refuse).left_as, ElementsAre("CMYK"));
}

}  // namespace
}  // namespace headrace::pack
