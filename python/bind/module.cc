// headrace._headrace: what Python has of the library; the package headrace/ is its face.
// Thread safety: says each binding file. No binding keeps Python's lock while it waits.
#include "bindings.h"

NB_MODULE(_headrace, module) {
  module.doc() = "The C++ library as the headrace package uses it; not a public interface.";
  module.attr("version") = HEADRACE_VERSION;
  // A daemon thread that still waits at the end holds its loader, which is no bug to report.
  nanobind::set_leak_warnings(false);
  headrace::python::bind_error(module);
  headrace::python::bind_loader(module);
  headrace::python::bind_device_tensor(module);
  headrace::python::bind_verdict(module);
  headrace::python::bind_command(module);
}
