// For tests of the tables: a machine, what changes while the probe reads, and how the check has to
// judge it. Each check needs a good and a bad case, or its table's test fails.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <span>

#include "headrace/doctor/check.h"
#include "headrace/doctor/fixture_tree.h"
#include "headrace/doctor/sample_machines.h"

namespace headrace::doctor {

struct CheckCase {
  std::string id = {};
  std::string machine = k_nvme_machine;
  std::string lines = {};   // on top of the machine
  std::string during = {};  // on top of both when it is read under load; none = no probe
  std::function<void(Situation&, FakeKernel&)> set = {};
  Weight weight = Weight::fine;
  std::string value = {};    // a part of the judgement's value
  std::string command = {};  // a part of its first command
  std::string data = "/data/set";
};

inline const Check* check_named(std::span<const Check> table, std::string_view id) {
  const auto found = std::ranges::find(table, id, &Check::id);
  return found == table.end() ? nullptr : &*found;
}

inline Judgment judged(const Check& check, const CheckCase& one) {
  FixtureTree tree(one.machine + "\n" + one.lines);
  const Host host = tree.host();
  Situation situation{.path = trace(host, one.data)};
  if (one.set) one.set(situation, tree.kernel);
  const Subjects subjects = check.subjects(host, situation);
  EXPECT_FALSE(subjects.empty()) << one.id << " does not apply to " << one.lines;
  if (subjects.empty()) return {.weight = Weight::fine, .value = "does not apply"};
  const Reading before = check.read(host, situation, subjects.front());
  tree.add(one.during);
  return check.judge({.situation = situation,
                      .subject = subjects.front(),
                      .before = before,
                      .loaded = check.read(host, situation, subjects.front()),
                      .under_load = !one.during.empty()});
}

inline bool applies(std::span<const Check> table, const CheckCase& one) {
  FixtureTree tree(one.machine + "\n" + one.lines);
  const Host host = tree.host();
  Situation situation{.path = trace(host, one.data)};
  if (one.set) one.set(situation, tree.kernel);
  return !check_named(table, one.id)->subjects(host, situation).empty();
}

inline void expect_cases(std::span<const Check> table, const std::vector<CheckCase>& cases) {
  std::set<std::string> good;
  std::set<std::string> bad;
  for (const CheckCase& one : cases) {
    SCOPED_TRACE(one.id + ": " + one.lines + one.during);
    const Check* check = check_named(table, one.id);
    ASSERT_NE(check, nullptr);
    const Judgment judgment = judged(*check, one);
    EXPECT_EQ(static_cast<int>(judgment.weight), static_cast<int>(one.weight)) << judgment.value;
    EXPECT_NE(judgment.value.find(one.value), std::string::npos) << judgment.value;
    const std::string command = judgment.commands.empty() ? "" : judgment.commands.front();
    EXPECT_NE(command.find(one.command), std::string::npos) << command;
    (judgment.weight == Weight::fine ? good : bad).insert(one.id);
  }
  for (const Check& check : table) {
    EXPECT_TRUE(good.contains(std::string(check.id))) << check.id << " has no good case";
    EXPECT_TRUE(bad.contains(std::string(check.id))) << check.id << " has no bad case";
  }
}

}  // namespace headrace::doctor
