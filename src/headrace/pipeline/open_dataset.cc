// A data set as it lies, or in Megatron's order.
#include "headrace/pipeline/open_dataset.h"

#include "headrace/pipeline/megatron_dataset.h"

namespace headrace::pipeline {

std::unique_ptr<formats::Dataset> open_dataset(const Job& job, formats::OpenOptions options) {
  options.sequence_tokens = job.dataset.sequence_tokens;
  options.salvage = job.loader.on_error == OnError::skip;
  auto dataset = formats::Dataset::open(job.dataset.path, options);
  if (job.order.shuffle != order::Shuffle::megatron) return dataset;
  return std::make_unique<MegatronDataset>(
      std::move(dataset), MegatronOptions{.path = job.dataset.path,
                                          .seed = job.order.seed,
                                          .wanted_sample_count = job.order.samples});
}

}  // namespace headrace::pipeline
