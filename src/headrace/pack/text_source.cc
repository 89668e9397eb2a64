// A block ends behind the last line that is whole in it; what follows begins the next one.
#include "headrace/pack/text_source.h"

#include <fcntl.h>

#include <algorithm>

#include "headrace/base/error.h"
#include "headrace/codec/codec.h"

namespace headrace::pack {
namespace {

using Texts = TextFile::Texts;

[[noreturn]] void refuse_long(const std::string& path, uint64_t offset_bytes, std::string cause) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot read texts of",
               .object = path,
               .offset_bytes = offset_bytes,
               .cause = std::move(cause),
               .hint = "a text has 1 GiB at most; --texts line, or cut it"});
}

TextFile text_file(Files& files, const std::string& path, bool line_is_text) {
  const auto stat = files.stat(path);
  if (!stat) throw_errno(stat.error(), "cannot open", path);
  const Texts plain = line_is_text ? Texts::a_line : Texts::one;
  return {.path = path,
          .size_bytes = stat->size_bytes,
          .modified_ns = stat->modified_ns,
          .texts = codec::packed_name(path).name.ends_with(".jsonl") ? Texts::a_json_line : plain};
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
    const std::string_view name = codec::packed_name(entry.name).name;
    if (entry.is_folder || !(name.ends_with(".txt") || name.ends_with(".jsonl"))) continue;
    found.push_back(text_file(files, input + "/" + entry.name, line_is_text));
  }
  if (!found.empty()) return found;
  throw Error({.code = Code::not_found,
               .action = "cannot read texts of",
               .object = input,
               .cause = "the folder has no files *.txt or *.jsonl, nor such as .gz, .zst or .lz4",
               .hint = "name one file to take it whatever it is called"});
}

bool TextSource::next(TextBlock& block) {
  while (place_.file_index < texts_.size()) {
    const TextFile& text = texts_[place_.file_index];
    block.begin = place_;
    block.bytes.clear();
    const bool is_file = text.texts == Texts::one;
    const bool has_lines = !is_file && fill(block);
    if (is_file || is_at_end_) {
      place_ = {.file_index = place_.file_index + 1};
      done_bytes_ += text.size_bytes;
      file_ = {};
      is_at_end_ = false;
    }
    block.next = place_;
    block.done_bytes = done_bytes_ + (file_.stream ? file_.stream->at_bytes() : 0);
    if (is_file || has_lines) return true;
  }
  return false;
}

// False where the file has no more lines.
bool TextSource::fill(TextBlock& block) {
  const TextFile& text = texts_[place_.file_index];
  if (!file_.stream) file_ = open(text);
  std::string& bytes = block.bytes;
  bytes.swap(begun_);
  begun_.clear();
  size_t end = std::string::npos;  // of the last whole line
  while (!is_at_end_ && end == std::string::npos) {
    const size_t held = bytes.size();
    if (held > k_text_bytes_max) {
      refuse_long(text.path, place_.offset_bytes, "a line of more than 1 GiB");
    }
    const size_t wanted = held < block_bytes_ ? block_bytes_ : 2 * held;
    read(file_, text, bytes, wanted);
    is_at_end_ = bytes.size() < wanted;
    end = bytes.rfind('\n');
  }
  if (!is_at_end_) {
    begun_ = bytes.substr(end + 1);
    bytes.resize(end + 1);
  }
  place_.offset_bytes += bytes.size();
  return !bytes.empty();
}

// To so many bytes in all; fewer only at the end.
void TextSource::read(OpenFile& file, const TextFile& text, std::string& bytes,
                      size_t wanted) const {
  size_t filled = bytes.size();
  bytes.resize(wanted);
  while (filled < wanted) {
    const auto moved = file.stream->read(std::as_writable_bytes(std::span(bytes).subspan(filled)));
    if (!moved) {
      throw Error({.code = Code::corrupt,
                   .action = "cannot read texts of",
                   .object = text.path,
                   .offset_bytes = moved.error().offset_bytes,
                   .cause = moved.error().what,
                   .hint = "pack it when it is whole and nobody writes it"});
    }
    if (*moved == 0) break;
    filled += *moved;
  }
  bytes.resize(filled);
}

TextSource::OpenFile TextSource::open(const TextFile& text) const {
  auto fd = files_.open(text.path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open", text.path);
  OpenFile file{.fd = std::move(*fd)};
  file.stream = formats::open_stream(formats::file_source(files_, file.fd.get(), text.size_bytes));
  return file;
}

void TextSource::load(TextBlock& block) const {
  const TextFile& text = texts_[block.begin.file_index];
  if (text.texts != Texts::one) return;
  OpenFile file = open(text);
  std::string& bytes = block.bytes;
  for (size_t wanted = text.size_bytes + 1;; wanted = 2 * bytes.size()) {
    wanted = std::min<size_t>(wanted, k_text_bytes_max + 1);
    read(file, text, bytes, wanted);
    if (bytes.size() < wanted) return;
    if (wanted > k_text_bytes_max) {
      refuse_long(text.path, 0, "a text of more than 1 GiB");
    }
  }
}

void TextSource::skip_to(const TextPlace& place) {
  while (place_.file_index < std::min<uint64_t>(place.file_index, texts_.size())) {
    done_bytes_ += texts_[place_.file_index++].size_bytes;
  }
  if (place.offset_bytes == 0 || place_.file_index == texts_.size()) return;
  const TextFile& text = texts_[place_.file_index];
  file_ = open(text);
  for (std::string piece; place_.offset_bytes < place.offset_bytes; piece.clear()) {
    read(file_, text, piece, std::min(place.offset_bytes - place_.offset_bytes, block_bytes_));
    if (piece.empty()) return;
    place_.offset_bytes += piece.size();
  }
}

void for_each_text(const TextFile& file, const TextBlock& block, const TakeText& take) {
  const std::string_view bytes = block.bytes;
  if (file.texts == Texts::one) return take(bytes, 0);
  for (size_t begin = 0; begin < bytes.size();) {
    const size_t end = std::min(bytes.find('\n', begin), bytes.size());
    std::string_view line = bytes.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      take(line, block.begin.offset_bytes + begin);
    }
    begin = end + 1;
  }
}

}  // namespace headrace::pack
