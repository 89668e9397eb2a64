// States survive JSON, refuse strangers by name, and resume on any number of ranks and batch size.
#include "headrace/order/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/order/batches.h"
#include "headrace/order/order.h"

namespace headrace::order {
namespace {

using ::testing::HasSubstr;

const State k_state = {.fingerprint = 0x8000000000000001,
                       .plan_hash = 7,
                       .shuffle = Shuffle::window,
                       .window_samples = 8192,
                       .seed = ~uint64_t{0},
                       .epoch = 3,
                       .position = 12'345};

std::string refusal(const auto& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}
std::string refusal_of(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  return refusal([&] { from_json(text, "run.json"); });
}

TEST(State, survives_json) { EXPECT_EQ(from_json(to_json(k_state), "x"), k_state); }

TEST(State, names_what_is_wrong_with_its_json) {
  const std::string text = to_json(k_state);
  EXPECT_THAT(refusal_of(text, "\"epoch\"", "\"epock\""),
              HasSubstr("nearest known key: \"epoch\""));
  EXPECT_THAT(refusal_of(text, "\"epoch\"", "\"seed\""), HasSubstr("\"seed\" stands twice"));
  EXPECT_THAT(refusal_of(text, "\"epoch\": 3, ", ""), HasSubstr("\"epoch\" is missing"));
  EXPECT_THAT(refusal_of(text, "3,", "-3,"), HasSubstr("\"epoch\" is not a whole number"));
  EXPECT_THAT(refusal_of(text, "3,", "3.5,"), HasSubstr("\"epoch\" is not"));
  EXPECT_THAT(refusal_of(text, "8000000000000001", "800000000000001"), HasSubstr("16 hexadecimal"));
  EXPECT_THAT(refusal_of(text, "window\"", "windows\""), HasSubstr("\"shuffle\" is not"));
  EXPECT_THAT(refusal_of(text, "state\": 1", "state\": 2"), HasSubstr("another version"));
  EXPECT_THAT(refusal_of(text, "{", "["), HasSubstr("run.json"));
  EXPECT_THAT(refusal([] { from_json(std::string(5000, '['), "x"); }), HasSubstr("4096"));
}

TEST(State, names_each_thing_that_differs_from_the_run) {
  State run = k_state;
  EXPECT_EQ(refusal([&] { check_resumable(k_state, run, 20'000); }), "no error");
  EXPECT_THAT(refusal([&] { check_resumable(k_state, run, 12'344); }), HasSubstr("12345"));
  run.seed = 4;
  run.shuffle = Shuffle::global;
  run.fingerprint = 9;
  const std::string text = refusal([&] { check_resumable(k_state, run, 20'000); });
  EXPECT_THAT(text, HasSubstr("window of 8192 samples and is global"));
  EXPECT_THAT(text, HasSubstr("seed was 18446744073709551615 and is 4"));
  EXPECT_THAT(text, HasSubstr("fingerprint"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("plan")));
}

// One piece of a run: some ranks, some batch size, some batches, appended in global order.
State run_piece(const Order& order, State state, uint64_t random, std::vector<uint64_t>& samples) {
  const uint64_t world_size = 1 + random % 16, batch_size = 1 + random / 16 % 9;
  const EpochOrder epoch = order.epoch(state.epoch);
  std::vector<BatchPlan> ranks;
  for (uint64_t rank = 0; rank < world_size; ++rank) {
    ranks.emplace_back(BatchOptions{.sample_count = order.sample_count(),
                                    .batch_size = batch_size,
                                    .world_size = world_size,
                                    .rank = rank,
                                    .start_position = state.position});
  }
  const uint64_t batch_count = std::min(ranks[0].batch_count(), 1 + random / 256 % 5);
  for (uint64_t batch = 0; batch < batch_count; ++batch) {
    for (uint64_t row = 0; row < batch_size; ++row) {
      for (const BatchPlan& plan : ranks) {
        if (batch >= plan.batch_count() || row >= plan.row_count(batch)) continue;
        samples.push_back(epoch.sample_at(plan.position(batch, row)));
      }
    }
  }
  state.position = ranks[0].position_after(batch_count - 1);
  return from_json(to_json(normalized(state, order.sample_count())), "saved");
}

TEST(State, resumes_the_same_samples_on_any_ranks_and_batch_size) {
  for (uint64_t seed = 0; seed < 2500; ++seed) {
    const uint64_t count = 1 + mix64(seed) % 150;
    const Order order({.sample_count = count,
                       .shuffle = static_cast<Shuffle>(seed % 3),
                       .seed = seed,
                       .window_samples = 1 + seed % 40});
    std::vector<uint64_t> samples, expected;
    State state{.seed = seed};
    for (uint64_t piece = 0; state.epoch < 2; ++piece) {
      state = run_piece(order, state, mix64(seed, piece), samples);
    }
    for (const uint64_t epoch : {0, 1}) {
      const EpochOrder whole = order.epoch(epoch);
      for (uint64_t i = 0; i < count; ++i) expected.push_back(whole.sample_at(i));
    }
    ASSERT_EQ(samples, expected) << seed;
  }
}

}  // namespace
}  // namespace headrace::order
