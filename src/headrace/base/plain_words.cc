// Letter by letter, by the rules for quotes of POSIX's shell (2.2).
#include "headrace/base/plain_words.h"

#include <utility>

namespace headrace {
namespace {

class WordSplitter {
 public:
  // False: only a shell understands this letter here. `next` is the one behind it, or 0.
  bool take(char letter, char next) {
    if (escaped_) return take_escaped(letter);
    if (quote_ == '\'') return letter == '\'' ? close() : put(letter);
    if (letter == '$' || letter == '`') return false;
    if (letter == '\\') return start_escape(next);
    if (quote_ == '"') return letter == '"' ? close() : put(letter);
    if (letter == '\'' || letter == '"') return open(letter);
    if (letter == ' ' || letter == '\t') return end_word();
    if (std::string_view("|;&<>()*[\n\r\0", 12).contains(letter)) return false;
    if (!in_word_ && (letter == '~' || letter == '#')) return false;
    return put(letter);
  }
  std::optional<std::vector<std::string>> finish() {
    if (quote_ != 0 || escaped_) return std::nullopt;
    end_word();
    if (words_.empty()) return std::nullopt;
    return std::move(words_);
  }

 private:
  bool take_escaped(char letter) {
    escaped_ = false;
    return letter != '\n' && put(letter);
  }
  // Within double quotes a backslash stands for itself before other letters.
  bool start_escape(char next) {
    in_word_ = true;
    escaped_ = quote_ == 0 || std::string_view("$`\"\\\n").contains(next);
    return escaped_ || put('\\');
  }
  bool open(char quote) {
    quote_ = quote;
    return in_word_ = true;
  }
  bool close() {
    quote_ = 0;
    return true;
  }
  bool put(char letter) {
    word_ += letter;
    return in_word_ = true;
  }
  bool end_word() {
    if (in_word_) words_.push_back(std::exchange(word_, {}));
    in_word_ = false;
    return true;
  }

  std::vector<std::string> words_;
  std::string word_;
  bool in_word_ = false;
  bool escaped_ = false;
  char quote_ = 0;
};

}  // namespace

std::optional<std::vector<std::string>> plain_words(std::string_view command) {
  WordSplitter splitter;
  for (size_t at = 0; at < command.size(); ++at) {
    const char next = at + 1 < command.size() ? command[at + 1] : '\0';
    if (!splitter.take(command[at], next)) return std::nullopt;
  }
  return splitter.finish();
}

}  // namespace headrace
