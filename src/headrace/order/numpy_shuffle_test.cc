// Golden values are NumPy's own (RandomState(seed).shuffle, numpy 2.3).
#include "headrace/order/numpy_shuffle.h"

#include <gmock/gmock.h>

#include <numeric>

namespace headrace::order {
namespace {

using testing::ElementsAre;

template <typename T>
std::vector<T> counted(size_t count) {
  std::vector<T> items(count);
  std::iota(items.begin(), items.end(), T{0});
  return items;
}

// FNV-1a over whole items: a fingerprint that a line of Python can make too.
template <typename T>
uint64_t fingerprint(const std::vector<T>& items) {
  uint64_t hash = 1469598103934665603U;
  for (const T item : items) hash = (hash ^ static_cast<uint64_t>(item)) * 1099511628211U;
  return hash;
}

TEST(NumpyRandom, draws_what_numpy_draws) {
  NumpyRandom random(0);
  std::vector<uint32_t> draws;
  for (int i = 0; i < 4; ++i) draws.push_back(random.next_u32());
  EXPECT_THAT(draws, ElementsAre(2357136044U, 2546248239U, 3071714933U, 3626093760U));
}

TEST(NumpyRandom, shuffles_one_array_after_the_other_as_numpy_does) {
  NumpyRandom random(1234);
  auto ten = counted<int32_t>(10);
  random.shuffle(std::span(ten));
  EXPECT_THAT(ten, ElementsAre(7, 2, 9, 1, 0, 8, 4, 5, 6, 3));
  auto many = counted<uint32_t>(100'000);
  random.shuffle(std::span(many));
  EXPECT_THAT(std::vector(many.begin(), many.begin() + 5),
              ElementsAre(42845U, 37986U, 15679U, 51884U, 72274U));
  EXPECT_EQ(fingerprint(many), 0x118ccff34c7a14e7U);
  auto seven = counted<int64_t>(7);
  random.shuffle(std::span(seven));
  EXPECT_THAT(seven, ElementsAre(6, 0, 4, 1, 2, 5, 3));
}

// One place, as NumPy draws it: masked, and drawn again while it is too large.
uint32_t place_at_most(NumpyRandom& random, uint32_t most) {
  const uint32_t mask = ~uint32_t{0} >> std::countl_zero(most);
  uint32_t draw = 0;
  do {
    draw = random.next_u32() & mask;
  } while (draw > most);
  return draw;
}

TEST(NumpyRandom, draws_many_places_as_it_draws_one_by_one) {
  for (const size_t count : {1u, 2u, 3u, 64u, 65u, 255u, 256u, 257u, 1024u, 1025u, 70'000u}) {
    NumpyRandom random(11), one_by_one(11);
    auto items = counted<uint32_t>(count), expected = items;
    random.shuffle(std::span(items));
    for (auto last = static_cast<uint32_t>(count - 1); last > 0; --last) {
      std::swap(expected[last], expected[place_at_most(one_by_one, last)]);
    }
    EXPECT_EQ(items, expected) << count;
    EXPECT_EQ(random.next_u32(), one_by_one.next_u32()) << count;
  }
}

TEST(NumpyRandom, leaves_nothing_and_one_item_as_they_are_and_draws_nothing_for_them) {
  NumpyRandom random(5), untouched(5);
  std::vector<int32_t> none, one = {3};
  random.shuffle(std::span(none));
  random.shuffle(std::span(one));
  EXPECT_EQ(one.front(), 3);
  EXPECT_EQ(random.next_u32(), untouched.next_u32());
}

}  // namespace
}  // namespace headrace::order
