// Encodings follow the fields' names, so that Streaming hands out pictures, numbers and texts.
#include "headrace/formats/mds_encoder.h"

#include <fcntl.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headrace/base/endian.h"
#include "headrace/base/error.h"

namespace headrace::formats {
namespace {

constexpr uint64_t k_shard_limit_bytes = UINT32_MAX;  // offsets are u32

std::string encoding_of(const FieldBytes& field) {
  if (label_value(field)) return "int";
  if (field.name == "jpg" || field.name == "jpeg") return "jpeg";
  if (field.name == "png") return "png";
  if (field.name == "txt" || field.name == "text") return "str";
  if (field.name == "json") return "json";
  return "bytes";
}

[[noreturn]] void refuse_mds(std::string cause, std::string hint) {
  throw Error({.code = Code::unsupported,
               .action = "cannot write as MDS",
               .object = "a sample",
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

template <typename T>
void put(std::vector<std::byte>& bytes, T value) {
  const auto raw = std::as_bytes(std::span(&value, 1));
  bytes.insert(bytes.end(), raw.begin(), raw.end());
}

nlohmann::ordered_json config_of(std::span<const MdsColumn> columns) {
  auto names = nlohmann::ordered_json::array(), encodings = names, sizes = names;
  for (const MdsColumn& column : columns) {
    names.push_back(column.name);
    encodings.push_back(column.encoding);
    sizes.push_back(column.size_bytes == 0 ? nlohmann::ordered_json()
                                           : nlohmann::ordered_json(column.size_bytes));
  }
  return {{"column_encodings", encodings},
          {"column_names", names},
          {"column_sizes", sizes},
          {"compression", nullptr},
          {"format", "mds"},
          {"hashes", nlohmann::ordered_json::array()},
          {"size_limit", nullptr},
          {"version", 2}};
}

}  // namespace

void MdsEncoder::set_columns(std::span<const FieldBytes> fields) {
  for (const FieldBytes& field : fields) {
    const std::string encoding = encoding_of(field);
    columns_.push_back({.name = std::string(field.name),
                        .encoding = encoding,
                        .size_bytes = encoding == "int" ? sizeof(int64_t) : 0});
  }
  config_ = config_of(columns_).dump();
}

void MdsEncoder::append(std::span<const FieldBytes> fields) {
  if (columns_.empty()) set_columns(fields);
  const bool same = std::ranges::equal(fields, columns_, {}, &FieldBytes::name, &MdsColumn::name);
  if (!same) {
    refuse_mds("it has other fields than the samples before it, and all of MDS's have the same",
               "pack as tar, or give pictures of one kind");
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (columns_[i].size_bytes > 0) continue;
    put(bodies_, static_cast<uint32_t>(std::min<uint64_t>(fields[i].bytes.size(), UINT32_MAX)));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (columns_[i].size_bytes == 0) {
      bodies_.insert(bodies_.end(), fields[i].bytes.begin(), fields[i].bytes.end());
      continue;
    }
    const auto label = label_value(fields[i]);
    if (!label) refuse_mds(columns_[i].name + " is no number, as it was before", "mend the label");
    put(bodies_, *label);
  }
  ends_.push_back(bodies_.size());
  if (size_bytes() > k_shard_limit_bytes) {
    refuse_mds("its shard would have 4 GiB, and MDS's are smaller", "give a smaller --shard-size");
  }
}

void MdsEncoder::finish() {
  if (config_.empty()) config_ = config_of(columns_).dump();
  std::vector<std::byte> head;
  put(head, static_cast<uint32_t>(ends_.size()));
  const uint64_t first = head_bytes();
  put(head, static_cast<uint32_t>(first));
  for (const uint64_t end : ends_) put(head, static_cast<uint32_t>(first + end));
  sink_(head);
  sink_(std::as_bytes(std::span(config_)));
  sink_(bodies_);
}

void write_mds_index(Files& files, const std::string& folder, const Manifest& manifest) {
  auto shards = nlohmann::ordered_json::array();
  for (const ManifestShard& shard : manifest.shards) {
    const std::string path = folder + "/" + shard.name;
    const auto fd = files.open(path, O_RDONLY);
    if (!fd) throw_errno(fd.error(), "cannot open shard", path);
    ByteWindow window(file_source(files, fd->get(), shard.size_bytes));
    const auto head = read_mds_head(window);
    if (!head) {
      throw Error({.code = Code::corrupt,
                   .action = "cannot read back",
                   .object = path,
                   .offset_bytes = head.error().offset_bytes,
                   .cause = head.error().what});
    }
    auto entry = nlohmann::ordered_json::parse(head->config);
    entry["raw_data"] = {{"basename", shard.name},
                         {"bytes", shard.size_bytes},
                         {"hashes", nlohmann::ordered_json::object()}};
    entry["samples"] = shard.sample_count;
    entry["zip_data"] = nullptr;
    shards.push_back(std::move(entry));
  }
  const std::string text = nlohmann::ordered_json{{"shards", shards}, {"version", 2}}.dump() + "\n";
  AtomicFile file(files, folder + "/index.json");
  file.append(std::as_bytes(std::span(text)));
  file.publish();
}

}  // namespace headrace::formats
