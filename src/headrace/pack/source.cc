// Sources over a Dataset; list files are in list_source.cc.
#include "headrace/pack/source.h"

#include <fcntl.h>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/packed_tar.h"
#include "headrace/formats/shard_list.h"
#include "headrace/pack/list_source.h"
#include "headrace/pack/read_whole.h"

namespace headrace::pack {
namespace {

class DatasetSource final : public Source {
 public:
  DatasetSource(Files& files, std::unique_ptr<formats::Dataset> dataset)
      : files_(files), dataset_(std::move(dataset)) {}

  std::string format() const override { return dataset_->format(); }
  uint64_t sample_count() const override { return dataset_->sample_count(); }
  std::vector<uint64_t> field_sizes(uint64_t sample_id) const override {
    std::vector<uint64_t> sizes;
    for (const formats::FieldExtent& field : dataset_->locate(sample_id).fields) {
      if (field.length_bytes == formats::k_absent) continue;
      const bool is_inline = field.length_bytes == formats::k_inline;
      sizes.push_back(is_inline ? std::to_string(static_cast<int64_t>(field.offset_bytes)).size()
                                : field.length_bytes);
    }
    return sizes;
  }
  std::vector<SourceField> read(uint64_t sample_id) const override {
    const formats::Location location = dataset_->locate(sample_id);
    const formats::FileInfo file = dataset_->file(location.file_index);
    std::vector<SourceField> fields;
    for (size_t i = 0; i < location.fields.size(); ++i) {
      const formats::FieldExtent& extent = location.fields[i];
      if (extent.length_bytes == formats::k_absent) continue;
      SourceField field{.name = dataset_->field_names()[i], .bytes = {}};
      if (extent.length_bytes == formats::k_inline) {
        const std::string number = std::to_string(static_cast<int64_t>(extent.offset_bytes));
        const auto bytes = std::as_bytes(std::span(number));
        field.bytes.assign(bytes.begin(), bytes.end());
      } else {
        field.bytes = read_range(files_, {file.path, extent.offset_bytes, extent.length_bytes});
        if (extent.checksum != 0 && xxh3(field.bytes) != extent.checksum) {
          throw_differs(sample_id, field.name, extent);
        }
      }
      fields.push_back(std::move(field));
    }
    return fields;
  }
  std::string name(uint64_t sample_id) const override {
    const std::string path = dataset_->file(dataset_->locate(sample_id).file_index).path;
    const std::string key = dataset_->key(sample_id);
    return path.ends_with(key) ? path : path + ":" + key;
  }
  std::string key(uint64_t sample_id) const override {
    const std::string& format = dataset_->format();
    const bool is_tar =
        format == formats::k_tar_format.name || format == formats::k_packed_tar_format.name;
    return is_tar ? dataset_->key(sample_id) : "";
  }
  std::vector<std::string> class_names() const override { return dataset_->class_names(); }
  std::vector<std::string> notes() const override { return dataset_->notes(); }
  uint64_t fingerprint() const override { return dataset_->fingerprint(); }

 private:
  [[noreturn]] void throw_differs(uint64_t sample_id, const std::string& field_name,
                                  const formats::FieldExtent& extent) const {
    throw Error({.code = Code::corrupt,
                 .action = "cannot read",
                 .object = name(sample_id),
                 .offset_bytes = extent.offset_bytes,
                 .cause = fmt::format("field {} differs from its checksum", field_name),
                 .hint = "make the shard again, or skip such samples (--on-error skip)"});
  }

  Files& files_;
  std::unique_ptr<formats::Dataset> dataset_;
};

}  // namespace

std::unique_ptr<Source> Source::open(Files& files, const std::string& path,
                                     const SourceOptions& options) {
  const auto stat = files.stat(path);
  if (stat && stat->is_regular && formats::format_of_file(files, path) == nullptr) {
    return open_list(files, path);
  }
  return std::make_unique<DatasetSource>(
      files, formats::Dataset::open(path, {.files = &files,
                                           .cache_folder = options.cache_folder,
                                           .believe_cached_tree = false,
                                           .salvage = options.salvage,
                                           .on_unpack = [stop = options.stop](uint64_t, uint64_t) {
                                             return !stop.stop_requested();
                                           }}));
}

}  // namespace headrace::pack
