// Where packing of texts can go on after it was ended: <OUT>.idx.resume, JSON, beside what is
// written so far. Thread safety: pure but for the files. Invariant: nothing is gone on with that is
// of other texts, another tokenizer or other options, or that is not all there.
#pragma once

#include <optional>
#include <string>

#include "headrace/formats/token_writer.h"
#include "headrace/pack/text_source.h"

namespace headrace::pack {

struct TokenResume {
  TextPlace place = {};  // of the first text that is not yet written
  formats::SavedTokens written = {};
  uint64_t of = 0;  // a hash of all that the files depend on
};

// Nothing where there is nothing to go on with.
std::optional<TokenResume> find_resume(Files& files, const std::string& output, uint64_t of);
void write_resume(Files& files, const std::string& output, const TokenResume& resume);
void remove_resume(Files& files, const std::string& output);

}  // namespace headrace::pack
