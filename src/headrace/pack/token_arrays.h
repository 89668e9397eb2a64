// Arrays of tokens (.npy, or raw numbers) to Megatron's .bin and .idx, streamed: memory is two
// pieces of 1 MiB whatever the size. Thread safety: one call. Invariants: (1) nothing is visible
// before all inputs are read; (2) no token changes its value: one that the type cannot hold ends
// the run.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "headrace/base/files.h"
#include "headrace/pack/packed_tokens.h"

namespace headrace::pack {

struct TokenArraysOptions {
  std::string input = {};     // a .npy, a raw file, or a folder of them, read in the order of names
  std::string output = {};    // what .bin and .idx have in common
  std::string raw_type = {};  // of raw files: "uint8" ... "uint64"; needed where there are any
  std::optional<formats::TokenType> type = {};  // absent: the input's, or the next that can hold it
  std::optional<uint64_t> end_token =
      {};  // a document ends behind each; rows of a .npy end one too
  Files* files = &real_files();
  std::stop_token stop = {};
};

// Throws Error: input that cannot be read or is no array of whole numbers, a token out of range
// (with its place), and interrupted when stopped.
PackedTokens pack_token_arrays(const TokenArraysOptions& options,
                               const PackTokensProgress& progress = {});

}  // namespace headrace::pack
