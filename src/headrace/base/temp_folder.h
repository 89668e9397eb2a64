// For tests: a folder of its own that goes when the value dies.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "headrace/base/check.h"

namespace headrace {

class TempFolder {
 public:
  explicit TempFolder(
      const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string pattern = (parent / "headrace-XXXXXX").string();
    HR_CHECK(::mkdtemp(pattern.data()) != nullptr, "pattern {}", pattern);
    path_ = pattern;
  }
  TempFolder(TempFolder&&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace headrace
