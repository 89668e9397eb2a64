// Loads one epoch of a data set and counts its labels: count_labels headrace.toml.
// The job has an integer field "label"; see docs/job.md.
#include <cstdint>
#include <cstring>
#include <iostream>
#include <map>

#include "headrace/base/error.h"
#include "headrace/base/files.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/loader.h"
#include "headrace/pipeline/job.h"
#include "headrace/pipeline/open_dataset.h"
#include "headrace/pipeline/plan.h"

namespace {

std::map<int64_t, uint64_t> count_labels(const std::string& job_path) {
  const auto job = headrace::pipeline::load_job(headrace::real_files(), job_path);
  const auto dataset = headrace::pipeline::open_dataset(job, {});
  const auto plan = headrace::pipeline::compile(job, *dataset);
  const auto options = headrace::loader::configure(job, *dataset, headrace::loader::this_host());
  headrace::loader::Loader loader(plan, *dataset, options);
  std::map<int64_t, uint64_t> counts;
  while (const auto batch = loader.next()) {
    for (size_t index = 0; index < batch->tensor_count(); ++index) {
      const auto tensor = batch->tensor(index);
      if (tensor.name != "label") continue;
      for (uint32_t row = 0; row < batch->row_count(); ++row) {
        int64_t label = 0;
        std::memcpy(&label, tensor.bytes.data() + row * sizeof label, sizeof label);
        ++counts[label];
      }
    }
  }
  return counts;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: count_labels headrace.toml\n";
    return 2;
  }
  try {
    for (const auto& [label, count] : count_labels(argv[1])) {
      std::cout << label << " " << count << "\n";
    }
  } catch (const headrace::Error& error) {
    std::cerr << error.what() << "\n";
    return 3;
  }
}
