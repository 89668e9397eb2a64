// The walk over the tree, and the index that saves it next time.
#include "headrace/formats/image_folder.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/formats/image_labels.h"

namespace headrace::formats {
namespace {

constexpr int k_tree_depth_limit = 16;  // also ends a cycle of links
constexpr uint64_t k_file_limit = UINT32_MAX;
constexpr std::array<std::string_view, 6> k_extensions = {".jpg",  ".jpeg", ".jpe",
                                                          ".jfif", ".png",  ".webp"};

constexpr const char* k_picture = "jpg";

struct Image {
  std::string path;  // within the folder
  uint64_t size_bytes;
  uint64_t class_number;
};
struct Tree {
  std::vector<Image> images;
  std::vector<std::string> folders;   // within the folder; "" is the folder itself
  std::vector<LabelColumn> labels;    // sorted by name; of folders: "cls"
  std::vector<std::string> left_out;  // columns of a table that make no field
};

std::string joined(const std::string& folder, std::string_view name) {
  if (name.empty()) return folder;
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

class Walk {
 public:
  Walk(Files& files, const std::string& root) : files_(files), root_(root) {}

  Tree run() {
    tree_.folders.emplace_back();
    const auto entries = list("");
    uint64_t class_number = 0;
    for (const FolderEntry& entry : entries) {
      if (!entry.is_folder || entry.name.starts_with('.')) continue;
      const size_t before = tree_.images.size();
      descend(entry.name, class_number, 1);
      if (tree_.images.size() > before) ++class_number;
    }
    const std::string table = labels_path(files_, root_);
    if (class_number == 0 || !table.empty()) take_images("", entries, 0);
    if (!table.empty()) {
      label_by(table);
    } else if (class_number > 0) {
      LabelColumn& classes = tree_.labels.emplace_back(LabelColumn{.name = "cls"});
      for (const Image& image : tree_.images) classes.values.emplace_back(image.class_number);
    }
    return std::move(tree_);
  }

 private:
  void descend(const std::string& folder, uint64_t class_number, int depth) {
    if (depth > k_tree_depth_limit) {
      throw Error({.code = Code::unsupported,
                   .action = "cannot read image folder",
                   .object = joined(root_, folder),
                   .cause = fmt::format("it lies over {} folders deep", k_tree_depth_limit),
                   .hint = "look for a link that leads back to a folder above it"});
    }
    tree_.folders.push_back(folder);
    const auto entries = list(folder);
    take_images(folder, entries, class_number);
    for (const FolderEntry& entry : entries) {
      if (!entry.is_folder || entry.name.starts_with('.')) continue;
      descend(joined(folder, entry.name), class_number, depth + 1);
    }
  }

  // Where there is a table, folders are only places.
  void label_by(const std::string& table) {
    if (tree_.images.empty()) return;
    std::vector<std::string> paths;
    for (const Image& image : tree_.images) paths.push_back(image.path);
    ImageLabels labels = read_labels(files_, table, paths);
    tree_.labels = std::move(labels.columns);
    tree_.left_out = std::move(labels.left_out);
  }

  void take_images(const std::string& folder, const std::vector<FolderEntry>& entries,
                   uint64_t class_number) {
    for (const FolderEntry& entry : entries) {
      if (entry.is_folder || entry.name.starts_with('.') || !has_image_extension(entry.name)) {
        continue;
      }
      std::string path = joined(folder, entry.name);
      const auto stat = files_.stat(joined(root_, path));
      if (!stat) throw_errno(stat.error(), "cannot read the size of", joined(root_, path));
      if (stat->is_regular)
        tree_.images.push_back({std::move(path), stat->size_bytes, class_number});
    }
  }

  std::vector<FolderEntry> list(const std::string& folder) {
    auto entries = files_.list(joined(root_, folder));
    if (!entries) throw_errno(entries.error(), "cannot list folder", joined(root_, folder));
    return std::move(*entries);
  }

  Files& files_;
  const std::string& root_;
  Tree tree_;
};

// Changes when a file or folder is added to, removed from or renamed within one of the folders.
template <typename Folders>
uint64_t stamp_of(Files& files, const std::string& root, const Folders& folders) {
  uint64_t stamp = 1;
  for (const auto& folder : folders) {
    const auto stat = files.stat(joined(root, folder));
    if (!stat) return 0;
    stamp = mix64(stamp ^ xxh3(std::string_view(folder)), static_cast<uint64_t>(stat->modified_ns));
  }
  const auto table = files.stat(labels_path(files, root));
  if (table)
    stamp = mix64(mix64(stamp, table->size_bytes), static_cast<uint64_t>(table->modified_ns));
  return stamp;
}

std::vector<std::string_view> folders_of(const Index& index) {
  std::vector<std::string_view> folders;
  const std::string_view paths = index.paths();
  for (uint64_t at = index.facts().folders_offset_bytes; at < paths.size();) {
    folders.push_back(index.path_at(at));
    at += folders.back().size() + 1;
  }
  return folders;
}

std::string index_path_of(const std::string& folder, const std::string& cache_folder) {
  std::error_code ignored;
  const std::string absolute = std::filesystem::absolute(folder, ignored).lexically_normal();
  return fmt::format("{}/indexes/{:016x}{}", cache_folder, xxh3(absolute), k_index_suffix);
}

void write_index(Files& files, const std::string& path, const Tree& tree, uint64_t stamp) {
  static std::atomic<uint32_t> next{0};
  const std::string staged = fmt::format("{}.{}.{}", path, ::getpid(), next++);
  const auto picture = std::ranges::lower_bound(tree.labels, k_picture, {}, &LabelColumn::name);
  const auto picture_slot = static_cast<size_t>(picture - tree.labels.begin());
  std::vector<std::string> names;
  for (const LabelColumn& column : tree.labels) names.push_back(column.name);
  names.insert(names.begin() + static_cast<ptrdiff_t>(picture_slot), k_picture);
  IndexWriter writer(files, staged, std::move(names));
  uint64_t path_offset = 0, size_bytes = 0;
  std::vector<FieldExtent> fields;
  for (size_t i = 0; i < tree.images.size(); ++i) {
    fields.clear();
    for (const LabelColumn& column : tree.labels) {
      const auto value = column.values[i];
      fields.push_back(value ? FieldExtent{.offset_bytes = static_cast<uint64_t>(*value),
                                           .length_bytes = k_inline}
                             : FieldExtent{});
    }
    const Image& image = tree.images[i];
    fields.insert(fields.begin() + static_cast<ptrdiff_t>(picture_slot),
                  FieldExtent{.offset_bytes = 0, .length_bytes = image.size_bytes});
    writer.append(path_offset, fields);
    path_offset += image.path.size() + 1;
    size_bytes += image.size_bytes;
  }
  for (const Image& image : tree.images)
    writer.append_paths({image.path.c_str(), image.path.size() + 1});
  for (const std::string& folder : tree.folders)
    writer.append_paths({folder.c_str(), folder.size() + 1});
  writer.publish({.kind = IndexKind::image_folder,
                  .source_size_bytes = size_bytes,
                  .stamp = stamp,
                  .folders_offset_bytes = path_offset});
  if (const auto moved = files.rename(staged, path); !moved) {
    (void)files.remove(staged);
    throw_errno(moved.error(), "cannot rename to", path);
  }
}

}  // namespace

std::unique_ptr<ImageFolder> ImageFolder::open(const std::string& folder,
                                               const OpenOptions& options) {
  Files& files = *options.files;
  auto dataset = std::make_unique<ImageFolder>();
  dataset->files_ = &files;
  dataset->folder_ = folder;
  const std::string table = labels_path(files, folder);
  if (!table.empty()) dataset->notes_.push_back("labels are the columns of " + table);
  const std::string index_path = index_path_of(folder, options.cache_folder);
  auto held = Index::open(files, index_path, BodyCheck::full);
  if (held && options.believe_cached_tree) {
    if (held->facts().kind == IndexKind::image_folder && held->sample_count() > 0 &&
        stamp_of(files, folder, folders_of(*held)) == held->facts().stamp) {
      dataset->index_ = std::move(*held);
      return dataset;
    }
  }
  const Tree tree = Walk(files, folder).run();
  if (tree.images.empty()) return nullptr;
  if (tree.images.size() > k_file_limit) {
    throw Error({.code = Code::unsupported,
                 .action = "cannot read image folder",
                 .object = folder,
                 .cause = "it has over 4 billion files",
                 .hint = "headrace pack makes shards of it"});
  }
  if (!tree.left_out.empty()) {
    dataset->notes_.push_back(
        fmt::format("columns that are neither integers nor repeated names: {}",
                    fmt::join(tree.left_out, ", ")));
  }
  make_folders(files, options.cache_folder + "/indexes");
  write_index(files, index_path, tree, stamp_of(files, folder, tree.folders));
  auto made = Index::open(files, index_path, BodyCheck::full);
  if (!made) {
    throw Error({.code = Code::corrupt,
                 .action = "cannot read back index",
                 .object = index_path,
                 .cause = made.error().what});
  }
  dataset->index_ = std::move(*made);
  return dataset;
}

const std::string& ImageFolder::format() const {
  static const std::string k_format = "image-folder";
  return k_format;
}

FileInfo ImageFolder::file(uint64_t file_index) const {
  const auto path = index_.path_at(index_.record_offset_bytes(file_index));
  return {.path = joined(folder_, path),
          .size_bytes = index_.fields(file_index)[picture_slot()].length_bytes,
          .sample_count = 1};
}

Location ImageFolder::locate(uint64_t sample_id) const {
  return {.file_index = static_cast<uint32_t>(sample_id), .fields = index_.fields(sample_id)};
}

std::string ImageFolder::key(uint64_t sample_id) const {
  return std::string(index_.path_at(index_.record_offset_bytes(sample_id)));
}

size_t ImageFolder::picture_slot() const {
  const auto& names = index_.field_names();
  return static_cast<size_t>(std::ranges::find(names, k_picture) - names.begin());
}

std::vector<std::string> ImageFolder::class_names() const {
  std::vector<std::string> names;
  if (index_.field_names().size() < 2) return names;
  if (const std::string table = labels_path(*files_, folder_); !table.empty()) {
    std::vector<std::string> paths;
    for (uint64_t sample = 0; sample < index_.sample_count(); ++sample)
      paths.push_back(key(sample));
    for (const LabelColumn& column : read_labels(*files_, table, paths).columns) {
      if (!column.class_names.empty()) return column.class_names;
    }
    return names;
  }
  for (uint64_t sample = 0; sample < index_.sample_count(); ++sample) {
    const auto path = index_.path_at(index_.record_offset_bytes(sample));
    const auto name = path.substr(0, path.find('/'));
    if (names.empty() || names.back() != name) names.emplace_back(name);
  }
  return names;
}

bool has_image_extension(std::string_view name) {
  return std::ranges::any_of(k_extensions, [&](std::string_view extension) {
    if (name.size() < extension.size()) return false;
    return std::ranges::equal(
        name.substr(name.size() - extension.size()), extension, {},
        [](char letter) { return std::tolower(static_cast<unsigned char>(letter)); });
  });
}

}  // namespace headrace::formats
