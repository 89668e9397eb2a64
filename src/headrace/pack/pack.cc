// The run: plan, find what is done, do the rest in order, then the manifest.
#include "headrace/pack/pack.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/formats/copies.h"
#include "headrace/formats/dali_index.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/manifest.h"
#include "headrace/formats/shard_index.h"
#include "headrace/formats/tar.h"
#include "headrace/pack/ordered_work.h"
#include "headrace/pack/output_folder.h"
#include "headrace/pack/shard_writer.h"

namespace headrace::pack {
namespace {

constexpr size_t k_window_per_job = 4;  // prepared samples that may wait for the writer

// A sample as a worker hands it to the writer: ready, or why not.
struct Handed {
  Prepared prepared = {};
  std::optional<Error> failure = {};
};

class Run {
 public:
  // Of a copy's number: of `options.input`, which lies in the order of copy 0.
  Run(const PackOptions& options, uint64_t copy, const ProgressCallback& progress)
      : options_(options),
        copy_(copy),
        progress_(progress),
        files_(*options.files),
        source_(Source::open(files_, options.input,
                             {.cache_folder = cache_folder(),
                              .salvage = options.on_error == OnError::skip,
                              .stop = options.stop})),
        choice_(choose_codecs(files_, *source_, compress(), options.output)),
        plan_(Plan::make(*source_, {.shard_size_bytes = options.shard_size_bytes,
                                    .order = options.order,
                                    .seed = options.seed,
                                    .copy = copy,
                                    .suffix = options.format->suffix,
                                    .salt = salt()})),
        folder_(files_, options.output, plan_, packed_names()) {}

  PackResult run() {
    const uint64_t begin_ns = steady_now_ns();
    find_work();
    folder_.mark();
    write_shards();
    align_fields();
    const formats::Manifest made = manifest();
    if (options_.format->describe_folder != nullptr) {
      options_.format->describe_folder(files_, options_.output, made);
    }
    write_manifest(files_, options_.output, made);
    folder_.unmark();
    result_.shard_count = plan_.shard_count();
    result_.notes = source_->notes();
    result_.compression = choice_;
    result_.seconds = static_cast<double>(steady_now_ns() - begin_ns) * 1e-9;
    return std::move(result_);
  }

 private:
  std::string cache_folder() const {
    return options_.cache_folder.empty() ? formats::default_cache_folder() : options_.cache_folder;
  }
  Compress compress() const {
    Compress wanted = options_.compress;
    wanted.front_to_back = options_.copy_count > 1;
    return wanted;
  }
  uint64_t salt() const {
    uint64_t salt =
        (options_.recode ? 1U : 0U) | (options_.dali_index ? 4U : 0U) | (options_.keep ? 8U : 0U);
    if (copy_ > 0) salt = mix64(salt, copy_);
    if (options_.format != &formats::k_tar_format) salt = mix64(salt, xxh3(options_.format->name));
    for (const auto& [name, codec] : choice_.codecs) {
      salt = mix64(mix64(salt, xxh3(codec.stored_name(name))), static_cast<uint64_t>(codec.level));
    }
    return salt;
  }
  std::vector<std::string> packed_names() const {
    std::vector<std::string> names;
    for (const auto& [name, codec] : choice_.codecs) names.push_back(codec.stored_name(name));
    return names;
  }
  size_t job_count() const {
    if (options_.job_count > 0) return options_.job_count;
    return std::max(1U, std::thread::hardware_concurrency());
  }

  void find_work() {
    now_.samples_total = plan_.sample_count();
    now_.shards_total = plan_.shard_count();
    for (uint64_t shard = 0; shard < plan_.shard_count(); ++shard) {
      if (const auto index = folder_.finished_shard(shard)) {
        keep(shard, *index);
      } else {
        work_.push_back(shard);
        work_begin_.push_back(work_begin_.back() + planned_count(shard));
      }
    }
    report();
  }

  void keep(uint64_t shard, const formats::Index& index) {
    const uint64_t left_out_count = planned_count(shard) - index.sample_count();
    if (left_out_count > 0 && options_.on_error == OnError::fail) {
      throw Error({.code = Code::exists,
                   .action = "cannot go on packing into",
                   .object = options_.output,
                   .cause = fmt::format("an earlier run left {} bad samples out of {}",
                                        left_out_count, plan_.shard_name(shard)),
                   .hint = "say --on-error skip again, or choose another folder"});
    }
    ++result_.kept_shard_count;
    result_.skipped_count += left_out_count;
    now_.samples_done += planned_count(shard);
    ++now_.shards_done;
  }

  uint64_t planned_count(uint64_t shard) const {
    return plan_.first_position(shard + 1) - plan_.first_position(shard);
  }

