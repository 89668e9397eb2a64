// Sources give the sizes they promise.
#include "headrace/pack/source.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/pack/picture_tree.h"
#include "headrace/pack/read_whole.h"

namespace headrace::pack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Source, a_tree_gives_class_numbers_and_files_of_the_promised_sizes) {
  const TempFolder folder;
  write_tree(folder / "tree", 2, 3);
  const auto source =
      Source::open(real_files(), folder / "tree", {.cache_folder = folder / "cache"});
  ASSERT_EQ(source->sample_count(), 6U);
  for (uint64_t id = 0; id < 6; ++id) {
    const auto fields = source->read(id);
    ASSERT_EQ(fields.size(), 2U);
    EXPECT_THAT(source->field_sizes(id),
                ElementsAre(fields[0].bytes.size(), fields[1].bytes.size()));
  }
  EXPECT_THAT(source->name(4), HasSubstr("c1/0001.jpg"));
  EXPECT_THAT(source->class_names(), ElementsAre("c0", "c1"));
}

TEST(Source, a_file_that_grew_in_place_is_seen) {
  const TempFolder folder;
  write_tree(folder / "tree", 1, 1);
  (void)Source::open(real_files(), folder / "tree", {.cache_folder = folder / "cache"});
  write_text(folder / "tree/c0/0000.jpg", fake_jpeg(1, 9000));
  const auto source =
      Source::open(real_files(), folder / "tree", {.cache_folder = folder / "cache"});
  EXPECT_EQ(source->field_sizes(0)[1], 9000U);
}

TEST(Source, a_file_that_shrank_is_an_error_with_its_byte) {
  const TempFolder folder;
  write_tree(folder / "tree", 1, 1);
  const auto source =
      Source::open(real_files(), folder / "tree", {.cache_folder = folder / "cache"});
  std::filesystem::resize_file(folder / "tree/c0/0000.jpg", 100);
  try {
    source->read(0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.parts().offset_bytes, 100U);
  }
}

}  // namespace
}  // namespace headrace::pack
