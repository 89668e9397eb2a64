// nlohmann's parser by events: nothing is kept of a line but the text.
#include "headrace/pack/json_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

namespace headrace::pack {
namespace {

using nlohmann::json;

class TextOfKey final : public nlohmann::json_sax<json> {
 public:
  TextOfKey(const std::string& key, std::string& text) : key_(key), text_(text) {}
  std::optional<BadLine> failure() const {
    if (failure_) return failure_;
    if (!is_object_) return BadLine{"it is no JSON object"};
    if (!is_found_) return BadLine{fmt::format("it has no key \"{}\"", key_)};
    if (!is_text_) return BadLine{fmt::format("\"{}\" is no text", key_)};
    return std::nullopt;
  }

  bool null() override { return other(); }
  bool boolean(bool) override { return other(); }
  bool number_integer(int64_t) override { return other(); }
  bool number_unsigned(uint64_t) override { return other(); }
  bool number_float(double, const std::string&) override { return other(); }
  bool binary(json::binary_t&) override { return other(); }
  bool string(std::string& value) override {
    if (is_wanted()) {
      is_text_ = true;
      text_.swap(value);
    }
    return true;
  }
  bool key(std::string& name) override {
    if (depth_ == 1) {
      is_next_ = name == key_;
      is_found_ = is_found_ || is_next_;
    }
    return true;
  }
  bool start_object(size_t) override { return begin(true); }
  bool start_array(size_t) override { return begin(false); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool parse_error(size_t position, const std::string& token, const json::exception&) override {
    failure_ = BadLine{"it is no JSON from \"" + printable(token) + "\" on", position};
    return false;
  }

 private:
  bool is_wanted() { return depth_ == 1 && std::exchange(is_next_, false); }
  bool other() {
    if (is_wanted()) is_text_ = false;
    return true;
  }
  bool begin(bool is_object) {
    if (depth_ == 0) is_object_ = is_object;
    other();
    ++depth_;
    return true;
  }
  bool end() {
    --depth_;
    return true;
  }
  static std::string printable(std::string_view token) {
    std::string text(token.substr(0, 40));
    for (char& letter : text) {
      if (letter < ' ' || letter > '~') letter = '?';
    }
    return text;
  }

  const std::string& key_;
  std::string& text_;
  size_t depth_ = 0;
  bool is_object_ = false;
  bool is_next_ = false;  // the value that comes is the key's
  bool is_found_ = false;
  bool is_text_ = false;
  std::optional<BadLine> failure_ = {};
};

}  // namespace

std::expected<std::string_view, BadLine> JsonLine::text_of(std::string_view line) {
  TextOfKey events(key_, text_);
  json::sax_parse(line.begin(), line.end(), &events);
  if (auto failure = events.failure()) return std::unexpected(std::move(*failure));
  return text_;
}

}  // namespace headrace::pack
