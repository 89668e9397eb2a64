// Where results cannot go is said before a run, and what a full disk swallowed after it.
#include "headrace/cli/output.h"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"

namespace headrace::cli {
namespace {

using testing::HasSubstr;

TEST(Output, a_place_for_a_result_is_looked_at_before_the_run) {
  const TempFolder folder;
  write_text(folder.path() + "/old.json", "{}");
  EXPECT_EQ(why_not_writable(folder.path() + "/old.json"), "");
  EXPECT_EQ(why_not_writable(folder.path() + "/new.json"), "");
  EXPECT_EQ(why_not_writable("-"), "");
  EXPECT_EQ(why_not_writable("/dev/null"), "");
  EXPECT_EQ(why_not_writable("here.json"), "");
  EXPECT_THAT(why_not_writable(folder.path()), HasSubstr("it is a folder"));
  EXPECT_THAT(why_not_writable(folder.path() + "/none/new.json"),
              HasSubstr("its folder: No such file or directory"));
  EXPECT_THAT(why_not_writable(folder.path() + "/old.json/new.json"),
              HasSubstr("its folder: Not a directory"));
}

TEST(Output, an_option_for_a_result_refuses_what_cannot_be_written) {
  const TempFolder folder;
  CLI::App app;
  std::string path;
  add_output_option(app, "--json", path, "");
  EXPECT_THROW(app.parse("--json " + folder.path()), CLI::ValidationError);
  app.parse("--json -");
  EXPECT_EQ(path, "-");
}

TEST(Output, what_a_full_disk_did_not_take_is_an_error) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  std::fputs("report", full);
  try {
    flush_output(full);
    ADD_FAILURE() << "nothing was said";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::no_space);
    EXPECT_THAT(error.what(), HasSubstr("cannot write standard output: No space left"));
  }
  std::fclose(full);
  flush_output();
}

TEST(Output, names_that_are_not_utf_8_are_written_all_the_same) {
  const TempFolder folder;
  write_json(folder.path() + "/x.json", {{"name", "caf\xe9"}});
  EXPECT_EQ(read_text(folder.path() + "/x.json"), "{\n  \"name\": \"caf\xef\xbf\xbd\"\n}\n");
  EXPECT_EQ(path_document({"a"}), "a");
  EXPECT_EQ(path_document({"a", "b"}).size(), 2U);
}

}  // namespace
}  // namespace headrace::cli
