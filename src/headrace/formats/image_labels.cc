// Rows name images by their paths, with or without extension, as competitions do.
#include "headrace/formats/image_labels.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <unordered_map>

#include "headrace/base/error.h"

namespace headrace::formats {
namespace {

constexpr uint64_t k_table_limit_bytes = uint64_t{1} << 30;
constexpr size_t k_class_limit = 100'000;  // names of a column; more are texts
constexpr std::array<std::string_view, 8> k_file_columns = {
    "file_name", "filename", "file", "image", "image_id", "path", "name", "id"};

[[noreturn]] void refuse_labels(const std::string& path, const ScanFailure& failure) {
  throw Error({.code = Code::corrupt,
               .action = "cannot read labels",
               .object = path,
               .offset_bytes = failure.offset_bytes,
               .cause = failure.what,
               .hint = "mend the table, or move it out of the image folder"});
}

size_t file_column(const CsvTable& table) {
  for (const std::string_view wanted : k_file_columns) {
    const auto found = std::ranges::find(table.names, wanted);
    if (found != table.names.end()) return static_cast<size_t>(found - table.names.begin());
  }
  return 0;
}

std::string without_extension(const std::string& path) {
  const size_t dot = path.rfind('.');
  return dot == std::string::npos || path.find('/', dot) != std::string::npos ? path
                                                                              : path.substr(0, dot);
}

// Each row's image; nothing for images that are not here (a table may serve several folders).
std::vector<std::optional<size_t>> images_of_rows(const std::string& path, const CsvTable& table,
                                                  const std::vector<std::string>& images) {
  std::unordered_map<std::string, size_t> whole, bare;
  for (size_t i = 0; i < images.size(); ++i) {
    whole.emplace(images[i], i);
    bare.emplace(without_extension(images[i]), i);
  }
  const size_t column = file_column(table);
  std::vector<std::optional<size_t>> found(table.rows.size());
  std::vector<bool> is_taken(images.size());
  for (size_t row = 0; row < table.rows.size(); ++row) {
    std::string name = table.rows[row][column];
    if (name.starts_with("./")) name = name.substr(2);
    const auto by_path = whole.find(name);
    const auto by_name = by_path == whole.end() ? bare.find(name) : by_path;
    if (by_path == whole.end() && by_name == bare.end()) continue;
    if (is_taken[by_name->second]) {
      refuse_labels(path, {fmt::format("row {} is the second of {}", row + 1, name),
                           table.row_offsets_bytes[row]});
    }
    is_taken[by_name->second] = true;
    found[row] = by_name->second;
  }
  return found;
}

std::optional<int64_t> integer_of(const std::string& cell) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc() && end == cell.data() + cell.size() ? std::optional(value)
                                                                  : std::nullopt;
}

// Empty cells are values that a row lacks.
std::optional<LabelColumn> label_column(const CsvTable& table, size_t column,
                                        const std::vector<std::optional<size_t>>& images,
                                        size_t image_count) {
  LabelColumn labels{.name = table.names[column],
                     .values = std::vector<std::optional<int64_t>>(image_count),
                     .class_names = {}};
  std::set<std::string> names;
  bool are_integers = true;
  for (const auto& row : table.rows) {
    if (row[column].empty()) continue;
    are_integers = are_integers && integer_of(row[column]).has_value();
    if (names.size() <= k_class_limit) names.insert(row[column]);
  }
  if (names.empty()) return std::nullopt;
  if (!are_integers) {
    // Texts that hardly ever come twice are no classes.
    if (names.size() > k_class_limit || 2 * names.size() > table.rows.size() + 1) {
      return std::nullopt;
    }
    labels.class_names.assign(names.begin(), names.end());
  }
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const std::string& cell = table.rows[row][column];
    if (!images[row] || cell.empty()) continue;
    const auto at = std::ranges::lower_bound(labels.class_names, cell);
    labels.values[*images[row]] =
        are_integers ? integer_of(cell) : std::optional<int64_t>(at - labels.class_names.begin());
  }
  return labels;
}

}  // namespace

std::string labels_path(Files& files, const std::string& folder) {
  for (const char* name : {"labels.csv", "metadata.csv"}) {
    std::string path = folder + "/" + name;
    const auto stat = files.stat(path);
    if (stat && stat->is_regular) return path;
  }
  return "";
}

ImageLabels read_labels(Files& files, const std::string& path,
                        const std::vector<std::string>& images) {
  const auto text = read_file(files, path, k_table_limit_bytes);
  const auto table = parse_csv({reinterpret_cast<const char*>(text.data()), text.size()});
  if (!table) refuse_labels(path, table.error());
  const auto rows = images_of_rows(path, *table, images);
  if (std::ranges::none_of(rows, [](const auto& image) { return image.has_value(); })) {
    refuse_labels(path, {fmt::format("no cell of column {} names an image of the folder",
                                     table->names[file_column(*table)]),
                         0});
  }
  ImageLabels labels{.path = path, .columns = {}, .left_out = {}};
  for (size_t column = 0; column < table->names.size(); ++column) {
    const std::string& name = table->names[column];
    if (column == file_column(*table)) continue;
    const bool is_name = !name.empty() && name.size() <= k_field_name_limit_bytes &&
                         !name.contains('\0') && name != "jpg";
    auto made = is_name ? label_column(*table, column, rows, images.size()) : std::nullopt;
    if (made) {
      labels.columns.push_back(std::move(*made));
    } else {
      labels.left_out.push_back(name);
    }
  }
  std::ranges::sort(labels.columns, {}, &LabelColumn::name);
  const auto twice = std::ranges::adjacent_find(labels.columns, {}, &LabelColumn::name);
  if (twice != labels.columns.end()) {
    refuse_labels(path, {fmt::format("two columns are named {}", twice->name), 0});
  }
  return labels;
}

}  // namespace headrace::formats
