// Files of texts, also compressed ones (.gz, .zst, .lz4), front to back in blocks of whole texts:
// blocks are taken one after the other, their texts on many threads. Thread safety: next() is one
// caller's at a time; load and for_each_text are anyone's. Invariants: 1. the texts of all blocks
// in their order are those of the files in theirs; 2. memory is a block a thread, or the longest
// text;
// 3. where a block ends depends on nothing but the files.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/formats/byte_stream.h"

namespace headrace::pack {

struct TextFile {
  enum class Texts : uint8_t { one, a_line, a_json_line };
  std::string path = {};
  uint64_t size_bytes = 0;  // as it lies
  int64_t modified_ns = 0;
  Texts texts = Texts::one;
};
// Between two blocks. Bytes are those of the file unpacked.
struct TextPlace {
  uint64_t file_index = 0;
  uint64_t offset_bytes = 0;
  bool operator==(const TextPlace&) const = default;
};
struct TextBlock {
  TextPlace begin = {};
  TextPlace next = {};      // where the block behind it begins
  uint64_t done_bytes = 0;  // of all files as they lie, this block's included
  std::string bytes = {};   // whole lines; empty where the file is one text, until load()
};

inline constexpr uint64_t k_text_bytes_max = uint64_t{1} << 30;

// A file, or those of a folder that end in .txt or .jsonl, alone or with .gz, .zst or .lz4 behind,
// by name. The lines of .jsonl are texts; any other file is one text, or one a line. Throws Error.
std::vector<TextFile> text_files(Files& files, const std::string& input, bool line_is_text);

class TextSource {
 public:
  // `files` and `texts` outlive it.
  TextSource(Files& files, const std::vector<TextFile>& texts, uint64_t block_bytes)
      : files_(files), texts_(texts), block_bytes_(block_bytes) {}

  // Before the first next(): what is in front of the place goes by unseen. Throws Error.
  void skip_to(const TextPlace& place);
  // False at the end. The block's memory is used again. Throws Error.
  bool next(TextBlock& block);
  // The bytes of a block that is a file. Throws Error.
  void load(TextBlock& block) const;

 private:
  struct OpenFile {
    UniqueFd fd = {};
    std::unique_ptr<formats::ByteStream> stream = {};
  };
  OpenFile open(const TextFile& text) const;
  void read(OpenFile& file, const TextFile& text, std::string& bytes, size_t wanted) const;
  bool fill(TextBlock& block);

  Files& files_;
  const std::vector<TextFile>& texts_;
  const uint64_t block_bytes_;
  TextPlace place_ = {};
  uint64_t done_bytes_ = 0;  // of the files before
  OpenFile file_ = {};       // that of place_, once opened
  std::string begun_ = {};   // of the line that the next block begins with
  bool is_at_end_ = false;   // of that file
};

// Calls take(text, offset in the unpacked file) for each text of the block; a line goes without its
// end ("\n" or "\r\n"), and lines with nothing on them are left out.
using TakeText = std::function<void(std::string_view, uint64_t)>;
void for_each_text(const TextFile& file, const TextBlock& block, const TakeText& take);

}  // namespace headrace::pack
