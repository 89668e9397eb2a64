// What pack reads from: numbered samples of named fields, with their sizes known before anything is
// read. Thread safety: const after open; read() may run on many threads.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "headrace/base/files.h"

namespace headrace::pack {

struct SourceField {
  std::string name;
  std::vector<std::byte> bytes;
};

struct SourceOptions {
  std::string cache_folder = {};
  bool salvage = false;       // formats::OpenOptions::salvage
  std::stop_token stop = {};  // ends the unpacking of packed shards by an Error
};

class Source {
 public:
  // A folder or tar as formats::Dataset takes it, or a list file: a line a sample, "path" or
  // "path<TAB>label". Throws Error.
  static std::unique_ptr<Source> open(Files& files, const std::string& path,
                                      const SourceOptions& options);
  virtual ~Source() = default;

  virtual std::string format() const = 0;  // as formats::Dataset's, or "list"
  virtual uint64_t sample_count() const = 0;
  // What the sample's fields have in the source, in the order in which read() gives them.
  virtual std::vector<uint64_t> field_sizes(uint64_t sample_id) const = 0;
  virtual std::vector<SourceField> read(uint64_t sample_id) const = 0;  // throws Error
  virtual std::string name(uint64_t sample_id) const = 0;               // for messages
  // Of a tar's sample, which other tools may know it by; "" where samples have no names of their
  // own.
  virtual std::string key(uint64_t /*sample_id*/) const { return ""; }
  virtual std::vector<std::string> class_names() const = 0;
  virtual std::vector<std::string> notes() const { return {}; }  // what opening found
  virtual uint64_t fingerprint() const = 0;  // of the samples' names, sizes and labels
};

}  // namespace headrace::pack
