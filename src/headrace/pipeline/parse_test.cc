// Jobs that are read, and what is said of those that are not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/pipeline/job.h"

namespace headrace::pipeline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string refusal(std::string_view text) {
  try {
    parse_job(text, "job.toml");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParseJob, takes_an_empty_text_as_all_defaults) { EXPECT_EQ(parse_job("", "x"), Job{}); }

TEST(ParseJob, refuses_letters_and_spaces_that_toml_does_not_take_outside_of_strings) {
  for (const char* letter : {"\u00e9", "\ufe7f", "\u2005", "\u1681", "\U0001f600"}) {
    EXPECT_THAT(refusal(std::string(letter) + "preset = 'imagenet'\n"), HasSubstr("job.toml:1"));
  }
}

TEST(ParseJob, reads_a_blend_and_refuses_half_of_one) {
  const Job job = parse_job(R"(
[[blend]]
path = "web"
weight = 0.7
[[blend]]
path = ["books-1", "books-2"]
weight = 0.3
name = "books"
)",
                            "job.toml");
  ASSERT_EQ(job.blend.size(), 2U);
  EXPECT_EQ(weights_of(job), (std::vector<double>{0.7, 0.3}));
  EXPECT_EQ(data_paths(job), (std::vector<std::string>{"web", "books-1", "books-2"}));
  EXPECT_EQ(parse_job(write_job(job), "again"), job);
  EXPECT_THAT(refusal("[[blend]]\nweight = 1\n"), HasSubstr("lacks \"path\""));
  EXPECT_THAT(refusal("[[blend]]\npath = \"a\"\nweight = 1\n[[blend]]\npath = \"b\"\n"),
              HasSubstr("in every [[blend]] or in none"));
  EXPECT_THAT(refusal("[dataset]\npath = \"a\"\n[[blend]]\npath = \"b\"\n"), HasSubstr("not both"));
  EXPECT_THAT(refusal("blend = 3\n"), HasSubstr("must be tables, each headed [[blend]]"));
}

TEST(ParseJob, reads_each_kind_of_value) {
  const Job job = parse_job(R"(
[dataset]
path = "shards"
cache = "direct"
[order]
shuffle = "window"
seed = 9223372036854775807
[batch]
last = "pad"
rank = 3
world_size = 4
[loader]
read_ahead = "128M"
verify_checksums = false
on_error = "skip"
[device]
step_ms = 40
workload = "resnet50"
[[field]]
name = "image"
from = "jpg|png"
crop = "center"
size = 128
ratio = [1, 1.5]
type = "bfloat16"
[[field]]
name = "tokens"
kind = "raw"
type = "int32"
shape = [2, 512]
)",
                            "job.toml");
  EXPECT_EQ(job.dataset.paths, std::vector<std::string>{"shards"});
  EXPECT_EQ(job.dataset.cache, Cache::direct);
  EXPECT_EQ(job.order.shuffle, order::Shuffle::window);
  EXPECT_EQ(job.order.seed, 9223372036854775807u);
  EXPECT_EQ(job.batch.last, order::LastBatch::pad);
  EXPECT_EQ(job.batch.rank, 3);
  EXPECT_EQ(job.loader.read_ahead_bytes, 128 << 20);
  EXPECT_FALSE(job.loader.verify_checksums);
  EXPECT_EQ(job.loader.on_error, OnError::skip);
  EXPECT_EQ(job.device.step_ms, 40);
  EXPECT_EQ(job.device.workload, WorkloadName::resnet50);
  ASSERT_EQ(job.fields.size(), 2);
  EXPECT_EQ(job.fields[0].size, (std::vector<uint64_t>{128, 128}));
  EXPECT_EQ(job.fields[0].ratio, (std::array<double, 2>{1, 1.5}));
  EXPECT_EQ(job.fields[0].type, ops::Type::bfloat16);
  EXPECT_EQ(job.fields[1].shape, (std::vector<uint64_t>{2, 512}));
}

TEST(ParseJob, names_place_key_and_nearest_of_an_unknown_key) {
  EXPECT_THAT(refusal("[batch]\n  sise = 4\n"),
              AllOf(HasSubstr("job.toml:2:3"), HasSubstr("unknown key \"sise\" in \"batch\""),
                    HasSubstr("nearest known key: \"size\"")));
  EXPECT_THAT(refusal("[ordr]\nseed = 4\n"), HasSubstr("nearest known key: \"order\""));
  EXPECT_THAT(refusal("[[field]]\nname = 'a'\nresise = 4\n"),
              AllOf(HasSubstr("job.toml:3:1"), HasSubstr("\"resize\"")));
  EXPECT_THAT(refusal("[batch]\nzzzzzzzz = 4\n"), HasSubstr("known are \"size\""));
}

