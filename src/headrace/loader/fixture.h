// For tests of this room: a data set of stamped samples in real files, and a plan whose operators
// copy or fail. Thread safety: const once made.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "headrace/base/endian.h"
#include "headrace/base/error.h"
#include "headrace/base/files.h"
#include "headrace/base/hash.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/dataset.h"
#include "headrace/io/slow_ring.h"
#include "headrace/loader/loader.h"
#include "headrace/loader/options.h"
#include "headrace/pipeline/plan.h"

namespace headrace::loader {

// Sample k is `sample_bytes(k)` bytes in file k / samples_a_file, whose first 8 bytes are k; field
// "id" has no bytes and is k % 10 inline.
class StampedDataset final : public formats::Dataset {
 public:
  StampedDataset(uint64_t sample_count, uint64_t samples_a_file)
      : sample_count_(sample_count),
        samples_a_file_(samples_a_file),
        extents_(sample_count),
        file_sizes_(file_count()) {
    for (uint64_t file = 0; file < file_count(); ++file) write_file(file);
  }
  static uint64_t sample_bytes(uint64_t sample_id) { return 8 + mix64(sample_id) % 5000; }

  const std::string& format() const override { return format_; }
  uint64_t sample_count() const override { return sample_count_; }
  const std::vector<std::string>& field_names() const override { return names_; }
  uint64_t file_count() const override {
    return (sample_count_ + samples_a_file_ - 1) / samples_a_file_;
  }
  formats::FileInfo file(uint64_t file_index) const override {
    return {.path = folder_ / std::to_string(file_index),
            .size_bytes = file_sizes_[file_index],
            .sample_count = 0};
  }
  formats::Location locate(uint64_t sample_id) const override {
    return {.file_index = static_cast<uint32_t>(sample_id / samples_a_file_),
            .fields = extents_[sample_id]};
  }
  std::string key(uint64_t sample_id) const override { return std::to_string(sample_id); }
  uint64_t size_bytes() const override {
    uint64_t size_bytes = 0;
    for (uint64_t index = 0; index < file_count(); ++index) size_bytes += file(index).size_bytes;
    return size_bytes;
  }
  uint64_t fingerprint() const override { return sample_count_; }
  uint64_t first_sample(uint64_t file_index) const override { return file_index * samples_a_file_; }

 private:
  void write_file(uint64_t file_index) {
    AtomicFile file(real_files(), folder_ / std::to_string(file_index));
    const uint64_t end = std::min(sample_count_, (file_index + 1) * samples_a_file_);
    for (uint64_t sample = file_index * samples_a_file_; sample < end; ++sample) {
      std::vector<std::byte> bytes(sample_bytes(sample), static_cast<std::byte>(sample));
      store_le(bytes.data(), sample);
      extents_[sample] = {{{.offset_bytes = file.size_bytes(),
                            .length_bytes = bytes.size(),
                            .checksum = xxh3(bytes)},
                           {.offset_bytes = sample % 10, .length_bytes = formats::k_inline}}};
      file.append(bytes);
    }
    file_sizes_[file_index] = file.size_bytes();
    file.publish();
  }

  TempFolder folder_;
  std::string format_ = "stamped";
  std::vector<std::string> names_ = {"bin", "id"};
  uint64_t sample_count_;
  uint64_t samples_a_file_;
  std::vector<std::array<formats::FieldExtent, 2>> extents_;
  std::vector<uint64_t> file_sizes_;
};

// Writes the first 8 bytes of the field and the hash of all of them; fails where told to.
class StampOp final : public ops::Op {
 public:
  using Fails = std::function<bool(uint64_t sample_id)>;
  explicit StampOp(Fails fails = {}) : fails_(std::move(fails)) {}
  ops::TensorSpec output() const override { return {.type = ops::Type::int64, .shape = {2}}; }
  std::unique_ptr<ops::Scratch> make_scratch() const override {
    return std::make_unique<ops::Scratch>();
  }
  std::expected<void, ops::Failure> run(std::span<const std::byte> bytes,
                                        const ops::Context& context, ops::Scratch&,
                                        std::span<std::byte> row) const noexcept override {
    if (fails_ && fails_(context.draw.sample_id)) {
      return std::unexpected(ops::Failure{.what = "told to fail", .offset_bytes = 3});
    }
    const uint64_t hash = xxh3(bytes);
    std::memcpy(row.data(), bytes.data(), 8);
    std::memcpy(row.data() + 8, &hash, 8);
    return {};
  }

 private:
  Fails fails_;
};

// The inline value's text as one byte.
class DigitOp final : public ops::Op {
 public:
  ops::TensorSpec output() const override { return {.type = ops::Type::uint8, .shape = {}}; }
  std::unique_ptr<ops::Scratch> make_scratch() const override {
    return std::make_unique<ops::Scratch>();
  }
  std::expected<void, ops::Failure> run(std::span<const std::byte> bytes, const ops::Context&,
                                        ops::Scratch&,
                                        std::span<std::byte> row) const noexcept override {
    row[0] = bytes[0];
    return {};
  }
};

inline pipeline::Plan stamp_plan(uint32_t batch_size, StampOp::Fails fails = {}) {
  pipeline::Plan plan;
  plan.fields.push_back({.name = "stamp", .sources = {0}, .op = std::make_unique<StampOp>(fails)});
  plan.fields.push_back({.name = "digit", .sources = {1}, .op = std::make_unique<DigitOp>()});
  pipeline::lay_out(plan, batch_size);
  return plan;
}

// Small bounds, so that each of them is reached.
inline Options small(uint32_t workers) {
  return {
      .batch_size = 16, .workers = workers, .read_buffer_bytes = 1 << 20, .depth = 8, .seed = 7};
}

inline MakeRing faulty(io::Faults faults) {
  static SteadyClock clock;
  return [faults](const io::RingOptions& options) {
    return std::make_unique<io::FaultRing>(io::make_ring(options), faults, clock);
  };
}

// Runs to the end or the first Error, whose text it returns.
struct Outcome {
  std::vector<uint64_t> ids = {};
  std::string error = {};
  std::vector<Skipped> skipped = {};
};
inline Outcome run_to_the_end(const StampedDataset& dataset, const Options& options,
                              StampOp::Fails fails = {}) {
  const pipeline::Plan plan = stamp_plan(options.batch_size, std::move(fails));
  Loader loader(plan, dataset, options);
  Outcome outcome;
  try {
    while (const auto batch = loader.next()) {
      outcome.ids.insert(outcome.ids.end(), batch->ids().begin(), batch->ids().end());
    }
  } catch (const Error& error) {
    outcome.error = error.what();
  }
  outcome.skipped = loader.skipped();
  return outcome;
}

}  // namespace headrace::loader
