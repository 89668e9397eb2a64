// Every part in its share, each of its passes whole, whatever the epochs' borders.
#include "headrace/order/blend.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "headrace/base/error.h"

namespace headrace::order {
namespace {

using testing::ElementsAre;

BlendOptions three_parts(Shuffle shuffle, uint64_t epoch_samples) {
  return {.parts = {{.first_sample = 0, .sample_count = 1000, .weight = 0.5},
                    {.first_sample = 1000, .sample_count = 70, .weight = 0.3},
                    {.first_sample = 1070, .sample_count = 333, .weight = 0.2}},
          .epoch_samples = epoch_samples,
          .shuffle = shuffle,
          .seed = 11,
          .window_samples = 50};
}

std::vector<uint64_t> epoch_of(Blend& blend, uint64_t epoch) {
  std::vector<uint64_t> places(blend.epoch_samples());
  for (uint64_t i = 0; i < places.size(); ++i) places[i] = i;
  blend.samples_at(epoch, places);
  return places;
}

TEST(Blend, each_part_gives_exactly_its_share_of_every_epoch) {
  for (const Shuffle shuffle : {Shuffle::none, Shuffle::global, Shuffle::window}) {
    Blend blend(three_parts(shuffle, 500));
    for (uint64_t epoch = 0; epoch < 4; ++epoch) {
      std::array<uint64_t, 3> counts{};
      for (const uint64_t id : epoch_of(blend, epoch)) ++counts[id < 1000 ? 0 : id < 1070 ? 1 : 2];
      EXPECT_THAT(counts, ElementsAre(250, 150, 100));
      for (uint32_t part = 0; part < 3; ++part) {
        EXPECT_EQ(blend.samples_of(part, epoch, 500), counts[part]);
      }
    }
  }
}

TEST(Blend, no_part_repeats_a_sample_before_it_has_shown_all) {
  Blend blend(three_parts(Shuffle::global, 700));
  std::vector<uint64_t> small;
  for (uint64_t epoch = 0; epoch < 5; ++epoch) {
    for (const uint64_t id : epoch_of(blend, epoch)) {
      if (id >= 1000 && id < 1070) small.push_back(id);
    }
  }
  ASSERT_EQ(small.size(), 5U * 210);
  std::vector<uint64_t> first_pass;
  for (size_t pass = 0; pass < small.size() / 70; ++pass) {
    const auto begin = small.begin() + static_cast<ptrdiff_t>(70 * pass);
    EXPECT_EQ(std::set<uint64_t>(begin, begin + 70).size(), 70U) << pass;
    const std::vector<uint64_t> order(begin, begin + 70);
    if (pass == 0) first_pass = order;
    EXPECT_EQ(pass == 0, order == first_pass);  // each pass has an order of its own
  }
}

TEST(Blend, what_was_asked_before_does_not_matter) {
  Blend ahead(three_parts(Shuffle::window, 700));
  const std::vector<uint64_t> third = epoch_of(ahead, 3), first = epoch_of(ahead, 0);
  Blend other(three_parts(Shuffle::window, 700));
  EXPECT_EQ(epoch_of(other, 0), first);
  for (const uint64_t position : {699U, 3U, 350U}) {
    std::vector<uint64_t> one = {position};
    other.samples_at(3, one);
    EXPECT_EQ(one[0], third[position]);
  }
}

TEST(Blend, parts_of_equal_size_are_ordered_apart) {
  BlendOptions options = three_parts(Shuffle::global, 200);
  options.parts = {{.first_sample = 0, .sample_count = 100, .weight = 1},
                   {.first_sample = 100, .sample_count = 100, .weight = 1}};
  Blend blend(options);
  std::vector<uint64_t> one, two;
  for (const uint64_t id : epoch_of(blend, 0)) (id < 100 ? one : two).push_back(id % 100);
  EXPECT_NE(one, two);
  std::ranges::sort(one);
  std::ranges::sort(two);
  EXPECT_EQ(one, two);
}

TEST(Blend, megatron_refuses_to_take_more_of_a_part_than_it_has) {
  BlendOptions options = three_parts(Shuffle::megatron, 400);
  EXPECT_THROW(Blend{options}, Error);
  options.epoch_samples = 200;
  EXPECT_NO_THROW(Blend{options});
}

TEST(Blend, megatron_takes_each_part_in_its_own_order_and_no_other) {
  BlendOptions options = three_parts(Shuffle::megatron, 200);
  Blend blend(options);
  const std::vector<uint64_t> ids = epoch_of(blend, 0);
  uint64_t next = 1000;
  for (const uint64_t id : ids) {
    if (id < 1000 || id >= 1070) continue;
    EXPECT_EQ(id, next++);
  }
  EXPECT_EQ(epoch_of(blend, 1), ids);
  EXPECT_EQ(blend.samples_of(1, 0, 200), next - 1000);
}

}  // namespace
}  // namespace headrace::order
