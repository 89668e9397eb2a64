// The promise of a state: whatever number of ranks, rows a batch, workers, engine, prefetch depth
// and caching a run has from one stop to the next, its samples in global order, their bytes and
// their random draws are those of the run that was never stopped.
#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

constexpr int k_cases = 2000;
constexpr uint64_t k_epochs = 2;

// What augmentation may depend on, beside the sample's bytes.
class DrawOp final : public ops::Op {
 public:
  static uint64_t value(const DrawKey& key) {
    return mix64(mix64(mix64(key.seed, key.epoch), key.sample_id), key.operator_index);
  }
  ops::TensorSpec output() const override { return {.type = ops::Type::int64, .shape = {2}}; }
  std::unique_ptr<ops::Scratch> make_scratch() const override {
    return std::make_unique<ops::Scratch>();
  }
  std::expected<void, ops::Failure> run(std::span<const std::byte> bytes,
                                        const ops::Context& context, ops::Scratch&,
                                        std::span<std::byte> row) const noexcept override {
    store_le(row.data(), xxh3(bytes));
    store_le(row.data() + 8, value(context.draw));
    return {};
  }
};

pipeline::Plan draw_plan(uint32_t batch_size) {
  pipeline::Plan plan;
  plan.fields.push_back({.name = "draw", .sources = {0}, .op = std::make_unique<DrawOp>()});
  pipeline::lay_out(plan, batch_size);
  return plan;
}

struct Row {
  uint64_t id = 0, hash = 0, draw = 0;
  bool operator==(const Row&) const = default;
};

// By arithmetic alone, without a loader.
std::vector<Row> uninterrupted(const order::OrderOptions& options, const order::BlendOptions& mix) {
  const order::Order order(options);
  std::optional<order::Blend> blend;
  if (!mix.parts.empty()) blend.emplace(mix);
  std::vector<Row> rows;
  for (uint64_t epoch = 0; epoch < k_epochs; ++epoch) {
    std::vector<uint64_t> ids(blend ? mix.epoch_samples : options.sample_count);
    std::iota(ids.begin(), ids.end(), uint64_t{0});
    if (blend) blend->samples_at(epoch, ids);
    if (!blend) order.epoch(epoch).samples_at(ids);
    for (const uint64_t id : ids) {
      std::vector<std::byte> bytes(StampedDataset::sample_bytes(id), static_cast<std::byte>(id));
      store_le(bytes.data(), id);
      rows.push_back({id, xxh3(bytes),
                      DrawOp::value({.seed = options.seed, .epoch = epoch, .sample_id = id})});
    }
  }
  return rows;
}

class Draw {
 public:
  explicit Draw(uint64_t seed) : generator_(seed) {}
  uint64_t from(uint64_t least, uint64_t most) {
    return std::uniform_int_distribution<uint64_t>(least, most)(generator_);
  }
  template <class Value>
  Value one_of(std::initializer_list<Value> values) {
    return values.begin()[from(0, values.size() - 1)];
  }

 private:
  std::mt19937_64 generator_;
};

// What a run is of; the rest may change from one stop to the next.
struct Case {
  const StampedDataset& dataset;
  order::OrderOptions order;
  order::BlendOptions blend;  // {} = none
  uint64_t epoch_samples() const {
    return blend.parts.empty() ? order.sample_count : blend.epoch_samples;
  }
};

Options any_options(Draw& draw, const Case& run, const order::State& state) {
  const order::OrderOptions& order = run.order;
  Options options;
  options.blend = run.blend.parts;
  options.blend_samples = run.blend.epoch_samples;
  options.batch_size = static_cast<uint32_t>(draw.from(1, 24));
  options.workers = static_cast<uint32_t>(draw.from(1, 3));
  options.prefetch_batches = static_cast<uint32_t>(draw.from(1, 4));
  options.lease_count = 2;
  options.read_count_max = 32;
  options.read_buffer_bytes = 128 << 10;
  options.caching = draw.one_of({io::Caching::page, io::Caching::direct});
  options.in_memory = draw.from(0, 7) == 0;
  options.engine = draw.one_of({"auto", "threads", "psync"});
  options.depth = static_cast<uint32_t>(draw.from(1, 8));
  options.seed = order.seed;
  options.shuffle = order.shuffle;
  options.window_samples = order.window_samples;
  options.first_epoch = state.epoch;
  options.first_position = state.position;
  options.epoch_count = 0;
  options.world_size = draw.one_of<uint64_t>({1, 1, 2, 2, 3, 4, 5, 7, 8, 13, 16});
  return options;
}

// One rank of a world whose trainers loop epoch by epoch: a batch of the next epoch waits.
class Rank {
 public:
  Rank(const pipeline::Plan& plan, const StampedDataset& dataset, Options options, uint64_t rank)
      : loader_(plan, dataset, with_rank(std::move(options), rank)) {}
  std::optional<Batch> take(uint64_t epoch) {
    if (!ahead_) ahead_ = loader_.next();
    if (ahead_->epoch() != epoch) return std::nullopt;
    std::optional<Batch> taken = std::move(ahead_);
    ahead_.reset();
    return taken;
  }
  order::State state() const { return loader_.state(); }

