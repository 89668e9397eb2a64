// Names that come and go within a part, and what no index can hold.
#include "headrace/formats/copy_index.h"

#include <gtest/gtest.h>

#include "headrace/base/temp_folder.h"

namespace headrace::formats {
namespace {

class CopyIndexTest : public testing::Test {
 protected:
  void add(RecordPlaces& places, uint64_t offset_bytes, const std::vector<std::string>& names) {
    std::vector<FieldBytes> fields;
    std::vector<FieldExtent> extents;
    for (const std::string& name : names) {
      fields.push_back({name, {}});
      extents.push_back({.offset_bytes = offset_bytes + extents.size() + 1, .length_bytes = 1});
    }
    places.add(offset_bytes, fields, extents);
  }
  std::optional<Index> shown() {
    index_.show(1000);
    auto index = Index::open(real_files(), path_, BodyCheck::full);
    return index ? std::optional(std::move(*index)) : std::nullopt;
  }
  TempFolder folder_;
  std::string path_ = folder_ / "a.hrx";
  CopyIndex index_{real_files(), path_};
};

TEST_F(CopyIndexTest, records_have_a_slot_for_each_name_of_their_part) {
  RecordPlaces places;
  add(places, 0, {"b"});
  add(places, 10, {"a", "c"});
  add(places, 20, {});
  index_.add(places, 100);
  RecordPlaces fewer;
  add(fewer, 5, {"c"});
  index_.add(fewer, 200);
  const auto index = shown();
  ASSERT_TRUE(index);
  EXPECT_EQ(index->field_names(), (std::vector<std::string>{"a", "b", "c"}));
  ASSERT_EQ(index->sample_count(), 4U);
  EXPECT_EQ(index->facts().source_size_bytes, 1000U);
  EXPECT_EQ(index->fields(0)[0].length_bytes, k_absent);
  EXPECT_EQ(index->fields(0)[1].offset_bytes, 101U);
  EXPECT_EQ(index->fields(1)[2].offset_bytes, 112U);
  EXPECT_EQ(index->record_offset_bytes(1), 110U);
  EXPECT_EQ(index->fields(3)[2].offset_bytes, 206U);
  EXPECT_EQ(index->record_offset_bytes(3), 205U);
}

TEST_F(CopyIndexTest, values_without_bytes_do_not_move) {
  RecordPlaces places;
  const std::array fields{FieldBytes{"label", {}}};
  places.add(0, fields, std::array{FieldExtent{.offset_bytes = 7, .length_bytes = k_inline}});
  index_.add(places, 100);
  EXPECT_EQ(shown()->fields(0)[0].offset_bytes, 7U);
}

TEST_F(CopyIndexTest, a_name_that_the_first_part_lacks_gives_it_up) {
  RecordPlaces places, more;
  add(places, 0, {"a"});
  add(more, 0, {"b"});
  index_.add(places, 0);
  index_.add(more, 50);
  index_.add(places, 90);
  EXPECT_FALSE(shown());
  EXPECT_TRUE(real_files().list(folder_.path())->empty());
}

TEST_F(CopyIndexTest, names_that_no_index_holds_give_it_up) {
  for (const std::string& name : {std::string(), std::string(250, 'n'), std::string("a\0b", 3)}) {
    CopyIndex index(real_files(), path_);
    RecordPlaces places;
    add(places, 0, {"a"});
    add(places, 9, {name});
    index.add(places, 0);
    index.show(10);
    EXPECT_FALSE(real_files().stat(path_));
  }
  RecordPlaces many;
  for (size_t i = 0; i <= k_field_limit; ++i) add(many, i, {std::to_string(1000 + i)});
  index_.add(many, 0);
  EXPECT_FALSE(shown());
}

TEST_F(CopyIndexTest, names_that_come_twice_or_in_another_order_are_left_to_a_scan) {
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"a", "a"}, std::vector<std::string>{"b", "a"}}) {
    CopyIndex index(real_files(), path_);
    RecordPlaces places;
    add(places, 0, names);
    index.add(places, 0);
    index.show(10);
    EXPECT_FALSE(real_files().stat(path_));
  }
}

TEST_F(CopyIndexTest, without_records_there_is_none) {
  index_.add({}, 0);
  EXPECT_FALSE(shown());
}

}  // namespace
}  // namespace headrace::formats
