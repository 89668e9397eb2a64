// Words that are no verb or option, and numbers that the parser would take for others.
#include "headrace/cli/usage.h"

#include <gmock/gmock.h>

namespace headrace::cli {
namespace {

using testing::HasSubstr;

// As the command: one verb with a file and a number, one with verbs of its own.
struct Command {
  Command() {
    app.require_subcommand(1);
    CLI::App* feed = app.add_subcommand("feed", "");
    feed->add_option("SOURCE", source)->required();
    feed->add_option("--batch", batch, "");
    feed->add_option("--depth", depths, "")->delimiter(',');
    CLI::App* bench = app.add_subcommand("bench", "");
    bench->require_subcommand(1);
    bench->add_subcommand("io", "");
    refuse_wrapped_numbers(app);
  }
  std::string told(const std::string& line) {
    try {
      app.parse(line);
    } catch (const CLI::ParseError& error) {
      return usage_error_text(app, error);
    }
    return "";
  }
  CLI::App app{"", "headrace"};
  std::string source;
  std::optional<uint64_t> batch;
  std::vector<uint32_t> depths;
};

TEST(Usage, a_mistyped_verb_or_option_is_named_with_its_nearest) {
  EXPECT_EQ(Command().told("fed x"),
            "headrace: there is no verb fed; hint: nearest: feed; headrace --help says what it "
            "takes\n");
  EXPECT_EQ(Command().told("feed x --bacth=3"),
            "headrace: there is no option --bacth; hint: nearest: --batch; headrace feed --help "
            "says what it takes\n");
  EXPECT_THAT(Command().told("bench oi"),
              HasSubstr("no verb oi; hint: nearest: io; headrace bench"));
  EXPECT_THAT(Command().told("zzzzzzzz"), HasSubstr("no verb zzzzzzzz; hint: headrace --help"));
}

TEST(Usage, what_is_missing_is_said_with_the_verb_to_ask) {
  EXPECT_EQ(Command().told(""),
            "headrace: a verb is wanted; hint: headrace --help says what it "
            "takes\n");
  EXPECT_EQ(Command().told("feed"),
            "headrace: SOURCE is required; hint: headrace feed --help says what it takes\n");
  EXPECT_THAT(Command().told("bench"), HasSubstr("a verb is wanted; hint: headrace bench --help"));
}

TEST(Usage, numbers_that_would_be_taken_for_others_are_refused) {
  Command command;
  EXPECT_EQ(command.told("feed x --batch 16 --depth 1,20"), "");
  EXPECT_EQ(command.batch, 16U);
  EXPECT_EQ(command.depths, (std::vector<uint32_t>{1, 20}));
  EXPECT_THAT(Command().told("feed x --batch -3"), HasSubstr("-3 is no whole number from 0"));
  EXPECT_THAT(Command().told("feed x --batch 99999999999999999999"), HasSubstr("is too large"));
  EXPECT_THAT(Command().told("feed x --batch 010"), HasSubstr("write 10"));
  EXPECT_THAT(Command().told("feed x --depth 1,-2"), HasSubstr("-2 is no whole number"));
}

}  // namespace
}  // namespace headrace::cli
