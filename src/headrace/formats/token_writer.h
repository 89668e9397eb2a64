// Writes Megatron's .bin and .idx, sequence by sequence; memory does not grow with them.
// Layout: docs/formats/megatron.md. Thread safety: one thread. Invariants: 1. nothing is visible
// before publish(), and the .idx, without which no reader looks, appears last; 2. neither saved nor
// published = nothing is left.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/formats/token_index.h"

namespace headrace::formats {

// How far a writer is, between two sequences.
struct SavedTokens {
  uint64_t sequence_count = 0;
  uint64_t document_count = 0;
  uint64_t size_bytes = 0;  // of the .bin
};

class TokenWriter {
 public:
  // Makes <prefix>.bin and <prefix>.idx; of an earlier writer's what it had saved stays. Throws
  // Error, as every call does.
  TokenWriter(Files& files, const std::string& prefix, TokenType type,
              const SavedTokens& saved = {});
  // Whole tokens of the writer's type, behind those of the sequence at hand: fewer than 2^31 in
  // all.
  void extend(std::span<const std::byte> tokens);
  void end_sequence();
  // A sequence at once.
  void append(std::span<const std::byte> tokens);
  // The sequences since the last call are one document.
  void end_document();
  SavedTokens save();  // on the disk, for a writer that goes on
  void publish();

  uint64_t open_tokens() const { return open_tokens_; }  // of the sequence at hand
  uint64_t sequence_count() const { return sequence_count_; }
  uint64_t document_count() const { return document_count_; }
  uint64_t token_count() const { return size_bytes_ / size_of(type_); }

 private:
  // A file that is appended to through memory, so that small pieces cost no system call each.
  class Stream {
   public:
    Stream(Files& files, const std::string& path, uint64_t saved_bytes = 0)
        : file_(files, path, saved_bytes) {}
    void put(std::span<const std::byte> bytes);
    AtomicFile& flushed();

   private:
    AtomicFile file_;
    std::vector<std::byte> pending_;
  };
  void put_arrays(Stream& index);

  Files& files_;
  std::string prefix_;
  TokenType type_;
  Stream bin_;
  Stream lengths_;  // never published: the .idx is put together from these two
  Stream documents_;
  uint64_t open_tokens_ = 0;
  uint64_t sequence_count_ = 0;
  uint64_t document_count_ = 0;
  uint64_t size_bytes_ = 0;
};

}  // namespace headrace::formats