TEST(ParseJob, names_what_a_value_must_be) {
  EXPECT_THAT(refusal("[batch]\nsize = \"many\"\n"),
              AllOf(HasSubstr("job.toml:2:8"), HasSubstr("\"batch.size\" must be: whole number")));
  EXPECT_THAT(refusal("[batch]\nsize = 0\n"), HasSubstr("from 1 to 1048576"));
  EXPECT_THAT(refusal("[batch]\nsize = 2.5\n"), HasSubstr("whole number"));
  EXPECT_THAT(refusal("[order]\nseed = -1\n"), HasSubstr("whole number from 0"));
  EXPECT_THAT(
      refusal("[order]\nshuffle = \"globl\"\n"),
      AllOf(HasSubstr("\"none\", \"global\", \"window\""), HasSubstr("nearest: \"global\"")));
  EXPECT_THAT(refusal("[loader]\nread_ahead = \"12 bananas\"\n"), HasSubstr("must be: size"));
  EXPECT_THAT(refusal("[loader]\nverify_checksums = 1\n"), HasSubstr("true or false"));
  EXPECT_THAT(refusal("[device]\nstep_ms = nan\n"), HasSubstr("number from 0"));
  EXPECT_THAT(refusal("batch = 4\n"), HasSubstr("must be a table, headed [batch]"));
  EXPECT_THAT(refusal("field = [1]\n"), HasSubstr("[[field]]"));
  EXPECT_THAT(refusal("[[field]]\nname = 'a'\nmean = [1, 2]\n"), HasSubstr("array of 3 numbers"));
  EXPECT_THAT(refusal("[[field]]\nname = 'a'\nsize = [1, 2, 3]\n"), HasSubstr("\"field.size\""));
}

TEST(ParseJob, takes_one_data_set_or_a_list_of_them) {
  const auto paths = [](const std::string& text) {
    return parse_job("[dataset]\npath = " + text + "\n", "x").dataset.paths;
  };
  EXPECT_EQ(paths("['/a', '/b']"), (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(paths("['/a']"), paths("'/a'"));
  for (const char* bad : {"[]", "['/a', '']", "['/a', 4]", "[['/a']]", "7"}) {
    EXPECT_THAT(refusal(std::string("[dataset]\npath = ") + bad + "\n"),
                HasSubstr("\"dataset.path\" must be: text, or array of at most 64"));
  }
}

TEST(ParseJob, names_settings_that_contradict_each_other) {
  EXPECT_THAT(refusal("[batch]\nrank = 2\nworld_size = 2\n"), HasSubstr("below"));
  EXPECT_THAT(refusal("preset = 'raw'\n[[field]]\nname = 'a'\n"), HasSubstr("not both"));
  EXPECT_THAT(refusal("preset = 'imagnet'\n"), HasSubstr("nearest: \"imagenet\""));
  EXPECT_THAT(refusal("[[field]]\nkind = 'image'\n"), HasSubstr("lacks \"name\""));
  EXPECT_THAT(refusal("[[field]]\nname = 'a'\n[[field]]\nname = 'a'\n"), HasSubstr("two fields"));
  EXPECT_THAT(refusal("[[field]]\nname = 'a'\nscale = [1, 0.5]\n"), HasSubstr("[least, largest]"));
  EXPECT_THAT(refusal("[[field]]\nname = 'a'\nkind = 'bytes'\n"), HasSubstr("needs \"shape\""));
  EXPECT_THAT(refusal("[[field]]\nname = 'a'\nshape = [3]\n"), HasSubstr("an image has \"size\""));
}

TEST(ParseJob, an_array_declares_its_type_and_how_long_it_may_be) {
  const Job job = parse_job(
      "[[field]]\nname='x'\nkind='array'\ntype='float32'\nshape=[4]\nragged='offsets'\n"
      "max_length=9\nmissing='skip'\nfill=-1.5\nmember='a.b'",
      "x");
  EXPECT_EQ(job.fields[0].ragged, Ragged::offsets);
  EXPECT_EQ(job.fields[0].max_length, 9U);
  EXPECT_EQ(job.fields[0].missing, Missing::skip);
  EXPECT_EQ(parse_job(write_job(job), "x"), job);
  const std::pair<const char*, const char*> refused[] = {
      {"kind='array'", "needs \"type\""},
      {"kind='strings'", "needs \"shape\""},
      {"kind='array'\ntype='int32'\nragged='pad'", "go together"},
      {"kind='array'\ntype='int32'\nmax_length=4", "go together"},
      {"kind='integer'\nmissing='fill'", "\"fill\" is for"},
      {"kind='integer'\nmember='a'", "are for the kinds"}};
  for (const auto& [keys, cause] : refused) {
    EXPECT_THAT(refusal(fmt::format("[[field]]\nname='x'\n{}", keys)), HasSubstr(cause));
  }
}

TEST(ParseJob, names_the_place_of_text_that_is_no_toml) {
  EXPECT_THAT(refusal("[batch\nsize = 4\n"), HasSubstr("job.toml:1:7"));
  EXPECT_THAT(refusal("[batch]\nsize = 4\nsize = 5\n"), HasSubstr("job.toml:3"));
  EXPECT_THAT(refusal(std::string(100'000, '[')), HasSubstr("job.toml:1"));
  EXPECT_THAT(refusal(std::string((1 << 20) + 1, ' ')), HasSubstr("1 MiB"));
  EXPECT_THAT(refusal("\xff\xfe"), HasSubstr("cannot read job"));
}

TEST(LoadJob, says_which_file_is_not_there) {
  const TempFolder folder;
  EXPECT_THROW(load_job(real_files(), folder / "headrace.toml"), Error);
}

}  // namespace
}  // namespace headrace::pipeline
