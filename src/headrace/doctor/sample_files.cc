// A walk of the tree, breadth first, so that a deep branch does not hide the others.
#include "headrace/doctor/sample_files.h"

#include <algorithm>
#include <deque>

#include "headrace/base/error.h"
#include "headrace/formats/brace_list.h"

namespace headrace::doctor {
namespace {

constexpr size_t k_folder_limit = 10'000;

class Search {
 public:
  explicit Search(Files& files) : files_(files) {}

  void take(const std::string& path) {
    const auto stat = files_.stat(path);
    if (!stat) throw_errno(stat.error(), "cannot look at", path);
    if (stat->is_folder) {
      folders_.push_back(path);
    } else {
      note(path, *stat);
    }
  }
  void walk() {
    for (size_t visited = 0; !folders_.empty() && found_.all; ++visited) {
      const std::string folder = std::move(folders_.front());
      folders_.pop_front();
      found_.all = visited < k_folder_limit;
      visit(folder);
    }
  }
  SampleFiles result() {
    keep_largest();
    return std::move(found_);
  }

 private:
  void visit(const std::string& folder) {
    const auto entries = files_.list(folder);
    if (!entries) throw_errno(entries.error(), "cannot list", folder);
    for (const FolderEntry& entry : *entries) {
      const std::string path = folder + "/" + entry.name;
      if (entry.is_folder) {
        if (folders_.size() < k_folder_limit) folders_.push_back(path);
        continue;
      }
      if (found_.file_count == k_seen_limit) {
        found_.all = false;
        return;
      }
      if (const auto stat = files_.stat(path)) note(path, *stat);
    }
  }
  void note(const std::string& path, const FileStat& stat) {
    if (!stat.is_regular) return;
    ++found_.file_count;
    found_.size_bytes += stat.size_bytes;
    if (stat.size_bytes > 0) found_.files.push_back({path, stat.size_bytes});
    if (found_.files.size() >= 4 * k_kept_limit) keep_largest();
  }
  void keep_largest() {
    std::ranges::sort(found_.files, std::ranges::greater{}, &SampleFile::size_bytes);
    if (found_.files.size() > k_kept_limit) found_.files.resize(k_kept_limit);
  }

  Files& files_;
  std::deque<std::string> folders_;
  SampleFiles found_;
};

std::vector<std::string> paths_of(Files& files, const std::string& data) {
  if (files.stat(data) || data.find('{') == data.npos) return {data};
  auto paths = formats::expand_braces(data);
  if (paths) return std::move(*paths);
  throw Error({.code = Code::invalid_argument,
               .action = "cannot read the list",
               .object = data,
               .cause = paths.error()});
}

}  // namespace

SampleFiles find_sample_files(Files& files, const std::string& data) {
  Search search(files);
  for (const std::string& path : paths_of(files, data)) search.take(path);
  search.walk();
  SampleFiles found = search.result();
  if (!found.files.empty()) return found;
  throw Error({.code = Code::not_found,
               .action = "cannot probe",
               .object = data,
               .cause = "it has no file with bytes in it",
               .hint = "name a folder or a file that is read in training, or use --no-probe"});
}

}  // namespace headrace::doctor
