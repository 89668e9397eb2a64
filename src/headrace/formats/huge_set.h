// For tests and benchmarks: a data set of as many samples as wished that takes next to no disk. All
// shards are hard links to one sparse tar, all indexes to one index, and a manifest lists them.
// Thread safety: a function.
#pragma once

#include <unistd.h>

#include <string>

#include "headrace/base/check.h"
#include "headrace/formats/index.h"
#include "headrace/formats/manifest.h"
#include "headrace/formats/tar.h"
#include "headrace/formats/tar_header.h"

namespace headrace::formats {

inline constexpr uint64_t k_huge_samples_a_shard = 100'000;
inline constexpr uint64_t k_huge_field_bytes = 512;  // of zeros, in the field "bin"

// One shard: members of one block, of which only the first and the last header are written.
inline uint64_t write_sparse_shard(const std::string& path) {
  constexpr uint64_t k_sample_bytes = 512 + k_huge_field_bytes;
  constexpr uint64_t k_last_bytes = (k_huge_samples_a_shard - 1) * k_sample_bytes;
  AtomicFile tar(real_files(), path);
  const TarBlock first = make_tar_header("0.bin", k_huge_field_bytes, '0');
  const TarBlock last = make_tar_header("99999.bin", k_huge_field_bytes, '0');
  tar.append(std::as_bytes(std::span(first)));
  tar.publish();
  constexpr uint64_t k_size_bytes = k_huge_samples_a_shard * k_sample_bytes + 1024;
  HR_CHECK(::truncate(path.c_str(), static_cast<off_t>(k_size_bytes)) == 0);
  const UniqueFd fd = *real_files().open(path, O_WRONLY);
  HR_CHECK(real_files().write_at(fd.get(), std::as_bytes(std::span(last)), k_last_bytes));
  IndexWriter index(real_files(), path + k_index_suffix, {"bin"});
  for (uint64_t i = 0; i < k_huge_samples_a_shard; ++i) {
    const FieldExtent extent{.offset_bytes = i * k_sample_bytes + 512,
                             .length_bytes = k_huge_field_bytes,
                             .checksum = 0};
    index.append(i * k_sample_bytes, {&extent, 1});
  }
  index.publish({.source_size_bytes = k_size_bytes});
  return k_size_bytes;
}

inline void write_huge_set(const std::string& folder, uint64_t shard_count) {
  make_folders(real_files(), folder);
  Manifest manifest{.field_names = {"bin"}, .made_by = "test"};
  const std::string first = folder + "/shard-0.tar";
  const uint64_t size_bytes = write_sparse_shard(first);
  for (uint64_t i = 0; i < shard_count; ++i) {
    const std::string name = fmt::format("shard-{}.tar", i);
    const std::string path = folder + "/" + name;
    if (i > 0) {
      HR_CHECK(::link(first.c_str(), path.c_str()) == 0, "{}", path);
      HR_CHECK(::link((first + k_index_suffix).c_str(), (path + k_index_suffix).c_str()) == 0);
    }
    manifest.shards.push_back({.name = name,
                               .index_name = name + k_index_suffix,
                               .sample_count = k_huge_samples_a_shard,
                               .size_bytes = size_bytes});
  }
  manifest.sample_count = shard_count * k_huge_samples_a_shard;
  manifest.size_bytes = shard_count * size_bytes;
  write_manifest(real_files(), folder, manifest);
}

}  // namespace headrace::formats
