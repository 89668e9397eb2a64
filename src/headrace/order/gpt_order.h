// The order of megatron-core's GPTDataset, sample for sample, in a fraction of its memory:
// documents shuffled, packed end to end, cut into sequences, sequences shuffled. Source:
// megatron/core/datasets/gpt_dataset.py and helpers.cpp (`_build_document_index`,
// `build_sample_idx`, `_build_shuffle_index`), which draw from one RandomState in that order.
// Thread safety: const after construction. Invariants: (1) sample k before the second shuffle is
// tokens [k * S, k * S + S + extra) of the packed stream, so no sample index is stored; (2) memory
// is 4.5 bytes a document and epoch, and 4 bytes a sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headrace/base/endian.h"
#include "headrace/memory/arena.h"

namespace headrace::order {

struct GptOrderOptions {
  // Tokens of each document, little-endian int32 at any alignment, as a .idx file holds them;
  // borrowed as long as the order lives.
  std::span<const std::byte> document_tokens_le32 = {};
  uint64_t first_document = 0;  // a split is a run of documents
  uint64_t document_count = 0;
  uint64_t sequence_tokens = 0;
  uint64_t wanted_sample_count = 0;  // decides how many epochs are packed; 0 = one epoch
  uint32_t seed = 0;
  bool extra_token = true;  // a sample has one token more than its sequence: the last label
};

class GptOrder {
 public:
  // A run of a document's tokens.
  struct Piece {
    uint64_t document = 0;
    uint64_t first_token = 0;  // within the document
    uint64_t token_count = 0;
    bool operator==(const Piece&) const = default;
  };

  // Throws Error: negative lengths, or fewer tokens than one sequence.
  explicit GptOrder(const GptOrderOptions& options);
  uint64_t sample_count() const { return shuffle_.all().size(); }  // of all epochs together
  uint64_t epoch_count() const { return epoch_count_; }
  uint64_t sample_tokens() const {
    return options_.sequence_tokens + (options_.extra_token ? 1 : 0);
  }
  // Calls take(piece) for each piece of sample `position`, in order; their tokens add up to
  // sample_tokens().
  template <typename Take>
  void for_each_piece(uint64_t position, Take&& take) const;
  size_t memory_bytes() const;

 private:
  struct Place {
    uint64_t document_position = 0;  // in documents_
    uint64_t first_token = 0;        // within that document
  };
  // Shuffling goes all over them, so large ones lie on huge pages.
  class Numbers {
   public:
    Numbers() = default;
    explicit Numbers(size_t count);
    std::span<uint32_t> all() const { return all_; }

   private:
    std::optional<memory::Arena> arena_;
    std::span<uint32_t> all_;  // the arena's
  };
  static constexpr size_t k_documents_a_mark = 16;

  uint64_t tokens_of(uint64_t document) const {
    return load_le<uint32_t>(options_.document_tokens_le32.data() + 4 * document);
  }
  uint64_t count_epoch_tokens() const;
  void choose_epochs(uint64_t epoch_tokens);
  void number_documents(uint64_t begin_epoch, uint64_t end_epoch);
  void mark_documents();
  Place place_of(uint64_t token) const;

  GptOrderOptions options_;
  uint64_t epoch_count_ = 1;
  uint64_t sample_count_ = 0;
  uint64_t separate_from_ = 0;  // samples before the last epoch, where it is shuffled by itself
  bool last_epoch_apart_ = false;
  Numbers documents_;            // of all epochs, shuffled
  std::vector<uint64_t> marks_;  // packed tokens before each 16th of them
  Numbers shuffle_;
};

template <typename Take>
void GptOrder::for_each_piece(uint64_t position, Take&& take) const {
  Place place = place_of(uint64_t{shuffle_.all()[position]} * options_.sequence_tokens);
  uint64_t left = sample_tokens();
  while (left > 0) {
    const uint64_t document = documents_.all()[place.document_position];
    const uint64_t count = std::min(left, tokens_of(document) - place.first_token);
    if (count > 0) take(Piece{document, place.first_token, count});
    left -= count;
    place = {place.document_position + 1, 0};
  }
}

}  // namespace headrace::order
