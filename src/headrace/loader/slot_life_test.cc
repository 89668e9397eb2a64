// A slot's parts follow each other, once, and those of a life before are no part of this one.
#include "headrace/loader/slot_life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headrace::loader {
namespace {

class SlotLifeTest : public testing::Test {
 protected:
  std::vector<std::string> noted() {
    life_.trace(observe::Tracer(lane_, 0), 7);
    std::vector<std::string> names;
    for (observe::TraceSpan span; lane_.take(span);) names.emplace_back(span.name);
    return names;
  }
  SlotLife life_;
  observe::TraceLane lane_;
};

TEST_F(SlotLifeTest, is_noted_once) {
  life_.taken_ns = 1;
  life_.ready_ns = 2;
  life_.lent_ns = 3;
  life_.returned_ns = 4;
  EXPECT_THAT(noted(), testing::ElementsAre("making", "ready", "lent"));
  EXPECT_THAT(noted(), testing::IsEmpty());
}

TEST_F(SlotLifeTest, has_no_part_of_the_life_before) {
  life_.ready_ns = 2;
  life_.lent_ns = 3;
  life_.returned_ns = 4;
  life_.taken_ns = 5;
  life_.ready_ns = 6;
  EXPECT_THAT(noted(), testing::ElementsAre("making"));
}

TEST_F(SlotLifeTest, is_nothing_without_a_trace) { EXPECT_THAT(noted(), testing::IsEmpty()); }

}  // namespace
}  // namespace headrace::loader
