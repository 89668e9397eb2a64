// headrace::loader::Loader for Python: batches as dicts of tensors that share the slot's memory.
// Thread safety: called with Python's lock, which is given up while waiting.
#include "headrace/loader/loader.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>
#include <unistd.h>

#include "bindings.h"
#include "headrace/base/clock.h"
#include "source.h"
#include "tensors.h"
#include "verdict.h"

namespace headrace::python {
namespace {

constexpr uint64_t k_look_up_ns = 50'000'000;  // how late Ctrl-C may be seen
bool python_ends() {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_IsFinalizing() != 0;
#else
  return _Py_IsFinalizing() != 0;
#endif
}

// A daemon thread that asks for Python's lock while Python ends is unwound by force, which C++
// takes for a bug and aborts: it rests here until the process is gone.
void rest_if_python_ends() {
  while (python_ends()) ::pause();
}

nb::object next(Source& source, Framework framework, const std::string& ids_name,
                std::optional<uint64_t> stream) {
  if (stream) source.read_next_on(reinterpret_cast<shim::CuStream>(*stream));
  auto batch = source.next_until(0);  // there already, most of the time
  while (!batch && batch.error() == loader::NoBatch::not_yet) {
    {
      const nb::gil_scoped_release released;
      batch = source.next_until(steady_now_ns() + k_look_up_ns);
      rest_if_python_ends();
    }
    if (!batch && PyErr_CheckSignals() != 0) throw nb::python_error();
  }
  if (!batch) return nb::none();
  const device::Device* device = source.device();
  return tensors_of(
      std::move(*batch),
      {.framework = framework,
       .ids_name = ids_name,
       .device_ordinal = device == nullptr
                             ? std::nullopt
                             : std::optional(static_cast<int32_t>(device->ordinal()))});
}

std::vector<std::tuple<std::string, std::string, std::vector<uint64_t>>> fields(
    const Source& source) {
  std::vector<std::tuple<std::string, std::string, std::vector<uint64_t>>> all;
  for (const pipeline::FieldPlan& field : source.plan().fields) {
    all.emplace_back(field.name, name_of(field.spec.type), field.spec.shape);
  }
  return all;
}

// Where a run stands after `count` more batches of this rank.
std::pair<uint64_t, uint64_t> skip(const Source& source, std::pair<uint64_t, uint64_t> place,
                                   uint64_t count) {
  auto [epoch, position] = place;
  const uint64_t left = source.batches(position).batch_count();
  if (count > 0 && count < left) return {epoch, source.batches(position).position_after(count - 1)};
  if (count < left || count == 0) return place;
  count -= left;
  const uint64_t whole = source.batches(0).batch_count();
  if (whole == 0) return {epoch + 1, 0};
  epoch += 1 + count / whole;
  count %= whole;
  return {epoch, count == 0 ? 0 : source.batches(0).position_after(count - 1)};
}

std::pair<uint64_t, uint64_t> resume(const Source& source, const std::string& json) {
  const order::State saved = order::from_json(json, "the saved state");
  const uint64_t sample_count = source.sample_count();
  order::check_resumable(saved, source.state_at(0, 0), sample_count);
  const order::State place = order::normalized(saved, sample_count);
  return {place.epoch, place.position};
}

nb::dict verdict(const Source& source, const std::vector<ForeignStage>& stages,
                 double more_wait_s) {
  observe::Evidence evidence = source.evidence();
  // They work on what the loader has ready, and what they have made is taken at once.
  const double ready_fill = evidence.stages.empty() ? -1 : evidence.stages.back().output_fill;
  for (const ForeignStage& stage : stages) {
    evidence.stages.push_back(stage_of(stage));
    evidence.stages.back().input_fill = ready_fill;
    evidence.stages.back().output_fill = 0;
  }
  evidence.wait_s += more_wait_s;
  observe::set_capacities(evidence.stages);
  return as_dict(observe::judge(evidence), evidence);
}

// Who reads what: this rank's part of an epoch, out of all of the data set.
std::map<std::string, uint64_t> share(const Source& source) {
  const order::BatchPlan batches = source.batches(0);
  uint64_t row_count = 0;
  if (const uint64_t count = batches.batch_count()) {
    row_count = (count - 1) * source.job().batch.size + batches.row_count(count - 1);
  }
  const formats::Dataset& dataset = source.dataset();
  return {{"rank", source.job().batch.rank},
          {"world_size", source.job().batch.world_size},
          {"first_sample", source.first_sample()},
          {"samples", source.sample_count()},
          {"samples_of_all", dataset.distinct_sample_count()},
          {"files", dataset.file_count()},
          {"bytes", dataset.size_bytes()},
          {"rows_an_epoch", row_count},
          {"batches_an_epoch", batches.batch_count()}};
}

}  // namespace

void bind_loader(nb::module_& module) {
  nb::enum_<Framework>(module, "Framework", "Whose tensors a batch holds.")
      .value("numpy", Framework::numpy)
      .value("torch", Framework::torch)
      .value("dlpack", Framework::dlpack);
  const auto released = nb::call_guard<nb::gil_scoped_release>();
  nb::class_<Source>(module, "Source", "One opened job and the loader that runs from a place on.")
      .def(nb::init<const std::string&, const std::string&, const std::string&>(), nb::arg("text"),
           nb::arg("name"), nb::arg("changes"), released)
      .def("start", &Source::start, nb::arg("epoch"), nb::arg("position"), nb::arg("on_device"),
           released)
      .def("close", &Source::close, released)
      .def("next", &next, nb::arg("framework"), nb::arg("ids_name"), nb::arg("stream"),
           nb::sig("def next(self, framework: Framework, ids_name: str, stream: int | None) -> "
                   "dict[str, object] | None"))
      .def("mark", &Source::mark)
      .def("verdict", &verdict, nb::arg("stages"), nb::arg("more_wait_s"),
           nb::sig("def verdict(self, stages: collections.abc.Sequence[Stage], "
                   "more_wait_s: float) -> dict[str, typing.Any]"))
      .def(
          "batch_count",
          [](const Source& source, uint64_t position) {
            return source.batches(position).batch_count();
          },
          nb::arg("position"))
      .def("skip", &skip, nb::arg("place"), nb::arg("count"))
      .def("resume", &resume, nb::arg("state"))
      .def(
          "state_at",
          [](const Source& source, uint64_t epoch, uint64_t position) {
            return order::to_json(source.state_at(epoch, position));
          },
          nb::arg("epoch"), nb::arg("position"))
      .def_prop_ro("place",
                   [](const Source& source) {
                     const order::State state = source.state();
                     return std::pair(state.epoch, state.position);
                   })
      .def_prop_ro("running", &Source::running)
      .def_prop_ro("device",
                   [](const Source& source) -> std::optional<std::string> {
                     const std::string& name = source.job().device.name;
                     if (name == pipeline::k_host_device) return std::nullopt;
                     return name;
                   })
      .def_prop_ro("device_ordinal",
                   [](const Source& source) -> std::optional<uint32_t> {
                     const device::Device* device = source.device();
                     if (device == nullptr) return std::nullopt;
                     return device->ordinal();
                   })
      .def_prop_ro("fields", &fields)
      .def_prop_ro("job", [](const Source& source) { return pipeline::write_job(source.job()); })
      .def_prop_ro("batch_size", [](const Source& source) { return source.job().batch.size; })
      .def_prop_ro("share", &share)
      .def_prop_ro("memory_bytes", &Source::memory_bytes)
      .def_prop_ro("skipped_count", [](const Source& source) {
        return source.running() ? source.loader().stats().skipped_count.load() : 0;
      });
}

}  // namespace headrace::python
