// For tests: zip archives in memory, as NumPy writes them.
// Thread safety: values.
#pragma once

#include <libdeflate.h>

#include <string>
#include <vector>

#include "headrace/base/temp_folder.h"
#include "headrace/codec/zip.h"

namespace headrace::formats {

class ZipBuilder {
 public:
  ZipBuilder& add(const std::string& name, const std::string& body, bool deflated = false) {
    const std::string packed = deflated ? packed_of(body) : body;
    const std::string facts = number(deflated ? 8 : 0, 2) + number(0, 4) +
                              number(codec::zip_crc32(0, bytes_of(body)), 4) +
                              number(packed.size(), 4) + number(body.size(), 4) +
                              number(name.size(), 2) + number(0, 2);
    directory_ += number(0x02014b50, 4) + number(20, 2) + number(20, 2) + number(0, 2) + facts +
                  number(0, 10) + number(archive_.size(), 4) + name;
    archive_ += number(0x04034b50, 4) + number(20, 2) + number(0, 2) + facts + name + packed;
    ++count_;
    return *this;
  }
  std::string finished() const {
    return archive_ + directory_ + number(0x06054b50, 4) + number(0, 4) + number(count_, 2) +
           number(count_, 2) + number(directory_.size(), 4) + number(archive_.size(), 4) +
           number(0, 2);
  }

 private:
  static std::string number(uint64_t value, size_t size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) {
      bytes.push_back(static_cast<char>(i < 8 ? value >> (8 * i) : 0));
    }
    return bytes;
  }
  static std::string packed_of(const std::string& body) {
    std::string packed(body.size() + 64, '\0');
    libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
    packed.resize(libdeflate_deflate_compress(compressor, body.data(), body.size(), packed.data(),
                                              packed.size()));
    libdeflate_free_compressor(compressor);
    return packed;
  }

  std::string archive_, directory_;
  uint64_t count_ = 0;
};

// A .npy file of version 1.
inline std::string npy_of(const std::string& type, const std::string& shape,
                          const std::string& elements) {
  std::string head = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
  head.resize(117, ' ');
  head += '\n';
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + head + elements;
}

}  // namespace headrace::formats
