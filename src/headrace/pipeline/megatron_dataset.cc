// The pieces of a packed sequence, as extents of its .bin.
#include "headrace/pipeline/megatron_dataset.h"

#include <limits>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/base/sizes.h"

namespace headrace::pipeline {
namespace {

[[noreturn]] void refuse(const std::string& path, std::string cause, std::string hint) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot order as Megatron does",
               .object = path,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

std::unique_ptr<formats::TokenDataset> one_token_file(std::unique_ptr<formats::Dataset> dataset,
                                                      const std::string& path) {
  auto* tokens = dynamic_cast<formats::TokenDataset*>(dataset.get());
  if (tokens == nullptr) {
    refuse(path, fmt::format("it is a data set of the format {}", dataset->format()),
           "order.shuffle = \"global\" takes any format");
  }
  if (tokens->tokens()->sequence_tokens == 0) {
    refuse(path, "how many tokens a sample has is not said",
           "set dataset.sequence (--sequence), for example to 4096");
  }
  if (tokens->file_count() != 1) {
    refuse(path, fmt::format("it has {} token files", tokens->file_count()),
           "name one of them; several are a blend, which Megatron orders by weights");
  }
  (void)dataset.release();
  return std::unique_ptr<formats::TokenDataset>(tokens);
}

order::GptOrder order_of(const formats::TokenDataset& tokens, const MegatronOptions& options) {
  if (options.seed > std::numeric_limits<uint32_t>::max()) {
    refuse(options.path, fmt::format("order.seed is {}", options.seed),
           "Megatron's generator takes 32 bits");
  }
  const formats::TokenIndex& index = tokens.index(0);
  return order::GptOrder({.document_tokens_le32 = index.lengths_le32(),
                          .document_count = index.sequence_count(),
                          .sequence_tokens = tokens.tokens()->sequence_tokens,
                          .wanted_sample_count = options.wanted_sample_count,
                          .seed = static_cast<uint32_t>(options.seed)});
}

}  // namespace

MegatronDataset::MegatronDataset(std::unique_ptr<formats::Dataset> dataset,
                                 const MegatronOptions& options)
    : tokens_(one_token_file(std::move(dataset), options.path)),
      options_(options),
      order_(order_of(*tokens_, options)) {}

formats::FileInfo MegatronDataset::file(uint64_t file_index) const {
  formats::FileInfo file = tokens_->file(file_index);
  file.sample_count = sample_count();
  return file;
}

void MegatronDataset::append_pieces(uint64_t sample_id,
                                    std::vector<formats::FieldExtent>& pieces) const {
  const uint64_t token_bytes = tokens_->tokens()->token_bytes;
  const formats::TokenIndex& index = tokens_->index(0);
  order_.for_each_piece(sample_id, [&](const order::GptOrder::Piece& piece) {
    // An index that lies gives an extent of no file, which fails the sample.
    const auto document = index.extent(piece.document, tokens_->size_bytes());
    const uint64_t offset_bytes = document ? document->offset_bytes : ~uint64_t{0} >> 1;
    pieces.push_back({.offset_bytes = offset_bytes + piece.first_token * token_bytes,
                      .length_bytes = piece.token_count * token_bytes});
  });
}

formats::Location MegatronDataset::locate(uint64_t sample_id) const {
  std::vector<formats::FieldExtent> pieces;
  append_pieces(sample_id, pieces);
  return {.file_index = 0, .fields = {}, .computed = pieces.front()};
}

std::string MegatronDataset::key(uint64_t sample_id) const {
  return fmt::format("sequence {} of Megatron's order", sample_id);
}

uint64_t MegatronDataset::fingerprint() const {
  return mix64(mix64(tokens_->fingerprint(), options_.seed), sample_count());
}

uint64_t MegatronDataset::first_sample(uint64_t file_index) const {
  return file_index == 0 ? 0 : sample_count();
}

std::vector<std::string> MegatronDataset::notes() const {
  return {fmt::format("Megatron's order of {} samples in {} epochs takes {}", sample_count(),
                      order_.epoch_count(), format_size(order_.memory_bytes()))};
}

}  // namespace headrace::pipeline
