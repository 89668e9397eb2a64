// All checks together: what holds for each.
#include "headrace/doctor/checks.h"

#include <gtest/gtest.h>

#include <set>

namespace headrace::doctor {
namespace {

TEST(Checks, have_names_of_their_own_and_say_what_why_and_what_next) {
  std::set<std::string_view> ids;
  for (const Check* check : all_checks()) {
    EXPECT_TRUE(ids.insert(check->id).second) << check->id;
    for (const std::string_view text : {check->reads, check->want, check->why, check->fix}) {
      EXPECT_FALSE(text.empty()) << check->id;
      EXPECT_EQ(text.find_first_of("|\n"), text.npos) << check->id << ": a row of a table";
      EXPECT_FALSE(text.ends_with('.')) << check->id;
    }
  }
  EXPECT_GE(ids.size(), 35u);
}

}  // namespace
}  // namespace headrace::doctor
