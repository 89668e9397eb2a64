// Both shuffles, drawn in Megatron's order from one generator.
#include "headrace/order/gpt_order.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <thread>

#include "headrace/base/check.h"
#include "headrace/base/endian.h"
#include "headrace/base/error.h"
#include "headrace/order/numpy_shuffle.h"

namespace headrace::order {
namespace {

// Below this share of an epoch, what the last epoch adds is shuffled apart from the others.
constexpr double k_apart_below = 0.80;
constexpr size_t k_huge_from_bytes = 8 << 20;
constexpr uint64_t k_most = std::numeric_limits<uint32_t>::max() - 2;

[[noreturn]] void refuse(std::string cause, std::string hint) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot order token sequences as Megatron does",
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

}  // namespace

GptOrder::GptOrder(const GptOrderOptions& options) : options_(options) {
  HR_CHECK(options.sequence_tokens > 0);
  HR_CHECK(
      options.document_tokens_le32.size() / 4 >= options.first_document + options.document_count,
      "{} lengths", options.document_tokens_le32.size() / 4);
  choose_epochs(count_epoch_tokens());
  documents_ = Numbers(epoch_count_ * options.document_count);
  shuffle_ = Numbers(sample_count_);
  marks_.resize((documents_.all().size() + k_documents_a_mark - 1) / k_documents_a_mark);
  // Both halves of the work that memory's first touch, or its latency, makes slow go side by side.
  {
    const std::jthread other([this] {
      number_documents(epoch_count_ / 2, epoch_count_);
      std::iota(shuffle_.all().begin(), shuffle_.all().end(), 0u);
    });
    number_documents(0, epoch_count_ / 2);
  }
  NumpyRandom random(options.seed);
  const std::span<uint32_t> documents = documents_.all(), samples = shuffle_.all();
  const size_t apart = last_epoch_apart_ ? options.document_count : 0;
  random.shuffle(documents.first(documents.size() - apart));
  random.shuffle(documents.last(apart));
  const std::jthread other([this] { mark_documents(); });
  random.shuffle(samples.first(separate_from_));
  random.shuffle(samples.subspan(separate_from_));
}

void GptOrder::number_documents(uint64_t begin_epoch, uint64_t end_epoch) {
  const uint64_t count = options_.document_count;
  for (uint64_t epoch = begin_epoch; epoch < end_epoch; ++epoch) {
    const auto of_epoch = documents_.all().subspan(epoch * count, count);
    std::iota(of_epoch.begin(), of_epoch.end(), static_cast<uint32_t>(options_.first_document));
  }
}

GptOrder::Numbers::Numbers(size_t count) {
  const size_t size_bytes = count * sizeof(uint32_t);
  arena_.emplace(memory::ArenaOptions{
      .size_bytes = size_bytes, .huge_pages = size_bytes >= k_huge_from_bytes, .touched = false});
  all_ = {reinterpret_cast<uint32_t*>(arena_->bytes().data()), count};
}

uint64_t GptOrder::count_epoch_tokens() const {
  uint64_t tokens = 0;
  for (uint64_t i = 0; i < options_.document_count; ++i) {
    const uint64_t count = tokens_of(options_.first_document + i);
    if (count > std::numeric_limits<int32_t>::max()) {
      refuse(fmt::format("document {} has a negative length", options_.first_document + i),
             "run headrace verify on the data set");
    }
    tokens += count;
  }
  const uint64_t least = sample_tokens();
  if (tokens < least) {
    refuse(fmt::format("{} documents have {} tokens, a sequence needs {}", options_.document_count,
                       tokens, least),
           "a shorter sequence, or more documents");
  }
  return tokens;
}

void GptOrder::choose_epochs(uint64_t epoch_tokens) {
  const uint64_t extra = options_.extra_token ? 1 : 0;
  const uint64_t sequence = options_.sequence_tokens;
  const uint64_t wanted_tokens = options_.wanted_sample_count * sequence + extra;
  epoch_count_ = std::max<uint64_t>(1, (wanted_tokens + epoch_tokens - 1) / epoch_tokens);
  sample_count_ = (epoch_count_ * epoch_tokens - extra) / sequence;
  if (sample_count_ > k_most || epoch_count_ * options_.document_count > k_most) {
    refuse(fmt::format("{} samples of {} documents in {} epochs", sample_count_,
                       options_.document_count, epoch_count_),
           fmt::format("at most {} of each; order.shuffle = \"global\" has no limit", k_most));
  }
  separate_from_ = sample_count_;
  if (epoch_count_ == 1) return;
  const uint64_t before_last = ((epoch_count_ - 1) * epoch_tokens - extra) / sequence;
  const uint64_t epoch_samples = (epoch_tokens - extra) / sequence;
  const auto least = static_cast<uint64_t>(k_apart_below * static_cast<double>(epoch_samples));
  last_epoch_apart_ = options_.wanted_sample_count - before_last < least;
  if (last_epoch_apart_) separate_from_ = before_last;
}

void GptOrder::mark_documents() {
  const std::span<const uint32_t> documents = documents_.all();
  const std::byte* const lengths = options_.document_tokens_le32.data();
  uint64_t tokens = 0;
  for (size_t mark = 0; mark < marks_.size(); ++mark) {
    marks_[mark] = tokens;
    const size_t begin = mark * k_documents_a_mark;
    const size_t count = std::min(k_documents_a_mark, documents.size() - begin);
    for (const uint32_t document : documents.subspan(begin, count)) {
      tokens += load_le<uint32_t>(lengths + size_t{4} * document);
    }
  }
}

GptOrder::Place GptOrder::place_of(uint64_t token) const {
  const auto mark = std::ranges::upper_bound(marks_, token) - 1;
  uint64_t position = static_cast<uint64_t>(mark - marks_.begin()) * k_documents_a_mark;
  uint64_t before = *mark;
  while (true) {
    const uint64_t count = tokens_of(documents_.all()[position]);
    if (token < before + count) return {position, token - before};
    before += count;
    ++position;
  }
}

size_t GptOrder::memory_bytes() const {
  return documents_.all().size_bytes() + marks_.size() * 8 + shuffle_.all().size_bytes();
}

}  // namespace headrace::order
