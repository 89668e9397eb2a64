// A data set as it lies, or in Megatron's order.
#include "headrace/pipeline/open_dataset.h"

#include "headrace/base/error.h"
#include "headrace/formats/copies.h"
#include "headrace/formats/joined_dataset.h"
#include "headrace/order/gpt_blend.h"
#include "headrace/pipeline/megatron_dataset.h"

namespace headrace::pipeline {

namespace {

struct Part {
  const std::vector<std::string>& paths;
  uint64_t wanted_sample_count;  // megatron only
};

// A copy is a whole pass, so none is mixed with others or divided.
bool reads_copies(const Job& job, Files& files) {
  const bool is_whole =
      job.blend.empty() && job.dataset.parts == 1 && job.dataset.paths.size() == 1;
  if (job.order.shuffle == order::Shuffle::copies && !is_whole) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot read copies",
                 .cause = "they are those of one data set, which is neither divided nor mixed",
                 .hint = "set order.shuffle to \"global\""});
  }
  if (job.order.shuffle) return job.order.shuffle == order::Shuffle::copies;
  return is_whole && formats::copy_count(files, job.dataset.paths.front()) > 1;
}

std::unique_ptr<formats::Dataset> open_part(const Job& job, const formats::OpenOptions& options,
                                            const Part& part) {
  if (reads_copies(job, *options.files)) return formats::open_copies(part.paths.front(), options);
  auto dataset = formats::open_all(part.paths, options);
  if (job.order.shuffle != order::Shuffle::megatron) return dataset;
  return std::make_unique<MegatronDataset>(
      std::move(dataset), MegatronOptions{.path = path_text(part.paths),
                                          .seed = job.order.seed,
                                          .wanted_sample_count = part.wanted_sample_count});
}

// How many samples of each Megatron prepares.
std::vector<uint64_t> wanted_of(const Job& job) {
  if (job.order.shuffle != order::Shuffle::megatron) return std::vector<uint64_t>(job.blend.size());
  const std::vector<double> weights = weights_of(job);
  const auto refuse = [](const char* cause, const char* hint) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot blend as Megatron does",
                 .cause = cause,
                 .hint = hint});
  };
  if (weights.empty()) refuse("the blend has no weights", "set weight in each [[blend]]");
  if (job.order.samples == 0) {
    refuse("how many samples are wanted in all is not said", "set order.samples");
  }
  if (job.dataset.parts > 1) {
    refuse("it has no parts of a blend", "leave dataset.parts at 1; ranks share the whole");
  }
  return order::gpt_blend_sizes(weights, job.order.samples).prepared;
}

}  // namespace

std::unique_ptr<formats::Dataset> open_dataset(const Job& job, formats::OpenOptions options) {
  options.sequence_tokens = job.dataset.sequence_tokens;
  options.salvage = job.loader.on_error == OnError::skip;
  if (job.blend.empty()) return open_part(job, options, {job.dataset.paths, job.order.samples});
  const std::vector<uint64_t> wanted = wanted_of(job);
  std::vector<std::unique_ptr<formats::Dataset>> parts;
  for (size_t index = 0; index < job.blend.size(); ++index) {
    parts.push_back(open_part(job, options, {job.blend[index].paths, wanted[index]}));
  }
  return std::make_unique<formats::JoinedDataset>(std::move(parts));
}

}  // namespace headrace::pipeline
