// Plans cover each sample once, fill shards to their size, and tell one plan from another.
#include "headrace/pack/plan.h"

#include <gmock/gmock.h>

#include <set>

namespace headrace::pack {
namespace {

class FakeSource final : public Source {
 public:
  explicit FakeSource(std::vector<uint64_t> sizes) : sizes_(std::move(sizes)) {}
  std::string format() const override { return "fake"; }
  uint64_t sample_count() const override { return sizes_.size(); }
  std::vector<uint64_t> field_sizes(uint64_t id) const override { return {sizes_[id]}; }
  std::vector<SourceField> read(uint64_t) const override { return {}; }
  std::string name(uint64_t) const override { return ""; }
  std::vector<std::string> class_names() const override { return {}; }
  uint64_t fingerprint() const override { return sizes_.size(); }

 private:
  std::vector<uint64_t> sizes_;
};

TEST(Plan, covers_each_sample_once_in_shards_of_the_size_aimed_at) {
  std::vector<uint64_t> sizes;
  for (uint64_t i = 0; i < 1000; ++i) sizes.push_back(i * 7 % 5000);
  const FakeSource source(sizes);
  constexpr uint64_t k_shard_bytes = 50'000;
  const Plan plan = Plan::make(source, {.shard_size_bytes = k_shard_bytes});
  std::set<uint64_t> seen;
  for (uint64_t shard = 0; shard < plan.shard_count(); ++shard) {
    uint64_t stored = 0;
    for (uint64_t p = plan.first_position(shard); p < plan.first_position(shard + 1); ++p) {
      seen.insert(plan.source_id(p));
      stored += 512 + (sizes[plan.source_id(p)] + 511) / 512 * 512;
    }
    EXPECT_LE(stored, k_shard_bytes);
    if (shard + 1 < plan.shard_count()) {
      EXPECT_GT(stored, k_shard_bytes - 6000);
    }
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Plan, a_sample_over_the_shard_size_gets_a_shard_of_its_own) {
  const FakeSource source({10, 100'000, 10});
  const Plan plan = Plan::make(source, {.shard_size_bytes = 10'000, .order = SampleOrder::as_is});
  EXPECT_EQ(plan.shard_count(), 3U);
}

TEST(Plan, no_samples_make_no_shards) {
  EXPECT_EQ(Plan::make(FakeSource({}), {}).shard_count(), 0U);
}

TEST(Plan, each_option_that_changes_bytes_changes_the_hash) {
  const FakeSource source({1, 2, 3});
  std::set<uint64_t> hashes;
  for (const PlanOptions& options :
       {PlanOptions{}, PlanOptions{.shard_size_bytes = 7}, PlanOptions{.seed = 1},
        PlanOptions{.order = SampleOrder::as_is}, PlanOptions{.salt = 1}}) {
    hashes.insert(Plan::make(source, options).hash());
  }
  hashes.insert(Plan::make(FakeSource({1, 2}), {}).hash());
  EXPECT_EQ(hashes.size(), 6U);
  const auto as_is = [&](uint64_t seed) {
    return Plan::make(source, {.order = SampleOrder::as_is, .seed = seed}).hash();
  };
  EXPECT_EQ(as_is(1), as_is(2)) << "a seed that nothing draws from is no difference";
}

TEST(Plan, stamps_differ_by_shard_and_are_never_zero) {
  const Plan plan = Plan::make(FakeSource({1, 2, 3}), {.shard_size_bytes = 1});
  EXPECT_NE(plan.stamp(0), plan.stamp(1));
  EXPECT_NE(plan.stamp(0), 0U);
}

}  // namespace
}  // namespace headrace::pack
