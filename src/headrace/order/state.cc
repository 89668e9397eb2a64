// State to and from JSON, and what makes a state unfit for a run.
#include "headrace/order/state.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "headrace/base/error.h"
#include "headrace/base/nearest.h"

namespace headrace::order {
namespace {

using Json = nlohmann::json;

constexpr uint64_t k_version = 1;
constexpr size_t k_text_bytes_max = 4096;
constexpr std::array<std::string_view, 8> k_keys = {"headrace_state", "dataset_fingerprint",
                                                    "plan_hash",      "shuffle",
                                                    "window_samples", "seed",
                                                    "epoch",          "position"};

[[noreturn]] void refuse(const std::string& source, std::string cause, std::string hint = {}) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot resume from",
               .object = source,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& source) : source_(source) {
    if (text.size() > k_text_bytes_max) refuse(source, "a state has at most 4096 bytes");
    std::vector<std::string> seen;
    const auto watch = [&](int depth, Json::parse_event_t event, const Json& parsed) {
      if (event == Json::parse_event_t::key && depth == 1) seen.push_back(parsed);
      return true;
    };
    json_ = Json::parse(text, watch, false);
    if (!json_.is_object()) refuse(source, "not a JSON object");
    check_keys(seen);
  }

  uint64_t number(const char* key) const {
    const Json& value = json_[key];
    if (!value.is_number_unsigned()) wrong(key, "a whole number from 0 to 2^64-1");
    return value.get<uint64_t>();
  }
  uint64_t hash(const char* key) const {
    const Json& value = json_[key];
    if (!value.is_string()) wrong(key, "16 hexadecimal digits");
    const auto& digits = value.get_ref<const std::string&>();
    uint64_t hash = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), hash, 16);
    if (digits.size() != 16 || digits[0] == '-' || error != std::errc{} ||
        end != digits.data() + digits.size()) {
      wrong(key, "16 hexadecimal digits");
    }
    return hash;
  }
  Shuffle shuffle(const char* key) const {
    const Json& value = json_[key];
    for (const Shuffle shuffle :
         {Shuffle::none, Shuffle::global, Shuffle::window, Shuffle::megatron, Shuffle::copies}) {
      if (value.is_string() && value.get_ref<const std::string&>() == name_of(shuffle)) {
        return shuffle;
      }
    }
    wrong(key, "a name of an order");
  }

 private:
  void check_keys(const std::vector<std::string>& seen) const {
    for (size_t i = 0; i < seen.size(); ++i) {
      if (std::ranges::find(k_keys, seen[i]) == k_keys.end()) {
        const std::string known = nearest(seen[i], k_keys);
        refuse(source_, fmt::format("unknown key \"{}\"", seen[i]),
               known.empty() ? "" : fmt::format("nearest known key: \"{}\"", known));
      }
      if (std::find(seen.begin(), seen.begin() + static_cast<ptrdiff_t>(i), seen[i]) !=
          seen.begin() + static_cast<ptrdiff_t>(i)) {
        refuse(source_, fmt::format("key \"{}\" stands twice", seen[i]));
      }
    }
    for (const std::string_view key : k_keys) {
      if (!json_.contains(key)) refuse(source_, fmt::format("key \"{}\" is missing", key));
    }
  }
  [[noreturn]] void wrong(const char* key, const char* wanted) const {
    refuse(source_, fmt::format("\"{}\" is not {}", key, wanted));
  }

  const std::string& source_;
  Json json_;
};

std::string order_text(const State& state) {
  return state.shuffle == Shuffle::window
             ? fmt::format("window of {} samples", state.window_samples)
             : name_of(state.shuffle);
}

}  // namespace

std::string to_json(const State& state) {
  return fmt::format(
      R"({{"headrace_state": {}, "dataset_fingerprint": "{:016x}", "plan_hash": "{:016x}", )"
      R"("shuffle": "{}", "window_samples": {}, "seed": {}, "epoch": {}, "position": {}}})",
      k_version, state.fingerprint, state.plan_hash, name_of(state.shuffle), state.window_samples,
      state.seed, state.epoch, state.position);
}

State from_json(std::string_view text, const std::string& source) {
  const Reader reader(text, source);
  if (reader.number("headrace_state") != k_version) {
    refuse(source, "a state of another version", "this build reads version 1");
  }
  return {.fingerprint = reader.hash("dataset_fingerprint"),
          .plan_hash = reader.hash("plan_hash"),
          .shuffle = reader.shuffle("shuffle"),
          .window_samples = reader.number("window_samples"),
          .seed = reader.number("seed"),
          .epoch = reader.number("epoch"),
          .position = reader.number("position")};
}

void check_resumable(const State& saved, const State& run, uint64_t sample_count) {
  std::vector<std::string> differences;
  const auto differ = [&](const char* what, const std::string& was, const std::string& is) {
    if (was != is) differences.push_back(fmt::format("{} was {} and is {}", what, was, is));
  };
  differ("the data set's fingerprint", fmt::format("{:016x}", saved.fingerprint),
         fmt::format("{:016x}", run.fingerprint));
  differ("the plan of fields and operators", fmt::format("{:016x}", saved.plan_hash),
         fmt::format("{:016x}", run.plan_hash));
  differ("the shuffle", order_text(saved), order_text(run));
  differ("the seed", fmt::to_string(saved.seed), fmt::to_string(run.seed));
  if (saved.position > sample_count) {
    differences.push_back(
        fmt::format("position {} is behind the last of {} samples", saved.position, sample_count));
  }
  if (differences.empty()) return;
  refuse("the saved state", fmt::format("{}", fmt::join(differences, "; ")),
         "go on with the data set and job that the state was saved with, or start anew");
}

State normalized(State state, uint64_t sample_count) {
  if (state.position < sample_count) return state;
  ++state.epoch;
  state.position = 0;
  return state;
}

}  // namespace headrace::order
