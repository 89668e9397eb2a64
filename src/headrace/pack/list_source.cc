// Reading the list, and the numbers of its labels.
#include "headrace/pack/list_source.h"

#include <algorithm>
#include <set>

#include "headrace/base/hash.h"
#include "headrace/formats/tar.h"
#include "headrace/pack/read_whole.h"

namespace headrace::pack {
namespace {

constexpr uint64_t k_list_limit_bytes = uint64_t{1} << 32;

struct Line {
  std::string path;
  std::string label;  // "" without one
  size_t number = 0;  // within the list
  uint64_t size_bytes = 0;
};

[[noreturn]] void fail_at(const std::string& list, size_t line_number, std::string cause) {
  throw Error({.code = Code::invalid_argument,
               .action = fmt::format("cannot read line {} of", line_number),
               .object = list,
               .cause = std::move(cause),
               .hint = "a list has a line a sample: path, or path<TAB>label"});
}

class ListSource final : public Source {
 public:
  ListSource(Files& files, std::string list, std::vector<Line> lines,
             std::vector<std::string> class_names)
      : files_(files),
        list_(std::move(list)),
        lines_(std::move(lines)),
        class_names_(std::move(class_names)) {}

  std::string format() const override { return "list"; }
  uint64_t sample_count() const override { return lines_.size(); }
  std::vector<uint64_t> field_sizes(uint64_t sample_id) const override {
    const Line& line = lines_[sample_id];
    if (line.label.empty()) return {line.size_bytes};
    return {line.label.size(), line.size_bytes};
  }
  std::vector<SourceField> read(uint64_t sample_id) const override {
    const Line& line = lines_[sample_id];
    std::vector<SourceField> fields;
    if (!line.label.empty()) {
      const auto label = std::as_bytes(std::span(line.label));
      fields.push_back({.name = "cls", .bytes = {label.begin(), label.end()}});
    }
    fields.push_back({.name = "jpg", .bytes = picture_of(line)});
    return fields;
  }
  std::string name(uint64_t sample_id) const override { return lines_[sample_id].path; }
  std::vector<std::string> class_names() const override { return class_names_; }
  uint64_t fingerprint() const override {
    uint64_t hash = 0;
    for (const Line& line : lines_) {
      hash = mix64(hash ^ xxh3(line.path), mix64(xxh3(line.label), line.size_bytes));
    }
    return hash;
  }

 private:
  std::vector<std::byte> picture_of(const Line& line) const {
    try {
      return read_range(files_, {line.path, 0, line.size_bytes});
    } catch (const Error& error) {
      ErrorParts told = error.parts();
      told.cause += fmt::format("; line {} of {} names it", line.number, list_);
      throw Error(std::move(told));
    }
  }

  Files& files_;
  std::string list_;
  std::vector<Line> lines_;
  std::vector<std::string> class_names_;
};

std::vector<Line> parse_lines(const std::string& list, std::string_view text) {
  const size_t slash = list.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : list.substr(0, slash + 1);
  std::vector<Line> lines;
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const size_t tab = line.find('\t');
    const std::string_view path = line.substr(0, tab);
    const std::string_view label = tab == std::string_view::npos ? "" : line.substr(tab + 1);
    if (path.empty() || path.find('\0') != std::string_view::npos) {
      fail_at(list, number, "it has no path");
    }
    if (tab != std::string_view::npos && label.empty()) fail_at(list, number, "its label is empty");
    if (!lines.empty() && label.empty() != lines.front().label.empty()) {
      fail_at(list, number, "some lines have a label and others have none");
    }
    const bool absolute = path.starts_with('/');
    lines.push_back({.path = (absolute ? "" : folder) + std::string(path),
                     .label = std::string(label),
                     .number = number});
  }
  return lines;
}

// Replaces names by their numbers; labels that are all numbers stay as they are.
std::vector<std::string> number_labels(std::vector<Line>& lines) {
  const auto is_number = [](const Line& line) {
    return line.label.find_first_not_of("0123456789") == std::string::npos;
  };
  if (std::ranges::all_of(lines, is_number)) return {};
  std::set<std::string> sorted;
  for (const Line& line : lines) sorted.insert(line.label);
  const std::vector<std::string> names(sorted.begin(), sorted.end());
  for (Line& line : lines) {
    line.label = std::to_string(std::ranges::lower_bound(names, line.label) - names.begin());
  }
  return names;
}

}  // namespace

std::unique_ptr<Source> open_list(Files& files, const std::string& path) {
  const auto bytes = read_file(files, path, k_list_limit_bytes);
  auto lines = parse_lines(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (lines.empty()) fail_at(path, 1, "the list is empty");
  for (Line& line : lines) {
    const auto stat =
        files.stat(line.path);  // an absent file is the sample's error when it is read
    line.size_bytes = stat ? stat->size_bytes : 0;
  }
  auto class_names = number_labels(lines);
  return std::make_unique<ListSource>(files, path, std::move(lines), std::move(class_names));
}

}  // namespace headrace::pack
