// Names that a job and the rings share.
#include "headrace/pipeline/job.h"

namespace headrace::pipeline {

const char* name_of(Engine engine) {
  constexpr const char* names[] = {"auto", "uring", "threads", "psync"};
  return names[static_cast<size_t>(engine)];
}

}  // namespace headrace::pipeline
