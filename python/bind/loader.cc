// headrace::loader::Loader for Python: batches as dicts of tensors that share the slot's memory.
// Thread safety: called with Python's lock, which is given up while waiting.
#include "headrace/loader/loader.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>
#include <unistd.h>

#include "bindings.h"
#include "headrace/base/clock.h"
#include "source.h"
#include "verdict.h"

namespace headrace::python {
namespace {

namespace nb = nanobind;

constexpr uint64_t k_look_up_ns = 50'000'000;  // how late Ctrl-C may be seen
constexpr size_t k_dimension_max = 16;

enum class Framework { numpy, torch, dlpack };

// What a batch's tensors own together: the last one to die gives the slot back.
struct Lease {
  loader::Batch batch;
  pid_t process_id;
};

nb::capsule lease_of(loader::Batch batch) {
  auto lease = std::make_unique<Lease>(std::move(batch), ::getpid());
  return nb::capsule(lease.release(), [](void* owned) noexcept {
    auto* mine = static_cast<Lease*>(owned);
    // A forked child has a copy of the batch, and none of the threads that it would go back to.
    if (mine->process_id == ::getpid()) delete mine;
  });
}

nb::dlpack::dtype dtype_of(ops::Type type) {
  using nb::dlpack::dtype_code;
  const auto make = [&](dtype_code code) {
    return nb::dlpack::dtype{static_cast<uint8_t>(code), static_cast<uint8_t>(8 * size_of(type)),
                             1};
  };
  switch (type) {
    case ops::Type::uint8:
      return make(dtype_code::UInt);
    case ops::Type::int32:
    case ops::Type::int64:
      return make(dtype_code::Int);
    case ops::Type::bfloat16:
      return make(dtype_code::Bfloat);
    case ops::Type::float16:
    case ops::Type::float32:
      return make(dtype_code::Float);
  }
  return {};
}

struct Shared {
  std::byte* data;
  nb::dlpack::dtype dtype;
  std::span<const size_t> shape;
};

nb::object tensor_of(const Shared& shared, Framework framework, const nb::capsule& owner) {
  nb::dlpack::dtype dtype = shared.dtype;
  // NumPy has no bfloat16: its bits, as `headrace feed --dump` writes them.
  const bool bits = dtype.code == static_cast<uint8_t>(nb::dlpack::dtype_code::Bfloat);
  if (framework == Framework::numpy && bits) dtype = nb::dtype<uint16_t>();
  const auto make = [&]<class Kind>(Kind) {
    return nb::cast(Kind(shared.data, shared.shape.size(), shared.shape.data(), owner, nullptr,
                         dtype, nb::device::cpu::value),
                    nb::rv_policy::reference);
  };
  if (framework == Framework::numpy) return make(nb::ndarray<nb::numpy>());
  if (framework == Framework::torch) return make(nb::ndarray<nb::pytorch>());
  return make(nb::ndarray<nb::array_api>());
}

nb::object tensor_of(const loader::Tensor& tensor, Framework framework, const nb::capsule& owner) {
  std::array<size_t, k_dimension_max> shape{};
  const size_t count = std::min(tensor.shape.size(), shape.size());
  std::copy_n(tensor.shape.begin(), count, shape.begin());
  return tensor_of({tensor.bytes.data(), dtype_of(tensor.type), std::span(shape).first(count)},
                   framework, owner);
}

// Sample ids are below 2^63, and signed is what every framework has.
nb::object ids_of(std::span<const uint64_t> ids, Framework framework, const nb::capsule& owner) {
  const size_t count = ids.size();
  auto* data = const_cast<uint64_t*>(ids.data());
  return tensor_of({reinterpret_cast<std::byte*>(data), nb::dtype<int64_t>(), {&count, 1}},
                   framework, owner);
}

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

nb::object next(Source& source, Framework framework, const std::string& ids_name) {
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
  const loader::Batch& lent = *batch;
  std::vector<loader::Tensor> tensors;
  for (size_t index = 0; index < lent.tensor_count(); ++index) {
    tensors.push_back(lent.tensor(index));
  }
  const std::span<const uint64_t> ids = lent.ids();
  const nb::capsule owner = lease_of(std::move(*batch));
  nb::dict result;
  for (const loader::Tensor& tensor : tensors) {
    result[nb::str(tensor.name.data(), tensor.name.size())] = tensor_of(tensor, framework, owner);
  }
  if (!ids_name.empty()) result[nb::str(ids_name.c_str())] = ids_of(ids, framework, owner);
  return result;
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
          {"samples_of_all", dataset.sample_count()},
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
      .def("start", &Source::start, nb::arg("epoch"), nb::arg("position"), released)
      .def("close", &Source::close, released)
      .def("next", &next, nb::arg("framework"), nb::arg("ids_name"),
           nb::sig(
               "def next(self, framework: Framework, ids_name: str) -> dict[str, object] | None"))
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
