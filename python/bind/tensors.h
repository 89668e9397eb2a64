// A batch as Python sees it: a dict of tensors that share the slot's memory.
// Thread safety: with Python's lock. Invariant: the slot goes back when the last tensor dies.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "headrace/loader/batch.h"

namespace headrace::python {

namespace nb = nanobind;

enum class Framework { numpy, torch, dlpack };

struct Look {
  Framework framework = Framework::dlpack;
  std::string ids_name = {};                   // "" = without ids, which are in host memory always
  std::optional<int32_t> device_ordinal = {};  // nothing: in host memory
};

// What a batch's tensors own together: the last one to die gives the slot back.
struct Lease {
  loader::Batch batch;
  pid_t process_id;
};

nb::dlpack::dtype dtype_of(ops::Type type);
nb::dict tensors_of(loader::Batch batch, const Look& look);

}  // namespace headrace::python
