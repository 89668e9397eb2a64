// The binding files' entries, one for each library header that is bound. Called once, at import.
#pragma once

#include <nanobind/nanobind.h>

namespace headrace::python {

void bind_error(nanobind::module_& module);
void bind_loader(nanobind::module_& module);
void bind_device_tensor(nanobind::module_& module);
void bind_verdict(nanobind::module_& module);
void bind_command(nanobind::module_& module);

}  // namespace headrace::python
