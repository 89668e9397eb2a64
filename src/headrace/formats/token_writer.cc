// The arrays of an .idx are known only at the end, so they wait in files of their own.
#include "headrace/formats/token_writer.h"

#include <limits>

#include "headrace/base/check.h"
#include "headrace/base/endian.h"
#include "headrace/base/error.h"

namespace headrace::formats {
namespace {

constexpr size_t k_pending_bytes = 1 << 20;

template <typename T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

// Calls take(bytes) with the whole file, a piece at a time.
template <typename Take>
void for_each_piece(Files& files, const std::string& path, uint64_t size_bytes, Take&& take) {
  const auto fd = files.open(path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open", path);
  std::vector<std::byte> piece(k_pending_bytes);
  for (uint64_t offset = 0; offset < size_bytes; offset += k_pending_bytes) {
    const auto wanted =
        std::span(piece).first(std::min<uint64_t>(piece.size(), size_bytes - offset));
    const auto moved = files.read_at(fd->get(), wanted, offset);
    if (!moved) throw_errno(moved.error(), "cannot read", path, offset);
    if (*moved != wanted.size()) {
      throw Error({.action = "cannot read",
                   .object = path,
                   .offset_bytes = offset,
                   .cause = "it became shorter while it was read"});
    }
    take(std::span<const std::byte>(wanted));
  }
}

}  // namespace

void TokenWriter::Stream::put(std::span<const std::byte> bytes) {
  if (pending_.size() + bytes.size() > k_pending_bytes) flushed();
  if (bytes.size() >= k_pending_bytes) return file_.append(bytes);
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
}

AtomicFile& TokenWriter::Stream::flushed() {
  if (!pending_.empty()) file_.append(pending_);
  pending_.clear();
  return file_;
}

TokenWriter::TokenWriter(Files& files, const std::string& prefix, TokenType type,
                         const SavedTokens& saved)
    : files_(files),
      prefix_(prefix),
      type_(type),
      bin_(files, prefix + ".bin", saved.size_bytes),
      lengths_(files, prefix + ".idx.lengths", saved.sequence_count * sizeof(int32_t)),
      documents_(files, prefix + ".idx.documents",
                 saved.document_count > 0 ? (saved.document_count + 1) * sizeof(uint64_t) : 0),
      sequence_count_(saved.sequence_count),
      document_count_(saved.document_count),
      size_bytes_(saved.size_bytes) {
  if (document_count_ == 0) documents_.put(bytes_of(uint64_t{0}));
}

SavedTokens TokenWriter::save() {
  HR_CHECK(open_tokens_ == 0, "{} tokens of a sequence", open_tokens_);
  for (Stream* const stream : {&bin_, &lengths_, &documents_}) stream->flushed().save();
  return {.sequence_count = sequence_count_,
          .document_count = document_count_,
          .size_bytes = size_bytes_};
}

void TokenWriter::extend(std::span<const std::byte> tokens) {
  HR_CHECK(tokens.size() % size_of(type_) == 0, "{} bytes", tokens.size());
  const uint64_t count = open_tokens_ + tokens.size() / size_of(type_);
  if (count > std::numeric_limits<int32_t>::max()) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot write a sequence to",
                 .object = prefix_ + ".bin",
                 .cause = fmt::format("it has {} tokens; the format holds less than 2^31", count),
                 .hint = "end the document earlier"});
  }
  bin_.put(tokens);
  size_bytes_ += tokens.size();
  open_tokens_ = count;
}

void TokenWriter::end_sequence() {
  lengths_.put(bytes_of(static_cast<int32_t>(open_tokens_)));
  open_tokens_ = 0;
  ++sequence_count_;
}

void TokenWriter::append(std::span<const std::byte> tokens) {
  HR_CHECK(open_tokens_ == 0, "{} tokens of another sequence", open_tokens_);
  extend(tokens);
  end_sequence();
}

void TokenWriter::end_document() {
  documents_.put(bytes_of(sequence_count_));
  ++document_count_;
}

void TokenWriter::publish() {
  bin_.flushed().publish();
  Stream index(files_, prefix_ + ".idx");
  index.put(std::as_bytes(std::span("MMIDIDX\0", 9)));
  index.put(bytes_of(uint64_t{1}));
  index.put(bytes_of(type_));
  index.put(bytes_of(sequence_count_));
  index.put(bytes_of(document_count_ + 1));
  put_arrays(index);
  index.flushed().publish();
  lengths_.flushed().forget();
  documents_.flushed().forget();
}

void TokenWriter::put_arrays(Stream& index) {
  const std::string lengths = prefix_ + ".idx.lengths.partial";
  const uint64_t lengths_bytes = lengths_.flushed().size_bytes();
  const auto put = [&](std::span<const std::byte> piece) { index.put(piece); };
  for_each_piece(files_, lengths, lengths_bytes, put);
  uint64_t offset_bytes = 0;
  for_each_piece(files_, lengths, lengths_bytes, [&](std::span<const std::byte> piece) {
    for (size_t at = 0; at < piece.size(); at += 4) {
      index.put(bytes_of(offset_bytes));
      offset_bytes += static_cast<uint64_t>(load_le<int32_t>(piece.data() + at)) * size_of(type_);
    }
  });
  for_each_piece(files_, prefix_ + ".idx.documents.partial", documents_.flushed().size_bytes(),
                 put);
}

}  // namespace headrace::formats
