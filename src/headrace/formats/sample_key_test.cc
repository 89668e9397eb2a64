// The split of names against what Python's re gives for WebDataset's expression.
#include "headrace/formats/sample_key.h"

#include <gtest/gtest.h>

namespace headrace::formats {
namespace {

struct Case {
  const char* name;
  const char* key;  // null: dropped
  const char* field;
};

TEST(SampleKey, splits_names_as_webdatasets_expression_does) {
  const Case cases[] = {
      {"0.jpg", "0", "jpg"},
      {"a/b.seg.jpg", "a/b", "seg.jpg"},
      {"a.b/c.jpg", "a.b/c", "jpg"},
      {"./0.jpg", "./0", "jpg"},
      {"../x.JPG", "../x", "jpg"},
      {"Key.Seg.PNG", "Key", "seg.png"},
      {"a.", "a", ""},
      {"a/b", nullptr, ""},
      {"a.b/c", nullptr, ""},
      {".jpg", nullptr, ""},
      {".a.b", nullptr, ""},
      {"./.jpg", nullptr, ""},
      {"a.b/.jpg", nullptr, ""},
      {"a/.jpg", "a/", "jpg"},
      {"/.jpg", "/", "jpg"},
      {"a//.jpg", "a//", "jpg"},
      {"x.y/z/.a.b", "x.y/z/", "a.b"},
      {"", nullptr, ""},
      {"/", nullptr, ""},
  };
  for (const Case& expected : cases) {
    const auto split = split_name(expected.name);
    ASSERT_EQ(split.has_value(), expected.key != nullptr) << expected.name;
    if (!split) continue;
    EXPECT_EQ(split->key, expected.key) << expected.name;
    EXPECT_EQ(split->field, expected.field) << expected.name;
  }
}

TEST(SampleKey, drops_metadata_members_only_where_webdataset_does) {
  for (const char* name : {"__meta__", "__meta__/a.jpg", "____", "____/x.json"}) {
    EXPECT_FALSE(split_name(name)) << name;
  }
  for (const char* name : {"a/__meta__.jpg", "__meta__.jpg", "__a.jpg", "a/__m__/b.jpg"}) {
    EXPECT_TRUE(split_name(name)) << name;
  }
}

}  // namespace
}  // namespace headrace::formats
