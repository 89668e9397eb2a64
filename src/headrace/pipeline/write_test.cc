// A written job reads back as the same job.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/pipeline/keys.h"
#include "headrace/pipeline/presets.h"

namespace headrace::pipeline {
namespace {

template <class Owner>
void draw(const Value<Owner>& value, Owner& owner, uint64_t random) {
  const auto whole = [&](uint64_t least, uint64_t most) {
    return most - least == ~uint64_t{0} ? random : least + random % (most - least + 1);
  };
  const auto real = [&](double least, double most) {
    return least + (most - least) * static_cast<double>(random >> 11) * 0x1p-53;
  };
  std::visit(
      [&](const auto& v) {
        if constexpr (requires { v.words; }) {
          v.set(owner, random % v.words.size());
        } else if constexpr (requires { v.most_texts; }) {
          v.at(owner).clear();
          for (uint64_t i = 0; i < random % 4; ++i)
            v.at(owner).push_back(std::to_string(i) + "/\"");
        } else if constexpr (requires { v.count_min; }) {
          const size_t count = v.count_min + random % (v.count_max - v.count_min + 1);
          v.at(owner).assign(count, whole(1, v.most));
        } else if constexpr (std::is_same_v<decltype(v.at(owner)), uint64_t&>) {
          v.at(owner) = whole(v.least, v.most);
        } else if constexpr (std::is_same_v<decltype(v.at(owner)), double&>) {
          v.at(owner) = real(v.least, v.most);
        } else if constexpr (std::is_same_v<decltype(v.at(owner)), bool&>) {
          v.at(owner) = random % 2 == 1;
        } else if constexpr (std::is_same_v<decltype(v.at(owner)), std::string&>) {
          v.at(owner) = "a\"b\\c\n\t\x7f" + std::to_string(random);
        } else {
          for (double& number : v.at(owner)) number = real(v.least, v.most);
        }
      },
      value);
}

std::vector<uint64_t> shape_for(FieldKind kind) {
  if (kind == FieldKind::bytes || kind == FieldKind::raw) return {3, 5};
  if (kind == FieldKind::array || kind == FieldKind::strings) return {9};
  if (kind == FieldKind::boundaries || kind == FieldKind::text) return {7};
  return {};
}

Job random_job(uint64_t seed) {
  Job job;
  for (const Key<Job>& key : job_keys()) draw(key.value, job, seed = mix64(seed));
  job.batch.world_size = job.batch.rank + 1;
  job.dataset.parts = job.dataset.part + 1;
  for (uint64_t i = 0; i < seed % 4; ++i) {
    FieldJob field;
    for (const Key<FieldJob>& key : field_keys()) draw(key.value, field, seed = mix64(seed));
    field.shape = shape_for(field.kind);
    const bool is_array = field.kind == FieldKind::array || field.kind == FieldKind::strings;
    if (is_array) {
      field.type = ops::Type::uint8;
      field.max_length = field.ragged == Ragged::none ? 0 : 1 + seed % 1000;
    } else {
      field.ragged = Ragged::none;
      field.missing = Missing::error;
      field.max_length = 0;
      field.member.clear();
    }
    job.fields.push_back(field);
  }
  return job;
}

TEST(WriteJob, reads_back_as_the_same_job_whatever_it_holds) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    const Job job = random_job(seed);
    const std::string text = write_job(job);
    ASSERT_EQ(parse_job(text, "written"), job) << text;
  }
}

TEST(WriteJob, numbers_with_exponents_are_toml_and_read_back) {
  Job job;
  job.blend = {{.paths = {"a"}, .weight = 1e-7}, {.paths = {"b"}, .weight = 1e12}};
  job.device.step_ms = 5e-324;
  FieldJob field{.name = "x", .flip = 1e-7, .fill = -1e15};
  field.scale = {1e-6, 0.1};
  job.fields = {field};
  const std::string text = write_job(job);
  EXPECT_THAT(text, ::testing::HasSubstr("flip = 1e-07\n"));
  EXPECT_EQ(parse_job(text, "written"), job) << text;
  const Job read = parse_job("[[blend]]\npath = \"a\"\nweight = 1e-7\n", "test");
  EXPECT_EQ(read.blend[0].weight, 1e-7);
  EXPECT_THROW(parse_job("[[blend]]\npath = \"a\"\nweight = 1e22\n", "test"), Error);
}

TEST(WriteJob, says_every_setting_but_those_of_fields_and_device_that_are_defaults) {
  Job job;
  job.dataset.paths = {"shards"};
  job.fields = *preset_fields("imagenet");
  const std::string text = write_job(job);
  EXPECT_THAT(text, ::testing::HasSubstr("read_ahead = \"64M\"\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("flip = 0.5\nnormalize = \"imagenet\"\n"));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("[device]")));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("dct_scaling")));
  EXPECT_EQ(parse_job(text, "written"), job);
}

}  // namespace
}  // namespace headrace::pipeline
