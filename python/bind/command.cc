// The headrace command inside Python: `python -m headrace` and the console script.
// Thread safety: the main thread's only, since the command takes Ctrl-C to itself while it runs.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.h"
#include "headrace/cli/command.h"

namespace headrace::python {

namespace nb = nanobind;

void bind_command(nb::module_& module) {
  module.def(
      "run_command",
      [](std::vector<std::string> arguments) {
        std::vector<char*> words;
        for (std::string& argument : arguments) words.push_back(argument.data());
        const int count = static_cast<int>(words.size());
        words.push_back(nullptr);
        const nb::gil_scoped_release released;
        return cli::run_command(count, words.data());
      },
      nb::arg("arguments"), "Runs the command with these words, its own name first.");
}

}  // namespace headrace::python
