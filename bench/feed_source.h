// A photo set with its plan and loader, kept from round to round, and one timed run of it.
// Thread safety: one thread.
#pragma once

#include <memory>
#include <string>

#include "headrace/bench/table.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/loader.h"

namespace headrace::bench {

struct SourceOptions {
  ops::Decode decode = ops::Decode::exact;
  uint32_t workers = 1;
  uint32_t batch_size = 256;
  uint32_t prefetch_batches = 3;
};

struct Source {
  std::unique_ptr<formats::Dataset> dataset;
  pipeline::Plan plan;
  loader::Options options;
};

// The preset "imagenet", without end.
Source open_source(const std::string& path, const SourceOptions& options);

// Takes batches as fast as they come, after a few that warm the loader up. `watch`, where given,
// sees the loader when the time begins and when it has ended.
Sample feed_for(const Source& source, double seconds,
                const std::function<void(const loader::Loader&)>& watch = {});

}  // namespace headrace::bench
