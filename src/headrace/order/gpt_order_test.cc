// Golden values are megatron-core's own; beside them what must hold for any documents.
#include "headrace/order/gpt_order.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "headrace/base/error.h"

namespace headrace::order {
namespace {

using Piece = GptOrder::Piece;
using testing::HasSubstr;

struct Documents {
  std::vector<int32_t> lengths;
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(lengths)); }
};

Documents some_documents(uint32_t count) {
  Documents documents;
  for (uint32_t i = 0; i < count; ++i) {
    documents.lengths.push_back(static_cast<int32_t>(i * 7919 % 97 % 40));  // 0 to 39, some empty
  }
  return documents;
}

std::vector<Piece> pieces_of(const GptOrder& order, uint64_t position) {
  std::vector<Piece> pieces;
  order.for_each_piece(position, [&](const Piece& piece) { pieces.push_back(piece); });
  return pieces;
}

GptOrder order_of(const Documents& documents, uint64_t wanted, bool extra = true) {
  return GptOrder({.document_tokens_le32 = documents.bytes(),
                   .document_count = documents.lengths.size(),
                   .sequence_tokens = 32,
                   .wanted_sample_count = wanted,
                   .seed = 1234,
                   .extra_token = extra});
}

// FNV-1a over every token of every sample, token t of document d being 1000 d + t.
uint64_t fingerprint(const GptOrder& order) {
  uint64_t hash = 1469598103934665603U;
  for (uint64_t position = 0; position < order.sample_count(); ++position) {
    order.for_each_piece(position, [&](const Piece& piece) {
      for (uint64_t i = 0; i < piece.token_count; ++i) {
        hash = (hash ^ (1000 * piece.document + piece.first_token + i)) * 1099511628211U;
      }
    });
  }
  return hash;
}

TEST(GptOrder, gives_the_tokens_that_megatron_core_gives) {
  // GPTDataset of megatron-core 0.16.1 on these documents. Of 272 samples an epoch, 400 and 600
  // leave the last epoch apart, 500 and 800 do not.
  struct Golden {
    uint64_t wanted;
    uint32_t seed;
    uint64_t sample_count;
    uint64_t fingerprint;
  };
  constexpr Golden k_golden[] = {
      {0, 1234, 272, 0x81397045079c07f0},   {0, 7, 272, 0xcc16a4045ac1f178},
      {400, 1234, 545, 0xe274fdaff4173c4a}, {400, 7, 545, 0xe91aeff00150977d},
      {500, 1234, 545, 0x65b76cf22801f5bf}, {500, 7, 545, 0x8be2f96f6bd70fd},
      {600, 1234, 818, 0x10f2ec18b2184069}, {600, 7, 818, 0xe73fc7325e799532},
      {800, 1234, 818, 0x653b26933b824dbb}, {800, 7, 818, 0x6eeee60f6fe79615},
  };
  const Documents documents = some_documents(500);
  for (const Golden& golden : k_golden) {
    const GptOrder order({.document_tokens_le32 = documents.bytes(),
                          .document_count = 500,
                          .sequence_tokens = 32,
                          .wanted_sample_count = golden.wanted,
                          .seed = golden.seed});
    EXPECT_EQ(order.sample_count(), golden.sample_count);
    EXPECT_EQ(fingerprint(order), golden.fingerprint) << golden.wanted << " " << golden.seed;
  }
}

TEST(GptOrder, every_sample_has_its_tokens_and_no_piece_leaves_its_document) {
  const Documents documents = some_documents(500);
  for (const bool extra : {true, false}) {
    const GptOrder order = order_of(documents, 1000, extra);
    for (uint64_t position = 0; position < order.sample_count(); ++position) {
      uint64_t tokens = 0;
      for (const Piece& piece : pieces_of(order, position)) {
        tokens += piece.token_count;
        EXPECT_LE(piece.first_token + piece.token_count,
                  static_cast<uint64_t>(documents.lengths[piece.document]));
        EXPECT_GT(piece.token_count, 0U);
      }
      ASSERT_EQ(tokens, extra ? 33U : 32U);
    }
  }
}

TEST(GptOrder, an_epoch_shows_each_token_once_but_for_the_labels_and_the_tail) {
  const Documents documents = some_documents(500);
  const GptOrder order = order_of(documents, 0);
  EXPECT_EQ(order.epoch_count(), 1U);
  std::vector<std::vector<int>> seen;
  for (const int32_t length : documents.lengths) seen.emplace_back(length);
  for (uint64_t position = 0; position < order.sample_count(); ++position) {
    uint64_t left = 32;  // without the label that the next sequence begins with
    for (const Piece& piece : pieces_of(order, position)) {
      const uint64_t count = std::min(left, piece.token_count);
      for (uint64_t i = 0; i < count; ++i) ++seen[piece.document][piece.first_token + i];
      left -= count;
    }
  }
  uint64_t total = 0, once = 0;
  for (const auto& document : seen) {
    for (const int times : document) {
      ++total;
      once += times == 1 ? 1 : 0;
      EXPECT_LE(times, 1);
    }
  }
  EXPECT_EQ(once, order.sample_count() * 32);
  EXPECT_LE(total - once, 32U);
}

TEST(GptOrder, packs_as_many_epochs_as_the_wanted_samples_need) {
  const Documents documents = some_documents(500);
  const uint64_t epoch = order_of(documents, 0).sample_count();
  EXPECT_EQ(order_of(documents, epoch).epoch_count(), 1U);
  EXPECT_EQ(order_of(documents, epoch + 2).epoch_count(), 2U);
  EXPECT_GE(order_of(documents, 5 * epoch).sample_count(), 5 * epoch);
}

TEST(GptOrder, a_small_last_epoch_stays_behind_the_others) {
  const Documents documents = some_documents(500);
  const uint64_t epoch = order_of(documents, 0).sample_count();
  // Little of the second epoch is wanted, so its samples come last: whatever stands first is of
  // the first, whose pieces add up to each document once.
  const GptOrder order = order_of(documents, epoch + epoch / 4);
  std::vector<uint64_t> seen(documents.lengths.size());
  for (uint64_t position = 0; position < epoch; ++position) {
    uint64_t left = 32;
    for (const Piece& piece : pieces_of(order, position)) {
      seen[piece.document] += std::min(left, piece.token_count);
      left -= std::min(left, piece.token_count);
    }
  }
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_LE(seen[i], static_cast<uint64_t>(documents.lengths[i]) + 32) << i;
  }
}

TEST(GptOrder, another_seed_is_another_order_and_the_same_seed_the_same) {
  const Documents documents = some_documents(100);
  const auto first = [&](uint32_t seed) {
    return pieces_of(GptOrder({.document_tokens_le32 = documents.bytes(),
                               .document_count = 100,
                               .sequence_tokens = 8,
                               .seed = seed}),
                     0);
  };
  EXPECT_EQ(first(1), first(1));
  EXPECT_NE(first(1), first(2));
}

TEST(GptOrder, refuses_too_few_tokens_and_negative_lengths) {
  Documents documents = {.lengths = {10, 10}};
  const auto cause = [&] {
    try {
      (void)order_of(documents, 0);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("nothing thrown");
  };
  EXPECT_THAT(cause(), HasSubstr("2 documents have 20 tokens, a sequence needs 33"));
  documents.lengths[1] = -5;
  EXPECT_THAT(cause(), HasSubstr("document 1 has a negative length"));
}

}  // namespace
}  // namespace headrace::order
