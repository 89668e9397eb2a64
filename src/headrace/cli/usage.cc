// The parser keeps what it could not place; what that was meant to be is found from there.
#include "headrace/cli/usage.h"

#include <charconv>

#include "headrace/base/error.h"
#include "headrace/base/nearest.h"
#include "headrace/report/text.h"

namespace headrace::cli {
namespace {

// The verb that was named, as far as it was understood, and how it is called.
struct Named {
  const CLI::App* app;
  std::string command;
};

Named named_verb(const CLI::App& root) {
  Named named{.app = &root, .command = root.get_name()};
  while (!named.app->get_subcommands().empty()) {
    named.app = named.app->get_subcommands().front();
    named.command += " " + named.app->get_name();
  }
  return named;
}

std::string nearest_of(std::string_view word, const std::vector<std::string>& known) {
  return nearest(word, std::vector<std::string_view>(known.begin(), known.end()));
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// What was not understood, and what it is nearest to.
struct Unknown {
  std::string cause;
  std::string meant;
};

std::optional<Unknown> unknown_word(const CLI::App& verb) {
  const std::vector<std::string> verbs = verbs_of(verb);
  for (const std::string& word : verb.remaining()) {
    if (word.starts_with('-')) {
      const std::string name = word.substr(0, word.find('='));
      return Unknown{"there is no option " + name, nearest_of(name, options_of(verb))};
    }
    if (!verbs.empty()) return Unknown{"there is no verb " + word, nearest_of(word, verbs)};
  }
  return std::nullopt;
}

std::string why_not_whole(const std::string& text) {
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, value);
  if (failure == std::errc::result_out_of_range) return text + " is too large";
  if (failure == std::errc() && rest == end) {
    // The parser takes 010 for 8.
    return text == std::to_string(value) ? "" : "write " + std::to_string(value);
  }
  return text + " is no whole number from 0";
}

}  // namespace

std::string usage_error_text(const CLI::App& app, const std::exception& error) {
  const Named named = named_verb(app);
  const auto unknown = unknown_word(*named.app);
  std::string cause = unknown ? unknown->cause : error.what();
  if (!unknown && !verbs_of(*named.app).empty()) cause = "a verb is wanted";
  const std::string nearest_word =
      unknown && !unknown->meant.empty() ? fmt::format("nearest: {}; ", unknown->meant) : "";
  return fmt::format("headrace: {}; hint: {}{} --help says what it takes\n",
                     report::plain(cause, true), nearest_word, named.command);
}

void refuse_wrapped_numbers(CLI::App& app) {
  for (CLI::Option* option : app.get_options({})) {
    if (option->get_type_name().starts_with("UINT")) option->check(why_not_whole);
  }
  for (CLI::App* verb : app.get_subcommands([](CLI::App*) { return true; })) {
    refuse_wrapped_numbers(*verb);
  }
}

}  // namespace headrace::cli
