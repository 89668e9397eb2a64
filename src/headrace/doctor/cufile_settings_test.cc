// cufile.json as NVIDIA ships it, and as nobody should.
#include "headrace/doctor/cufile_settings.h"

#include <gtest/gtest.h>

namespace headrace::doctor {
namespace {

TEST(CufileSettings, reads_json_with_comments) {
  const auto settings = parse_cufile_json(R"({
    // NOTE : comments are allowed
    "logging": { "level": "ERROR" },
    "execution" : { "max_io_threads": 4 /* a pool */ },
    "properties": {
      "max_direct_io_size_kb" : 16384,
      "max_device_cache_size_kb" : 131072,
      "allow_compat_mode": true,
      "use_pci_p2pdma": false,
      "io_batchsize": 128,
      "unknown": [1, 2]
    }
  })");
  ASSERT_TRUE(settings) << settings.error();
  EXPECT_EQ(*settings, (CufileSettings{.allow_compat_mode = true,
                                       .use_pci_p2pdma = false,
                                       .max_direct_io_size_kb = 16384,
                                       .max_device_cache_size_kb = 131072,
                                       .max_io_threads = 4,
                                       .io_batchsize = 128}));
}

TEST(CufileSettings, takes_an_empty_object) {
  EXPECT_EQ(parse_cufile_json("{}"), CufileSettings());
}

TEST(CufileSettings, says_what_is_wrong_with_hostile_texts) {
  EXPECT_EQ(parse_cufile_json("").error(), "no JSON from byte 1 on");
  EXPECT_EQ(parse_cufile_json("[]").error(), "the whole is not an object");
  EXPECT_EQ(parse_cufile_json(R"({"properties": 3})").error(), "properties is not an object");
  EXPECT_EQ(parse_cufile_json(R"({"properties": {"io_batchsize": -1}})").error(),
            "io_batchsize is not a number from 0 up");
  EXPECT_EQ(parse_cufile_json(R"({"properties": {"allow_compat_mode": "yes"}})").error(),
            "allow_compat_mode is not true or false");
  EXPECT_FALSE(parse_cufile_json(std::string(100'000, '[')));
  EXPECT_FALSE(parse_cufile_json("{\"properties\": {\"io_batchsize\": 1e400}}"));
}

}  // namespace
}  // namespace headrace::doctor
