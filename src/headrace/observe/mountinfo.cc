// Taking mountinfo apart: fields between spaces, octal escapes, a lone dash before the last three.
#include "headrace/observe/mountinfo.h"

#include <algorithm>
#include <optional>

#include "headrace/observe/proc_text.h"

namespace headrace::observe {

namespace {

// "\040" and its like stand for spaces, tabs, newlines and backslashes.
std::string unescaped(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && i + 3 < text.size() && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                  (text[i + 3] - '0'));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

bool holds(std::string_view folder, std::string_view path) {
  if (folder == "/") return path.starts_with('/');
  return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

std::optional<Mount> mount_of_line(std::string_view line) {
  const auto words = words_of(line);
  const auto dash = std::ranges::find(words, std::string_view("-"));
  if (words.size() < 7 || dash - words.begin() < 6 || words.end() - dash < 3) return std::nullopt;
  Mount mount{.device_number = std::string(words[2]),
              .folder = unescaped(words[4]),
              .options = unescaped(words[5]),
              .file_system = std::string(dash[1]),
              .source = unescaped(dash[2])};
  if (words.end() - dash > 3) mount.super_options = unescaped(dash[3]);
  return mount;
}

// What stands behind "key" in the list, beginning with "=" or empty; nothing when it is not there.
std::optional<std::string_view> option_in(std::string_view options, std::string_view key) {
  while (!options.empty()) {
    const size_t end = std::min(options.find(','), options.size());
    const std::string_view option = options.substr(0, end);
    options.remove_prefix(std::min(end + 1, options.size()));
    if (!option.starts_with(key)) continue;
    if (option.size() == key.size() || option[key.size()] == '=') return option.substr(key.size());
  }
  return std::nullopt;
}

}  // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
  std::vector<Mount> mounts;
  for (const std::string_view line : lines_of(text)) {
    if (mounts.size() == k_mount_limit) break;
    if (auto mount = mount_of_line(line)) mounts.push_back(std::move(*mount));
  }
  return mounts;
}

const Mount* mount_holding(const std::vector<Mount>& mounts, std::string_view absolute_path) {
  const Mount* best = nullptr;
  for (const Mount& mount : mounts) {
    if (!holds(mount.folder, absolute_path)) continue;
    if (best == nullptr || mount.folder.size() >= best->folder.size()) best = &mount;
  }
  return best;
}

bool has_option(std::string_view options, std::string_view key) {
  return option_in(options, key).has_value();
}

std::string_view option_value(std::string_view options, std::string_view key) {
  const std::string_view tail = option_in(options, key).value_or("");
  return tail.empty() ? tail : tail.substr(1);
}

}  // namespace headrace::observe
