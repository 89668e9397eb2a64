// Any text through the job parser: it says no with an Error, or gives a job that survives the way
// to text and back.
#include <cstddef>
#include <cstdint>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/pipeline/job.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace;
  pipeline::Job job;
  try {
    job = pipeline::parse_job({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
  } catch (const Error&) {
    return 0;
  }
  HR_CHECK(pipeline::parse_job(pipeline::write_job(job), "written.toml") == job);
  return 0;
}
