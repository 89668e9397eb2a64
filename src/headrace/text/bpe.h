// Byte pair encoding of one word: its bytes become tokens, and the pair of neighbors whose merge
// comes first in the model's list, the leftmost of equals, becomes one until no two merge.
// Thread safety: const; what is reused from word to word is in BpeScratch, one a thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "headrace/text/vocabulary.h"

namespace headrace::text {

struct BpeScratch {
  struct Symbol {
    uint32_t id = 0;
    uint32_t previous = 0;
    uint32_t next = 0;
    bool is_merged = false;  // into the one before it
  };
  struct Candidate {
    uint32_t rank = 0;
    uint32_t at = 0;  // of the first symbol
    uint32_t first = 0;
    uint32_t second = 0;  // what they were when this was pushed
    uint32_t id = 0;
  };
  std::vector<Symbol> symbols;
  std::vector<Candidate> heap;
};

// Appends the word's tokens to `ids`. Words of up to 32 bytes are searched for the best pair each
// time; longer ones keep a heap, O(n log n). Bytes without a token of their own are left out, as
// Hugging Face's tokenizers do.
void merge_word(const Vocabulary& vocabulary, std::string_view word, BpeScratch& scratch,
                std::vector<uint32_t>& ids);
// The heap, for words of any length; apart so that a test can compare the two.
void merge_long_word(const Vocabulary& vocabulary, std::string_view word, BpeScratch& scratch,
                     std::vector<uint32_t>& ids);

}  // namespace headrace::text
