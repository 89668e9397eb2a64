// For tests: a tree of files that begin as pictures do, and the bytes of all files of a folder.
// Thread safety: values.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "headrace/base/hash.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::pack {

// A body that begins like a JPEG and goes on with bytes that depend on the seed.
inline std::string fake_jpeg(uint64_t seed, size_t size_bytes = 2000) {
  std::string body = "\xff\xd8\xff";
  for (uint64_t i = 0; body.size() < size_bytes; ++i) {
    body.push_back(static_cast<char>(mix64(seed, i) & 0xff));
  }
  return body;
}

// Classes "c0", "c1", ... with picture_count files each.
inline void write_tree(const std::string& folder, int class_count, int picture_count) {
  for (int c = 0; c < class_count; ++c) {
    const std::string class_folder = folder + "/c" + std::to_string(c);
    std::filesystem::create_directories(class_folder);
    for (int p = 0; p < picture_count; ++p) {
      const auto seed = static_cast<uint64_t>(c * 1000 + p);
      write_text(class_folder + fmt::format("/{:04}.jpg", p),
                 fake_jpeg(seed, 500 + mix64(seed) % 3000));
    }
  }
}

// File names to their bytes; none for a folder that is not there.
inline std::map<std::string, std::string> bytes_of_folder(const std::string& folder) {
  std::map<std::string, std::string> files;
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files[entry.path().filename()] = read_text(entry.path());
  }
  return files;
}

}  // namespace headrace::pack
