// Token files in the order of megatron-core's GPTDataset: sample k is the k-th that it would give.
// Thread safety: const after construction. Invariants: 1. a sample's pieces are whole runs of
// documents, within the .bin; 2. memory is order/gpt_order.h's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "headrace/formats/dataset.h"
#include "headrace/formats/token_dataset.h"
#include "headrace/order/gpt_order.h"

namespace headrace::pipeline {

struct MegatronOptions {
  std::string path = {};  // for messages
  uint64_t seed = 0;
  uint64_t wanted_sample_count = 0;  // 0 = one epoch
};

class MegatronDataset final : public formats::Dataset {
 public:
  // Throws Error: not one pair of token files, a seed beyond 32 bits, too few tokens.
  MegatronDataset(std::unique_ptr<formats::Dataset> dataset, const MegatronOptions& options);

  const std::string& format() const override { return tokens_->format(); }
  uint64_t sample_count() const override { return order_.sample_count(); }
  const std::vector<std::string>& field_names() const override { return tokens_->field_names(); }
  uint64_t file_count() const override { return 1; }
  formats::FileInfo file(uint64_t file_index) const override;
  formats::Location locate(uint64_t sample_id) const override;  // of its first piece
  bool in_pieces() const override { return true; }
  void append_pieces(uint64_t sample_id, std::vector<formats::FieldExtent>& pieces) const override;
  std::optional<formats::TokenFacts> tokens() const override { return tokens_->tokens(); }
  std::string key(uint64_t sample_id) const override;
  uint64_t size_bytes() const override { return tokens_->size_bytes(); }
  uint64_t fingerprint() const override;
  uint64_t first_sample(uint64_t file_index) const override;
  std::vector<std::string> notes() const override;

 private:
  std::unique_ptr<formats::TokenDataset> tokens_;
  MegatronOptions options_;
  order::GptOrder order_;
};

}  // namespace headrace::pipeline
