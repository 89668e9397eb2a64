// A piece is read at once, and further only to the end of the line that begins in it.
#include "headrace/pack/text_pieces.h"

#include <fcntl.h>

#include <algorithm>

#include "headrace/base/error.h"

namespace headrace::pack {
namespace {

constexpr uint64_t k_read_on_bytes = 64 << 10;

[[noreturn]] void refuse_text(const std::string& path, uint64_t offset_bytes, std::string cause,
                              std::string hint) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot read texts of",
               .object = path,
               .offset_bytes = offset_bytes,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

TextFile text_file(Files& files, const std::string& path, bool line_is_text) {
  const auto stat = files.stat(path);
  if (!stat) throw_errno(stat.error(), "cannot open", path);
  using Texts = TextFile::Texts;
  const Texts plain = line_is_text ? Texts::a_line : Texts::one;
  return {.path = path,
          .size_bytes = stat->size_bytes,
          .texts = path.ends_with(".jsonl") ? Texts::a_json_line : plain};
}

// A piece's bytes, to which what follows them can be added.
class PieceReader {
 public:
  PieceReader(Files& files, const TextFile& file, std::string& buffer)
      : files_(files), file_(file), buffer_(buffer) {
    auto fd = files.open(file.path, O_RDONLY);
    if (!fd) throw_errno(fd.error(), "cannot open", file.path);
    fd_ = std::move(*fd);
  }
  void read(uint64_t begin_bytes, uint64_t end_bytes) {
    begin_bytes_ = begin_bytes;
    buffer_.clear();
    read_to(end_bytes);
  }
  // False at the end of the file.
  bool read_on(uint64_t text_begin_bytes) {
    const uint64_t held_to = begin_bytes_ + buffer_.size();
    if (held_to == file_.size_bytes) return false;
    if (held_to - text_begin_bytes > k_text_bytes_max) {
      refuse_text(file_.path, text_begin_bytes, "a line of more than 1 GiB", "end texts earlier");
    }
    read_to(std::min(file_.size_bytes, held_to + k_read_on_bytes));
    return true;
  }

 private:
  void read_to(uint64_t end_bytes) {
    const size_t held = buffer_.size();
    const uint64_t offset_bytes = begin_bytes_ + held;
    buffer_.resize(end_bytes - begin_bytes_);
    const auto target = std::as_writable_bytes(std::span(buffer_)).subspan(held);
    const auto moved = files_.read_at(fd_.get(), target, offset_bytes);
    if (!moved) throw_errno(moved.error(), "cannot read", file_.path, offset_bytes);
    if (*moved < target.size()) {
      refuse_text(file_.path, offset_bytes + *moved, "it became shorter while it was read",
                  "pack it when nobody writes it");
    }
  }

  Files& files_;
  const TextFile& file_;
  std::string& buffer_;
  UniqueFd fd_;
  uint64_t begin_bytes_ = 0;
};

void give_line(std::string_view line, uint64_t offset_bytes, const TakeText& take) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.find_first_not_of(" \t\r") != std::string_view::npos) take(line, offset_bytes);
}

void for_each_line(Files& files, const TextFile& file, const TextPiece& piece, std::string& buffer,
                   const TakeText& take) {
  PieceReader reader(files, file, buffer);
  // From the byte before on: where it ends a line, one begins with the piece.
  const uint64_t base_bytes = piece.begin_bytes - (piece.begin_bytes > 0 ? 1 : 0);
  reader.read(base_bytes, piece.end_bytes);
  size_t begin = 0;
  if (piece.begin_bytes > 0) {
    const size_t before = buffer.find('\n');
    if (before == std::string::npos) return;  // all of it is one line of an earlier piece
    begin = before + 1;
  }
  while (base_bytes + begin < piece.end_bytes) {
    size_t end = buffer.find('\n', begin);
    while (end == std::string::npos) {
      const size_t searched = buffer.size();
      if (!reader.read_on(base_bytes + begin)) break;
      end = buffer.find('\n', searched);
    }
    end = std::min(end, buffer.size());
    give_line(std::string_view(buffer).substr(begin, end - begin), base_bytes + begin, take);
    begin = end + 1;
  }
}

}  // namespace

std::vector<TextFile> text_files(Files& files, const std::string& input, bool line_is_text) {
  const auto stat = files.stat(input);
  if (!stat) throw_errno(stat.error(), "cannot open", input);
  if (!stat->is_folder) return {text_file(files, input, line_is_text)};
  const auto entries = files.list(input);
  if (!entries) throw_errno(entries.error(), "cannot list", input);
  std::vector<TextFile> found;
  for (const FolderEntry& entry : *entries) {
    if (entry.is_folder) continue;
    if (!entry.name.ends_with(".txt") && !entry.name.ends_with(".jsonl")) continue;
    found.push_back(text_file(files, input + "/" + entry.name, line_is_text));
  }
  if (found.empty()) {
    throw Error({.code = Code::not_found,
                 .action = "cannot read texts of",
                 .object = input,
                 .cause = "the folder has no files *.txt or *.jsonl",
                 .hint = "name one file to take it whatever it is called"});
  }
  return found;
}

std::vector<TextPiece> text_pieces(const std::vector<TextFile>& files, uint64_t piece_bytes) {
  std::vector<TextPiece> pieces;
  for (size_t index = 0; index < files.size(); ++index) {
    const TextFile& file = files[index];
    if (file.texts == TextFile::Texts::one) {
      pieces.push_back({.file_index = index, .end_bytes = file.size_bytes});
      continue;
    }
    for (uint64_t begin = 0; begin < file.size_bytes; begin += piece_bytes) {
      pieces.push_back({.file_index = index,
                        .begin_bytes = begin,
                        .end_bytes = std::min(file.size_bytes, begin + piece_bytes)});
    }
  }
  return pieces;
}

void for_each_text(Files& files, const TextFile& file, const TextPiece& piece, std::string& buffer,
                   const TakeText& take) {
  if (file.texts != TextFile::Texts::one) return for_each_line(files, file, piece, buffer, take);
  if (file.size_bytes > k_text_bytes_max) {
    refuse_text(file.path, 0, "a text of more than 1 GiB", "--documents line, or cut the file");
  }
  PieceReader(files, file, buffer).read(0, file.size_bytes);
  take(buffer, 0);
}

}  // namespace headrace::pack
