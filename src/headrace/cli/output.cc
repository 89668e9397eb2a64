// Terminal, file or pipe.
#include "headrace/cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "headrace/base/files.h"

namespace headrace::cli {

bool is_terminal(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1; }

size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
  return 80;
}

void write_text(const std::string& path, const std::string& text) {
  if (path == "-") {
    fmt::print("{}", text);
    return;
  }
  write_output(path, text);
}

nlohmann::ordered_json path_document(const std::vector<std::string>& paths) {
  if (paths.size() == 1) return paths.front();
  return paths;
}

void write_json(const std::string& path, const nlohmann::ordered_json& document) {
  constexpr auto replace =
      nlohmann::ordered_json::error_handler_t::replace;  // names need not be UTF-8
  write_text(path, document.dump(2, ' ', false, replace) + "\n");
}

report::ProgressOptions progress_options(std::string title, uint64_t total, std::string unit) {
  return {.title = std::move(title),
          .total = total,
          .unit = std::move(unit),
          .tty = is_terminal(stderr),
          .width = terminal_width()};
}

}  // namespace headrace::cli
