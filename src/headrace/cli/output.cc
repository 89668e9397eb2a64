// Terminal, file or pipe.
#include "headrace/cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/files.h"

namespace headrace::cli {

bool is_terminal(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1; }

size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
  return 80;
}

void add_output_option(CLI::App& verb, const std::string& names, std::string& path,
                       const std::string& help) {
  verb.add_option(names, path, help)->check(why_not_writable);
}

std::string why_not_writable(const std::string& path) {
  if (path.empty() || path == "-") return "";
  const auto refuse = [&](const std::string& why) {
    return fmt::format("cannot write {}: {}", path, why);
  };
  const auto found = real_files().stat(path);
  if (found && found->is_folder) return refuse("it is a folder");
  if (found && !found->is_regular) return "";  // a pipe or a device: opening it may have effects
  const std::string parent = std::filesystem::path(path).parent_path() / "";
  if (::access(parent.empty() ? "." : parent.c_str(), W_OK | X_OK) == 0) return "";
  return refuse(fmt::format("its folder: {}", text_of_errno(errno)));
}

void write_text(const std::string& path, const std::string& text) {
  if (path != "-") return write_output(path, text);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    throw_errno(errno, "cannot write", "standard output");
  }
  flush_output();
}

void flush_output(std::FILE* stream) {
  if (std::fflush(stream) != 0) throw_errno(errno, "cannot write", "standard output");
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
