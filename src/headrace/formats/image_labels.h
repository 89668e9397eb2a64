// Labels of an image folder from a table that lies in it: labels.csv, or metadata.csv as Hugging
// Face has it. Layout: docs/formats/labels.md. Thread safety: values. Invariants: 1. a column's
// cells are all integers, or names that are numbered in their order; 2. each row names one image,
// and no two the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/formats/csv_table.h"

namespace headrace::formats {

struct LabelColumn {
  std::string name;
  std::vector<std::optional<int64_t>> values;  // of each image; nothing: it has no row
  std::vector<std::string> class_names;        // empty: its cells are integers
};

struct ImageLabels {
  std::string path;                   // of the table
  std::vector<LabelColumn> columns;   // sorted by name
  std::vector<std::string> left_out;  // columns that are neither integers nor few names
};

// The table in `folder`, or "".
std::string labels_path(Files& files, const std::string& folder);
// Of images by their paths within the folder. Throws Error: the table's path, offset and row.
ImageLabels read_labels(Files& files, const std::string& path,
                        const std::vector<std::string>& images);

}  // namespace headrace::formats
