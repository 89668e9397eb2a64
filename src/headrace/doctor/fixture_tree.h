// For tests: a machine written as lines of text. "path: content" makes a file ("\n" and "\t" in it
// stand for those), "path -> target" a symbolic link, "path/" a folder. Later lines replace earlier
// ones;
// "!path" removes; a backslash at its end joins a line with the next.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "headrace/base/check.h"
#include "headrace/base/temp_folder.h"
#include "headrace/doctor/host.h"

namespace headrace::doctor {

// Answers what a test says.
class FakeKernel final : public Kernel {
 public:
  OrErrno<Space> space(const std::string&) override { return space_answer; }
  OrErrno<std::string> attribute(const std::string&, const std::string& name) override {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return std::unexpected(ENODATA);
    return found->second;
  }
  std::expected<std::string, std::string> try_uring() override { return uring_answer; }
  std::string variable(const std::string& name) override { return variables[name]; }

  std::expected<StoreAnswer, std::string> ask_store() override { return store_answer; }
  int64_t now_s() override { return now; }

  OrErrno<Space> space_answer = Space{.size_bytes = 1000, .free_bytes = 500};
  std::map<std::string, std::string> attributes = {};
  std::map<std::string, std::string> variables = {};
  std::expected<std::string, std::string> uring_answer = "";
  std::expected<StoreAnswer, std::string> store_answer = std::unexpected("no route");
  int64_t now = 1'800'000'000;
};

class FixtureTree {
 public:
  explicit FixtureTree(std::string_view lines) { add(lines); }

  void add(std::string_view lines) {
    std::string whole;
    while (!lines.empty()) {
      const size_t end = std::min(lines.find('\n'), lines.size());
      const std::string_view line = lines.substr(0, end);
      lines.remove_prefix(std::min(end + 1, lines.size()));
      whole += line.substr(std::min(line.find_first_not_of(' '), line.size()));
      if (whole.ends_with('\\')) {
        whole.pop_back();
      } else {
        add_line(std::exchange(whole, ""));
      }
    }
  }
  const std::string& root() const { return folder_.path(); }
  Host host() { return Host(real_files(), kernel, root()); }

  FakeKernel kernel;

 private:
  void add_line(const std::string& line) {
    if (line.empty()) return;
    if (line.starts_with('!')) {
      std::filesystem::remove_all(folder_ / line.substr(1));
    } else if (const size_t arrow = line.find(" -> ");
               arrow != line.npos && !has_colon(line, arrow)) {
      std::filesystem::create_symlink(line.substr(arrow + 4), made(line.substr(0, arrow)));
    } else if (line.ends_with('/')) {
      std::filesystem::create_directories(folder_ / line);
    } else {
      const size_t colon = line.find(": ");
      HR_CHECK(colon != line.npos, "line '{}'", line);
      std::ofstream(made(line.substr(0, colon))) << unescaped(line.substr(colon + 2)) << '\n';
    }
  }
  static bool has_colon(const std::string& line, size_t arrow) { return line.find(": ") < arrow; }
  std::string made(const std::string& path) {
    std::filesystem::create_directories(std::filesystem::path(folder_ / path).parent_path());
    return folder_ / path;
  }
  static std::string unescaped(std::string text) {
    for (const auto& [mark, letter] : {std::pair("\\n", "\n"), std::pair("\\t", "\t")}) {
      for (size_t at = text.find(mark); at != text.npos; at = text.find(mark, at)) {
        text.replace(at, 2, letter);
      }
    }
    return text;
  }

  // Hundreds of small files a test: in memory, where there is such a place.
  static std::filesystem::path place() {
    return std::filesystem::is_directory("/dev/shm") ? "/dev/shm"
                                                     : std::filesystem::temp_directory_path();
  }

  TempFolder folder_{place()};
};

}  // namespace headrace::doctor
