// Trials run one after the other, each field's samples with each kind.
#include "headrace/pack/field_codecs.h"

#include <algorithm>
#include <array>

#include "headrace/base/check.h"
#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/formats/image_kind.h"
#include "headrace/formats/shard_format.h"
#include "headrace/pack/output_folder.h"

namespace headrace::pack {
namespace {

constexpr uint64_t k_samples_looked_at = 64, k_bytes_looked_at = uint64_t{32} << 20;
constexpr std::array k_kinds_tried = {codec::Kind::lz4, codec::Kind::zstd};

bool may_shrink(const SourceField& field) {
  const bool is_picture = formats::is_image_field(field.name) ||
                          formats::sniff_image(field.bytes) != formats::ImageKind::unknown;
  const bool is_packed = codec::packed_name(field.name).kind != codec::Kind::none;
  return !is_picture && !is_packed &&
         !formats::label_value({.name = field.name, .bytes = field.bytes});
}

using Samples = std::vector<std::vector<std::byte>>;

CodecTrial plain_trial(const std::string& field_name, const Samples& samples) {
  CodecTrial trial{.field_name = field_name};
  for (const auto& sample : samples) trial.plain_bytes += sample.size();
  trial.packed_bytes = trial.plain_bytes;
  return trial;
}

double unpack_seconds(codec::Kind kind, const Samples& packed, const Samples& plain) {
  codec::Decompressor decompressor;
  size_t longest = 0;
  for (const auto& sample : plain) longest = std::max(longest, sample.size());
  std::vector<std::byte> target(longest);
  std::array<uint64_t, 3> passes_ns = {};
  for (uint64_t& pass_ns : passes_ns) {
    for (size_t i = 0; i < packed.size(); ++i) {
      const auto made = std::span(target).first(plain[i].size());
      const uint64_t begin_ns = steady_now_ns();
      const auto done = decompressor.run(kind, packed[i], made);
      pass_ns += steady_now_ns() - begin_ns;
      HR_CHECK(done && std::ranges::equal(made, plain[i]), "{} does not give back what it packed",
               codec::name_of(kind));
    }
  }
  return static_cast<double>(std::ranges::min(passes_ns)) * 1e-9;
}

CodecTrial trial_of(const std::string& field_name, const Samples& samples, const FieldCodec& wanted,
                    bool timed) {
  CodecTrial trial = plain_trial(field_name, samples);
  trial.codec = wanted;
  trial.packed_bytes = 0;
  Samples packed;
  for (const auto& sample : samples) {
    packed.push_back(codec::compressed(wanted.kind, sample, wanted.level));
    trial.packed_bytes += packed.back().size();
  }
  if (timed) trial.unpack_seconds = unpack_seconds(wanted.kind, packed, samples);
  return trial;
}

bool saves(const CodecTrial& trial) {
  return static_cast<double>(trial.packed_bytes) <
         (1 - k_worth_saving) * static_cast<double>(trial.plain_bytes);
}

void choose(CodecChoice& choice, CodecTrial& trial) {
  trial.chosen = true;
  choice.codecs.emplace(trial.field_name, trial.codec);
}

std::vector<std::byte> some_bytes(const FieldSamples& samples) {
  constexpr size_t k_enough = size_t{1} << 20;
  std::vector<std::byte> bytes;
  for (const auto& entry : samples) {
    for (const auto& sample : entry.second) {
      if (bytes.size() < k_enough) bytes.insert(bytes.end(), sample.begin(), sample.end());
    }
  }
  return bytes;
}

uint64_t count_of(const FieldSamples& samples) {
  uint64_t count = 0;
  for (const auto& entry : samples) count = std::max<uint64_t>(count, entry.second.size());
  return count;
}

uint64_t mean_bytes_of(const FieldSamples& samples) {
  uint64_t bytes = 0;
  for (const auto& entry : samples) {
    for (const auto& sample : entry.second) bytes += sample.size();
  }
  return bytes / std::max<uint64_t>(1, count_of(samples));
}

}  // namespace

FieldSamples sample_fields(const Source& source) {
  FieldSamples samples;
  const uint64_t count = std::min(source.sample_count(), k_samples_looked_at);
  uint64_t bytes = 0;
  for (uint64_t i = 0; i < count && bytes < k_bytes_looked_at; ++i) {
    std::vector<SourceField> fields;
    try {
      fields = source.read(i * source.sample_count() / count);
    } catch (const Error&) {
      continue;  // packing itself will come upon it, and say so or skip it
    }
    for (SourceField& field : fields) {
      bytes += field.bytes.size();
      if (may_shrink(field)) samples[field.name].push_back(std::move(field.bytes));
    }
  }
  return samples;
}

CodecChoice choose_codecs(Files& files, const Source& source, const Compress& wanted,
                          const std::string& output) {
  if (!wanted.measured) {
    if (wanted.codec.kind == codec::Kind::none) return {};
    return choose_codecs(sample_fields(source), wanted.codec);
  }
  const FieldSamples samples = sample_fields(source);
  if (const auto names = OutputFolder::packed_names(files, output)) {
    FieldCodecs codecs = codecs_of_names(*names);
    // Others came compressed from the source.
    std::erase_if(codecs, [&](const auto& entry) { return !samples.contains(entry.first); });
    return {.codecs = std::move(codecs)};
  }
  const std::vector<std::byte> bytes = some_bytes(samples);
  if (bytes.empty()) return {};
  make_folders(files, output);
  const StoreRate store = store_rate(files, output, bytes, mean_bytes_of(samples));
  const double worth = wanted.front_to_back
                           ? store.bytes_per_second
                           : std::max(store.bytes_per_second, store.further_bytes_per_second);
  CodecChoice choice = choose_codecs_by_time(
      samples, {.store_bytes_per_second = worth,
                .core_count = std::max(1U, std::thread::hardware_concurrency())});
  choice.store = store;
  return choice;
}

CodecChoice choose_codecs(const FieldSamples& samples, const FieldCodec& wanted) {
  CodecChoice choice{.sample_count = count_of(samples)};
  for (const auto& [name, bytes] : samples) {
    choice.trials.push_back(trial_of(name, bytes, wanted, false));
    if (saves(choice.trials.back())) choose(choice, choice.trials.back());
  }
  return choice;
}

double seconds_a_byte(const CodecTrial& trial, const Budget& budget) {
  const double read = static_cast<double>(trial.packed_bytes) / budget.store_bytes_per_second;
  const double unpack = trial.unpack_seconds / static_cast<double>(budget.core_count);
  return (read + unpack) / static_cast<double>(std::max<uint64_t>(trial.plain_bytes, 1));
}

CodecChoice choose_codecs_by_time(const FieldSamples& samples, const Budget& budget) {
  CodecChoice choice{.sample_count = count_of(samples)};
  for (const auto& [name, bytes] : samples) {
    std::vector<CodecTrial> trials = {plain_trial(name, bytes)};
    for (const codec::Kind kind : k_kinds_tried) {
      trials.push_back(trial_of(name, bytes, {kind, codec::level_of(kind)->standard}, true));
    }
    const auto best = std::ranges::min_element(
        trials, {}, [&](const CodecTrial& trial) { return seconds_a_byte(trial, budget); });
    if (saves(*best)) choose(choice, *best);
    choice.trials.insert(choice.trials.end(), trials.begin() + 1, trials.end());
  }
  return choice;
}

FieldCodecs codecs_of_names(const std::vector<std::string>& stored_names) {
  FieldCodecs codecs;
  for (const std::string& stored : stored_names) {
    const codec::PackedName packed = codec::packed_name(stored);
    if (const auto level = codec::level_of(packed.kind)) {
      codecs.emplace(packed.name, FieldCodec{packed.kind, level->standard});
    }
  }
  return codecs;
}

}  // namespace headrace::pack
