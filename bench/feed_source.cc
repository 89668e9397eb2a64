// The job of the feed benchmark.
#include "feed_source.h"

#include "headrace/pipeline/presets.h"

namespace headrace::bench {

Source open_source(const std::string& path, const SourceOptions& options) {
  pipeline::Job job;
  job.dataset.paths = {path};
  job.fields = pipeline::preset_fields("imagenet").value();
  job.fields[0].decode = options.decode;
  job.batch.size = options.batch_size;
  job.loader.workers = options.workers;
  job.loader.prefetch_batches = options.prefetch_batches;
  job.order.epochs = 0;
  Source source;
  source.dataset = formats::Dataset::open(path, {});
  source.plan = pipeline::compile(job, *source.dataset);
  source.options = loader::configure(job, *source.dataset, loader::this_host());
  return source;
}

Sample feed_for(const Source& source, double seconds,
                const std::function<void(const loader::Loader&)>& watch) {
  constexpr int k_warm_up_batches = 4;
  loader::Loader loader(source.plan, *source.dataset, source.options);
  for (int batch = 0; batch < k_warm_up_batches; ++batch) (void)loader.next();
  if (watch) watch(loader);
  const double begin_s = now_s(), begin_cpu_s = process_cpu_s();
  double items = 0;
  while (now_s() - begin_s < seconds) items += loader.next()->row_count();
  const Sample sample{
      .items = items, .wall_s = now_s() - begin_s, .cpu_s = process_cpu_s() - begin_cpu_s};
  if (watch) watch(loader);
  return sample;
}

}  // namespace headrace::bench
