// The hash of a sample is made of what its format hands out, so that both sides are read through
// the readers that a user would use.
#include "headrace/pack/convert.h"

#include <algorithm>

#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/formats/shard_format.h"
#include "headrace/pack/ordered_work.h"

namespace headrace::pack {
namespace {

constexpr size_t k_waiting_per_job = 16;  // hashes
constexpr size_t k_unpacked_limit_bytes = size_t{1} << 30;

void unpack_field(SourceField& field) {
  const codec::PackedName packed = codec::packed_name(field.name);
  if (packed.kind == codec::Kind::none) return;
  auto plain = codec::decompressed(packed.kind, field.bytes, k_unpacked_limit_bytes);
  if (!plain) return;  // whoever named it so did not mean it
  field.bytes = std::move(*plain);
  field.name = std::string(packed.name);
}

std::unique_ptr<Source> opened(const ConvertOptions& options, const std::string& path) {
  return Source::open(
      *options.files, path,
      {.cache_folder =
           options.cache_folder.empty() ? formats::default_cache_folder() : options.cache_folder,
       .salvage = options.on_error == OnError::skip});
}

class Comparison {
 public:
  Comparison(const ConvertOptions& options, const Source& input)
      : options_(options), input_(input), output_(opened(options, options.output)) {}

  void run(ConvertResult& result, const std::function<void(uint64_t)>& on_compared) {
    const uint64_t begin_ns = steady_now_ns();
    OrderedWork<std::optional<uint64_t>> inputs(work_options(input_),
                                                [this](uint64_t id) { return input_hash(id); });
    OrderedWork<uint64_t> outputs(work_options(*output_),
                                  [this](uint64_t id) { return content_hash(output_->read(id)); });
    uint64_t compared_count = 0;
    for (uint64_t id = 0; id < input_.sample_count(); ++id) {
      if (options_.stop.stop_requested()) throw_stopped(id);
      const std::optional<uint64_t> hash = inputs.take();
      if (on_compared) on_compared(id + 1);
      if (!hash) continue;
      if (compared_count == output_->sample_count()) throw_counts(compared_count + 1);
      if (*hash != outputs.take()) throw_differs(id, compared_count);
      result.content_hash = mix64(result.content_hash, *hash);
      ++compared_count;
    }
    if (compared_count != output_->sample_count()) throw_counts(compared_count);
    result.compared_count = compared_count;
    result.compare_seconds = static_cast<double>(steady_now_ns() - begin_ns) * 1e-9;
  }

 private:
  OrderedWorkOptions work_options(const Source& source) const {
    const size_t jobs = options_.job_count > 0 ? options_.job_count
                                               : std::max(1U, std::thread::hardware_concurrency());
    return {.job_count = jobs,
            .window_count = k_waiting_per_job * jobs,
            .ticket_count = source.sample_count()};
  }

  // Nothing: a sample that packing left out for the same reason.
  std::optional<uint64_t> input_hash(uint64_t id) const {
    try {
      return content_hash(prepare_unchanged(input_, id, {}).fields);
    } catch (const Error&) {
      if (options_.on_error == OnError::fail) throw;
      return std::nullopt;
    }
  }

  [[noreturn]] void throw_counts(uint64_t readable_count) const {
    throw Error({.code = Code::corrupt,
                 .action = "cannot convert into",
                 .object = options_.output,
                 .cause = fmt::format("it has {} samples, and of the input {} and more can be read",
                                      output_->sample_count(), readable_count),
                 .hint = "remove it and convert again"});
  }
  [[noreturn]] void throw_differs(uint64_t id, uint64_t output_id) const {
    throw Error({.code = Code::corrupt,
                 .action = "cannot convert into",
                 .object = options_.output,
                 .cause = fmt::format("sample {} differs from {}", output_->name(output_id),
                                      input_.name(id)),
                 .hint = "did the input change meanwhile? The format may not hold such fields; "
                         "remove the folder and try another --to"});
  }
  [[noreturn]] void throw_stopped(uint64_t done_count) const {
    throw Error(
        {.code = Code::interrupted,
         .action = "stopped comparing",
         .object = options_.output,
         .cause = fmt::format("{} of {} samples are compared", done_count, input_.sample_count()),
         .hint = "all are written; the same command compares them"});
  }

  const ConvertOptions& options_;
  const Source& input_;
  const std::unique_ptr<Source> output_;
};

void check_format(const ConvertOptions& options, const Source& input) {
  if (options.input_format.empty() || options.input_format == input.format()) return;
  throw Error(
      {.code = Code::invalid_argument,
       .action = "cannot convert",
       .object = options.input,
       .cause = fmt::format("its bytes are {}, not {}", input.format(), options.input_format),
       .hint = "leave out --from"});
}

}  // namespace

uint64_t content_hash(std::vector<SourceField> fields) {
  for (SourceField& field : fields) {
    unpack_field(field);
    std::ranges::replace(field.name, '/', '.');  // as in a tar
  }
  std::ranges::stable_sort(fields, {}, &SourceField::name);
  uint64_t hash = fields.size();
  for (const SourceField& field : fields) {
    const auto label = formats::label_value({.name = field.name, .bytes = field.bytes});
    const uint64_t value = label ? xxh3(std::to_string(*label)) : xxh3(field.bytes);
    hash = mix64(mix64(hash, xxh3(field.name)), value);
  }
  return hash;
}

ConvertResult convert(const ConvertOptions& options, const ConvertProgress& progress) {
  const std::unique_ptr<Source> input = opened(options, options.input);
  check_format(options, *input);
  ConvertResult result{.input_format = input->format()};
  result.packed = pack({.input = options.input,
                        .output = options.output,
                        .shard_size_bytes = options.shard_size_bytes,
                        .format = options.format,
                        .order = SampleOrder::as_is,
                        .keep = true,
                        .compress = options.compress,
                        .on_error = options.on_error,
                        .job_count = options.job_count,
                        .cache_folder = options.cache_folder,
                        .files = options.files,
                        .stop = options.stop},
                       progress.on_packed);
  Comparison(options, *input).run(result, progress.on_compared);
  return result;
}

}  // namespace headrace::pack
