// Reports, and scripts that must not do what a hostile name says.
#include "headrace/doctor/render.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "headrace/base/shell_word.h"
#include "headrace/base/temp_folder.h"

namespace headrace::doctor {
namespace {

Examination sick() {
  Examination made;
  made.situation.path = {.data = "/data/set", .steps = {"xfs on /data"}};
  made.findings = {{.id = "pcie.link",
                    .level = Level::warn,
                    .value = "nvme0n1 x2",
                    .want = "x4",
                    .why = "half the lanes",
                    .fix = "seat it",
                    .commands = {"echo first"}},
                   {.id = "blk.scheduler",
                    .level = Level::note,
                    .value = "nvme0n1 bfq",
                    .commands = {"echo none > /sys/x"}},
                   {.id = "uring", .value = "works", .want = "a ring"}};
  made.absent = {"nfs.size"};
  return made;
}

TEST(Render, has_the_verdict_first_and_a_line_a_check) {
  const std::string text = text_of(sick());
  EXPECT_TRUE(text.starts_with("warn: "));
  EXPECT_NE(text.find("\nwarn pcie.link          nvme0n1 x2 -> x4; half the lanes; seat it\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\nok   uring              works\n"), std::string::npos) << text;
  EXPECT_NE(text.find("not about this path: nfs.size\n"), std::string::npos);
}

TEST(Render, has_the_same_as_json) {
  const auto document = document_of(sick());
  EXPECT_EQ(document["level"], "warn");
  EXPECT_EQ(document["checks"].size(), 3u);
  EXPECT_EQ(document["checks"][0]["id"], "pcie.link");
  EXPECT_EQ(document["checks"][0]["commands"][0], "echo first");
  EXPECT_TRUE(document["probe"].is_null());
  EXPECT_EQ(document["not_about_this_path"][0], "nfs.size");
  EXPECT_EQ(list_document()["checks"].size(), all_checks().size());
}

// What the shell makes of it.
int run_shell(const std::string& script, const std::string& arguments) {
  const TempFolder folder;
  std::ofstream(folder / "fix.sh") << script;
  return std::system(("cd " + folder.path() + " && bash " + arguments + " fix.sh >out").c_str());
}

TEST(Render, prints_commands_of_warnings_and_comments_out_those_of_notes) {
  const std::string script = fix_script(sick());
  EXPECT_NE(script.find("\necho first\n"), std::string::npos) << script;
  EXPECT_NE(script.find("\n# echo none > /sys/x\n"), std::string::npos) << script;
  EXPECT_EQ(run_shell(script, "-n"), 0);
  EXPECT_NE(fix_script({}).find("Nothing here needs to be changed"), std::string::npos);
  EXPECT_EQ(run_shell(fix_script({}), "-n"), 0);
}

TEST(Render, lets_no_name_escape_from_a_comment_or_a_quoted_word) {
  Examination made = sick();
  made.findings[0].value = "x\nfalse";
  made.findings[0].commands = {"echo " + shell_word("'; false; '"), "echo a\nfalse"};
  const std::string script = fix_script(made);
  EXPECT_EQ(run_shell(script, "-n"), 0);
  EXPECT_EQ(run_shell(script, ""), 0) << script;  // with set -e, a false that ran would end it
  EXPECT_EQ(text_of(made).find("x\nfalse"), std::string::npos);
}

TEST(Render, lists_each_check_with_what_it_reads_and_why) {
  const std::string text = list_text();
  for (const Check* check : all_checks()) {
    EXPECT_NE(text.find(fmt::format("{}\n  reads  {}\n", check->id, check->reads)),
              std::string::npos);
  }
}

}  // namespace
}  // namespace headrace::doctor
