// Texts to Megatron's .bin and .idx: a text is a document, its tokens are those of a
// tokenizer.json or SentencePiece model, made by many threads. What is written equals what
// Megatron's preprocess_data.py writes: a text without tokens is a document without a sequence.
// Thread safety: one call. Invariants: 1. nothing is visible before all texts are read; 2. the
// files are the same whatever the threads, and however often the run was ended; 3. memory is a few
// MiB a thread, or some of the longest texts.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "headrace/base/files.h"
#include "headrace/pack/packed_tokens.h"

namespace headrace::pack {

struct TokenTextsOptions {
  std::string input = {};      // a file, or a folder of .txt and .jsonl, also compressed
  std::string output = {};     // what .bin and .idx have in common
  std::string tokenizer = {};  // a tokenizer.json or a .model
  std::string key = "text";    // of .jsonl
  bool line_is_text = false;   // of files that are not .jsonl; else a file is a text
  bool special_tokens = true;  // those that the tokenizer's post-processor puts around a text
  std::string end_token = {};  // behind each text that has tokens: its number or name; empty = none
  std::optional<formats::TokenType> type = {};  // absent: uint16 where it holds them, else int32
  size_t job_count = 0;                         // 0 = one a core
  uint64_t save_bytes = uint64_t{256} << 20;    // of input, between places to go on from
  Files* files = &real_files();
  std::stop_token stop = {};
};

// Throws Error: what cannot be read or is no JSON (with its place), a tokenizer that is not
// supported, a type that cannot hold its tokens, and interrupted when stopped.
PackedTokens pack_token_texts(const TokenTextsOptions& options,
                              const PackTokensProgress& progress = {});

}  // namespace headrace::pack
