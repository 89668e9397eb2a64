// Files of texts, cut into pieces that many threads read at the same time: a line belongs to the
// piece in which it begins, so pieces are known before anything is read. Thread safety: const once
// made; for_each_text may run on many threads. Invariants: 1. the texts of all pieces in their
// order are those of the files in theirs; 2. memory is a piece, or the longest text.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/base/files.h"

namespace headrace::pack {

struct TextFile {
  enum class Texts : uint8_t { one, a_line, a_json_line };
  std::string path = {};
  uint64_t size_bytes = 0;
  Texts texts = Texts::one;
};
struct TextPiece {
  size_t file_index = 0;
  uint64_t begin_bytes = 0, end_bytes = 0;
};

inline constexpr uint64_t k_text_bytes_max = uint64_t{1} << 30;

// A file, or those of a folder that end in .txt or .jsonl, by name. The lines of .jsonl are texts;
// any other file is one text, or one a line. Throws Error.
std::vector<TextFile> text_files(Files& files, const std::string& input, bool line_is_text);
// Of at most `piece_bytes` where lines are texts, else a file each.
std::vector<TextPiece> text_pieces(const std::vector<TextFile>& files, uint64_t piece_bytes);

// Calls take(text, offset in the file) for each text that begins in the piece; a line goes without
// its end ("\n" or "\r\n"), and lines with nothing on them are left out. `buffer` is reused from
// call to call. Throws Error.
using TakeText = std::function<void(std::string_view, uint64_t)>;
void for_each_text(Files& files, const TextFile& file, const TextPiece& piece, std::string& buffer,
                   const TakeText& take);

}  // namespace headrace::pack