  // Workers run through the positions of all shards still to do, without a gap at a shard's end.
  uint64_t position_of(uint64_t ticket) const {
    const auto after = std::ranges::upper_bound(work_begin_, ticket);
    const auto which = static_cast<size_t>(after - work_begin_.begin()) - 1;
    return plan_.first_position(work_[which]) + (ticket - work_begin_[which]);
  }

  Handed hand(uint64_t ticket) const {
    try {
      const uint64_t id = plan_.source_id(position_of(ticket));
      if (options_.keep) return {.prepared = prepare_unchanged(*source_, id, choice_.codecs)};
      return {.prepared = prepare(*source_, id, options_.recode, choice_.codecs)};
    } catch (const Error& error) {
      return {.failure = error};
    }
  }

  void write_shards() {
    if (work_.empty()) return;
    OrderedWork<Handed> work({.job_count = job_count(),
                              .window_count = k_window_per_job * job_count(),
                              .ticket_count = work_begin_.back()},
                             [this](uint64_t ticket) { return hand(ticket); });
    for (const uint64_t shard : work_) {
      last_key_.clear();
      const auto writer = ShardWriter::make(files_, folder_.shard_path(shard), *options_.format);
      for (uint64_t position = plan_.first_position(shard);
           position < plan_.first_position(shard + 1); ++position) {
        if (options_.stop.stop_requested()) throw_stopped();
        take(work.take(), position, *writer);
      }
      const WrittenShard written = writer->finish(plan_.stamp(shard));
      if (options_.dali_index) {
        formats::write_dali_index(files_, folder_.shard_path(shard), *options_.format);
      }
      result_.bytes_out += written.size_bytes;
      now_.bytes_out = result_.bytes_out;
      ++now_.shards_done;
      report();
    }
  }

  void take(const Handed& handed, uint64_t position, ShardWriter& writer) {
    ++now_.samples_done;
    if (handed.failure) {
      if (options_.on_error == OnError::fail) throw Error(*handed.failure);
      skip(plan_.source_id(position), handed.failure->parts().cause);
    } else {
      writer.add(key_of(handed.prepared, position), handed.prepared.fields);
      result_.bytes_in += handed.prepared.bytes_in;
      result_.recoded_count += handed.prepared.recoded_count;
      for (const std::string& why : handed.prepared.left_as) ++result_.left_as_is[why];
    }
    now_.bytes_in = result_.bytes_in;
    now_.bytes_out = result_.bytes_out + writer.size_bytes();
    report();
  }

  // Neighbors of one key would be read as one sample, and other keys lead out of the folder.
  std::string key_of(const Prepared& prepared, uint64_t position) {
    const bool usable = formats::is_safe_name(prepared.key) && prepared.key != last_key_;
    last_key_ = usable ? prepared.key : plan_.key(position);
    return last_key_;
  }

  void skip(uint64_t sample_id, std::string why) {
    ++result_.skipped_count;
    if (result_.skipped.size() == k_skipped_limit) return;
    result_.skipped.push_back({.name = source_->name(sample_id), .why = std::move(why)});
  }

  [[noreturn]] void throw_stopped() const {
    throw Error(
        {.code = Code::interrupted,
         .action = "packing stopped in",
         .object = options_.output,
         .cause = fmt::format("{} of {} shards are finished", now_.shards_done, now_.shards_total),
         .hint = "the same command goes on from there"});
  }

  // All indexes get the same fields, so that opening the data set has nothing left to do.
  void align_fields() {
    for (uint64_t shard = 0; shard < plan_.shard_count(); ++shard) {
      const formats::Index index = reopened(shard);
      fields_.insert(index.field_names().begin(), index.field_names().end());
    }
    const std::vector<std::string> names(fields_.begin(), fields_.end());
    if (names.size() > formats::k_field_limit) {
      throw Error({.code = Code::unsupported,
                   .action = "cannot pack",
                   .object = options_.input,
                   .cause = fmt::format("it has {} different fields; the limit is {}", names.size(),
                                        formats::k_field_limit)});
    }
    for (uint64_t shard = 0; shard < plan_.shard_count(); ++shard) {
      const formats::Index index = reopened(shard);
      const std::string path = folder_.shard_path(shard) + formats::k_index_suffix;
      if (index.field_names() != names) formats::write_widened(files_, index, names, path);
    }
  }

  formats::Index reopened(uint64_t shard) const {
    auto index = folder_.finished_shard(shard);
    if (index) return std::move(*index);
    throw Error({.code = Code::corrupt,
                 .action = "cannot read back",
                 .object = folder_.shard_path(shard),
                 .cause = "the shard or its index changed after it was written",
                 .hint = "does another process write into the folder?"});
  }

