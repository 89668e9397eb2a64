// Names are those that rings take.
#include "headrace/pipeline/job.h"

#include <gtest/gtest.h>

namespace headrace::pipeline {
namespace {

TEST(Job, names_its_engines_as_rings_do) {
  EXPECT_STREQ(name_of(Engine::automatic), "auto");
  EXPECT_STREQ(name_of(Engine::uring), "uring");
  EXPECT_STREQ(name_of(Engine::threads), "threads");
  EXPECT_STREQ(name_of(Engine::psync), "psync");
}

}  // namespace
}  // namespace headrace::pipeline