 private:
  static Options with_rank(Options options, uint64_t rank) {
    options.rank = rank;
    return options;
  }
  Loader loader_;
  std::optional<Batch> ahead_;
};

// The ranks' rows in turn.
void gather(const std::vector<std::optional<Batch>>& batches, std::vector<Row>& rows) {
  for (uint32_t row = 0;; ++row) {
    const size_t before = rows.size();
    for (const auto& batch : batches) {
      if (!batch || row >= batch->row_count()) continue;
      const std::byte* bytes = batch->tensor(0).bytes.data() + size_t{row} * 16;
      rows.push_back({batch->ids()[row], load_le<uint64_t>(bytes), load_le<uint64_t>(bytes + 8)});
    }
    if (rows.size() == before) return;
  }
}

// A world runs some steps from `state` on; its state afterwards.
order::State run_a_while(Draw& draw, const Case& run, order::State state, std::vector<Row>& rows) {
  const Options options = any_options(draw, run, state);
  const pipeline::Plan plan = draw_plan(options.batch_size);
  std::vector<std::unique_ptr<Rank>> ranks;
  for (uint64_t rank = 0; rank < options.world_size; ++rank) {
    ranks.push_back(std::make_unique<Rank>(plan, run.dataset, options, rank));
  }
  const uint64_t steps = draw.from(1, 6);
  for (uint64_t step = 0; step < steps; ++step) {
    const order::State place = order::normalized(ranks[0]->state(), run.epoch_samples());
    std::vector<std::optional<Batch>> batches;
    for (auto& rank : ranks) batches.push_back(rank->take(place.epoch));
    gather(batches, rows);
    state = ranks[0]->state();
  }
  return order::normalized(state, run.epoch_samples());
}

std::vector<uint64_t> shards_of(const StampedDataset& dataset, const order::BlendPart& part) {
  std::vector<uint64_t> firsts = {0};
  for (uint64_t file = 0; file < dataset.file_count(); ++file) {
    const uint64_t first = dataset.first_sample(file);
    if (first <= part.first_sample || first >= part.first_sample + part.sample_count) continue;
    firsts.push_back(first - part.first_sample);
  }
  firsts.push_back(part.sample_count);
  return firsts;
}

// Half of the cases are blends, some of whose parts are passed through several times an epoch.
order::BlendOptions any_blend(Draw& draw, const order::OrderOptions& order) {
  order::BlendOptions blend{.epoch_samples = draw.from(20, 150),
                            .shuffle = order.shuffle,
                            .seed = order.seed,
                            .window_samples = order.window_samples};
  if (draw.from(0, 1) == 0) return blend;
  uint64_t first = 0;
  while (first < order.sample_count) {
    const uint64_t count = draw.from(1, order.sample_count - first);
    blend.parts.push_back({.first_sample = first,
                           .sample_count = count,
                           .weight = static_cast<double>(draw.from(1, 30)) / 10});
    first += count;
  }
  return blend;
}

TEST(ElasticResume, gives_one_sequence_for_any_stops_worlds_batches_workers_and_engines) {
  Draw draw(20'241'119);
  const std::vector<std::unique_ptr<StampedDataset>> datasets = [] {
    std::vector<std::unique_ptr<StampedDataset>> made;
    for (const uint64_t count : {31, 64, 150}) {
      made.push_back(std::make_unique<StampedDataset>(count, 40));
    }
    return made;
  }();
  for (int number = 0; number < k_cases; ++number) {
    const StampedDataset& dataset = *datasets[draw.from(0, datasets.size() - 1)];
    order::OrderOptions order{.sample_count = dataset.sample_count(),
                              .shuffle = draw.one_of({order::Shuffle::none, order::Shuffle::global,
                                                      order::Shuffle::window}),
                              .seed = draw.from(0, 1000),
                              .window_samples = draw.from(1, 60)};
    if (order.shuffle == order::Shuffle::window) {
      for (uint64_t file = 0; file < dataset.file_count(); ++file) {
        order.first_samples.push_back(dataset.first_sample(file));
      }
      order.first_samples.push_back(dataset.sample_count());
    }
    Case run{.dataset = dataset, .order = order, .blend = any_blend(draw, order)};
    order::BlendOptions blend = run.blend;  // with the shards that a loader finds by itself
    for (order::BlendPart& part : blend.parts) part.first_samples = shards_of(dataset, part);
    const std::vector<Row> expected = uninterrupted(order, blend);
    std::vector<Row> rows;
    order::State state;
    while (rows.size() < expected.size()) state = run_a_while(draw, run, state, rows);
    rows.resize(expected.size());  // the last world may have gone on into a third epoch
    ASSERT_EQ(rows, expected) << "case " << number << ", seed " << order.seed;
  }
}

}  // namespace
}  // namespace headrace::loader