  formats::Manifest manifest() {
    formats::Manifest manifest{.shards = {},
                               .field_names = {fields_.begin(), fields_.end()},
                               .class_names = source_->class_names(),
                               .made_by = "headrace " HEADRACE_VERSION};
    for (uint64_t shard = 0; shard < plan_.shard_count(); ++shard) {
      const formats::Index index = reopened(shard);
      manifest.shards.push_back({.name = plan_.shard_name(shard),
                                 .index_name = plan_.shard_name(shard) + formats::k_index_suffix,
                                 .sample_count = index.sample_count(),
                                 .size_bytes = index.facts().source_size_bytes,
                                 .checksum = index.facts().source_checksum});
      manifest.sample_count += index.sample_count();
      manifest.size_bytes += index.facts().source_size_bytes;
    }
    result_.sample_count = manifest.sample_count;
    result_.output_bytes = manifest.size_bytes;
    return manifest;
  }

  void report() const {
    if (progress_) progress_(now_);
  }

  const PackOptions& options_;
  const uint64_t copy_;
  const ProgressCallback& progress_;
  Files& files_;
  const std::unique_ptr<Source> source_;
  const CodecChoice choice_;
  const Plan plan_;
  OutputFolder folder_;
  std::vector<uint64_t> work_;              // shards still to do
  std::vector<uint64_t> work_begin_ = {0};  // their first tickets, and one past the last
  std::set<std::string> fields_;
  std::string last_key_;
  PackProgress now_;
  PackResult result_;
};

// Copies are written from the first one, which is read at random for that: what was recoded,
// compressed or left out there is so in all of them.
class CopyRuns {
 public:
  CopyRuns(const PackOptions& options, const ProgressCallback& progress)
      : options_(options), progress_(progress) {}

  PackResult run() {
    PackResult result = Run(options_, 0, [this](const PackProgress& now) { report(now); }).run();
    if (options_.copy_count == 1) return result;
    formats::ManifestCopies copies{.seed = options_.seed, .manifest_hashes = {}};
    for (uint64_t copy = 1; copy < options_.copy_count; ++copy) {
      done_ = now_;
      add(write(copy), result);
      const auto manifest =
          formats::read_manifest(*options_.files, formats::copy_path(options_.output, copy));
      copies.manifest_hashes.push_back(formats::hash_of(*manifest));
    }
    auto manifest = formats::read_manifest(*options_.files, options_.output);
    manifest->copies = std::move(copies);
    formats::write_manifest(*options_.files, options_.output, *manifest);
    return result;
  }

 private:
  PackResult write(uint64_t copy) {
    const PackOptions options{.input = options_.output,
                              .output = formats::copy_path(options_.output, copy),
                              .shard_size_bytes = options_.shard_size_bytes,
                              .format = options_.format,
                              .seed = options_.seed,
                              .keep = true,
                              .job_count = options_.job_count,
                              .dali_index = options_.dali_index,
                              .cache_folder = options_.cache_folder,
                              .files = options_.files,
                              .stop = options_.stop};
    return Run(options, copy, [this](const PackProgress& now) { report(now); }).run();
  }

  static void add(const PackResult& copy, PackResult& result) {
    result.shard_count += copy.shard_count;
    result.kept_shard_count += copy.kept_shard_count;
    result.bytes_out += copy.bytes_out;
    result.output_bytes += copy.output_bytes;
    result.seconds += copy.seconds;
  }

  void report(const PackProgress& run) {
    now_ = {.samples_done = done_.samples_done + run.samples_done,
            .samples_total = options_.copy_count * run.samples_total,
            .shards_done = done_.shards_done + run.shards_done,
            .shards_total = options_.copy_count * run.shards_total,
            .bytes_in = done_.bytes_in + run.bytes_in,
            .bytes_out = done_.bytes_out + run.bytes_out};
    if (progress_) progress_(now_);
  }

  const PackOptions& options_;
  const ProgressCallback& progress_;
  PackProgress done_;  // by the copies before
  PackProgress now_;
};

void refuse_more_copies(const PackOptions& options) {
  const std::string surplus = formats::copy_path(options.output, options.copy_count);
  if (!options.files->stat(surplus)) return;
  throw Error(
      {.code = Code::exists,
       .action = "cannot pack into",
       .object = options.output,
       .cause = fmt::format(
           "it holds more than {} of the samples",
           options.copy_count == 1 ? "one copy" : fmt::format("{} copies", options.copy_count)),
       .hint = "say as many --copies as before, or remove " + surplus});
}

void check(const PackOptions& options) {
  std::error_code ignored;
  const bool same = std::filesystem::equivalent(options.input, options.output, ignored);
  refuse_more_copies(options);
  if (!same && !options.output.empty() && options.shard_size_bytes > 0) return;
  throw Error({.code = Code::invalid_argument,
               .action = "cannot pack into",
               .object = options.output,
               .cause = same ? "it is the input itself" : "no folder or no shard size is given",
               .hint = "give a folder of its own"});
}

}  // namespace

PackResult pack(const PackOptions& options, const ProgressCallback& progress) {
  check(options);
  return CopyRuns(options, progress).run();
}

}  // namespace headrace::pack
