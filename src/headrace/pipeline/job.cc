// Names that a job and the rings share.
#include "headrace/pipeline/job.h"

namespace headrace::pipeline {

const char* name_of(Engine engine) {
  constexpr const char* names[] = {"auto", "uring", "threads", "psync"};
  return names[static_cast<size_t>(engine)];
}

std::vector<double> weights_of(const Job& job) {
  std::vector<double> weights;
  for (const BlendJob& blend : job.blend) {
    if (blend.weight > 0) weights.push_back(blend.weight);
  }
  return weights;
}

std::vector<std::string> data_paths(const Job& job) {
  std::vector<std::string> paths = job.dataset.paths;
  for (const BlendJob& blend : job.blend) {
    paths.insert(paths.end(), blend.paths.begin(), blend.paths.end());
  }
  return paths;
}

}  // namespace headrace::pipeline
