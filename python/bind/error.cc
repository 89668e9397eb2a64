// headrace::Error as headrace.Error: the same words, and its parts as attributes.
// Thread safety: called with Python's lock.
#include "headrace/base/error.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "bindings.h"

namespace headrace::python {
namespace {

namespace nb = nanobind;

void translate(const std::exception_ptr& exception, void*) {
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    const ErrorParts& parts = error.parts();
    const nb::object type = nb::module_::import_("headrace.errors").attr("Error");
    nb::object offset = nb::none();
    if (parts.offset_bytes) offset = nb::int_(*parts.offset_bytes);
    const nb::object made =
        type(error.what(), name_of(error.code()), parts.object, parts.hint, offset);
    PyErr_SetObject(type.ptr(), made.ptr());
  }
}

}  // namespace

void bind_error(nb::module_&) { nb::register_exception_translator(translate); }

}  // namespace headrace::python
