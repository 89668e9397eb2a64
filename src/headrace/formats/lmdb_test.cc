// Records in the order of keys, from any of them on; named databases; trees that lie.
#include "headrace/formats/lmdb.h"

#include <gmock/gmock.h>

#include "headrace/formats/damage.h"
#include "headrace/formats/lmdb_builder.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

std::optional<std::string> read_lmdb(std::span<const std::byte> bytes) {
  return content_of(k_lmdb_format, bytes);
}

std::string record_of(const std::string& key, const std::string& value) {
  return "sample\nkey:" + key + "value:" + value;
}

const std::string k_all = record_of("a", "1") + record_of("b", std::string(600, 'B')) +
                          record_of("c", "") + record_of("d", "4") + record_of("e", "55");

TEST(Lmdb, records_come_in_the_order_of_their_keys_from_where_their_values_lie) {
  const std::string file = small_lmdb();
  EXPECT_EQ(recognize(memory_source(bytes_of(file))), &k_lmdb_format);
  EXPECT_EQ(read_lmdb(bytes_of(file)), k_all);
  EXPECT_EQ(named_format("data.mdb"), &k_lmdb_format);
  EXPECT_EQ(named_format("lock.mdb"), nullptr);
}

TEST(Lmdb, a_scan_goes_on_from_any_record) {
  const std::string file = small_lmdb();
  const auto all = scan_all(k_lmdb_format, bytes_of(file)).samples;
  for (size_t i = 1; i < all.size(); ++i) {
    const auto from =
        k_lmdb_format.scan(memory_source(bytes_of(file)),
                           {.sample_index = i, .record_offset_bytes = all[i].record_offset_bytes});
    for (size_t k = i; k < all.size(); ++k) EXPECT_EQ((**from->next()).fields, all[k].fields) << k;
    EXPECT_FALSE(*from->next());
  }
  const auto nowhere = k_lmdb_format.scan(memory_source(bytes_of(file)),
                                          {.sample_index = 1, .record_offset_bytes = 7});
  EXPECT_THAT(nowhere->next().error().what, HasSubstr("no record"));
}

TEST(Lmdb, an_only_named_database_is_read_and_of_several_none) {
  LmdbBuilder builder;
  const uint64_t leaf = builder.leaf({{"a", "1"}});
  const LmdbBuilder::Record named{"train", LmdbBuilder::tree(leaf, 1, 1), 2};
  const LmdbBuilder::Record other{"val", LmdbBuilder::tree(leaf, 1, 1), 2};
  const uint64_t one = builder.leaf({named});
  EXPECT_EQ(read_lmdb(bytes_of(builder.finished(LmdbBuilder::tree(one, 1, 1)))),
            record_of("a", "1"));
  const uint64_t two = builder.leaf({named, other});
  const std::string file = builder.finished(LmdbBuilder::tree(two, 1, 2));
  EXPECT_THAT(scan_all(k_lmdb_format, bytes_of(file)).failure->what, HasSubstr("2 named"));
}

TEST(Lmdb, a_tree_in_circles_or_of_another_count_ends) {
  LmdbBuilder builder;
  const uint64_t leaf = builder.leaf({{"a", "1"}});
  const std::string more = builder.finished(LmdbBuilder::tree(leaf, 1, 7));
  EXPECT_THAT(scan_all(k_lmdb_format, bytes_of(more)).failure->what, HasSubstr("says 7"));
  uint64_t root = builder.branch({leaf, leaf, leaf});
  for (int depth = 2; depth < 16; ++depth) root = builder.branch({root, root, root, root});
  const std::string wide = builder.finished(LmdbBuilder::tree(root, 16, ~uint64_t{0}));
  EXPECT_THAT(scan_all(k_lmdb_format, bytes_of(wide)).failure->what, HasSubstr("circles"));
  const std::string none = LmdbBuilder().finished(LmdbBuilder::tree(~uint64_t{0}, 0, 0));
  EXPECT_TRUE(scan_all(k_lmdb_format, bytes_of(none)).samples.empty());
  EXPECT_FALSE(scan_all(k_lmdb_format, bytes_of(none)).failure);
}

TEST(Lmdb, damage_is_told_or_stays_within_the_file) {
  const std::string file = small_lmdb();
  EXPECT_GT(flip_each_bit(file, read_lmdb).noticed_count, 900U) << "it has no checksums";
  EXPECT_EQ(unnoticed_cuts(file, read_lmdb), 0U);
}

}  // namespace
}  // namespace headrace::formats
