// Stall accounting for a loop that is not ours: seconds and counts in, the verdict out.
// Thread safety: pure functions.
#include "headrace/observe/verdict.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.h"
#include "headrace/observe/machine.h"
#include "headrace/observe/process.h"
#include "verdict.h"

namespace headrace::python {

namespace nb = nanobind;

namespace {

nb::dict link_of(const observe::LinkRecord& link) {
  nb::dict result;
  if (link.device.empty()) return result;
  result["device"] = link.device;
  result["copies"] = link.copies;
  result["bytes"] = link.bytes;
  result["copy_s"] = link.copy_s;
  result["idle_s"] = link.idle_s;
  result["exposed_s"] = link.exposed_s;
  result["hidden_share"] = link.hidden_share();
  result["decode_s"] = link.decode_s;
  result["unpack_s"] = link.unpack_s;
  result["kernel_s"] = link.kernel_s;
  nb::dict shares;
  for (const observe::DeviceField& field : link.fields) shares[field.name.c_str()] = field.share;
  result["device_share"] = shares;
  result["why_not_on_device"] = link.why_not;
  return result;
}

}  // namespace

nb::dict as_dict(const observe::Verdict& verdict, const observe::Evidence& evidence) {
  nb::dict result;
  result["kind"] = name_of(verdict.kind);
  result["stage"] = verdict.stage;
  result["sentence"] = verdict.sentence;
  result["wait_share"] = verdict.wait_share;
  result["demand_per_s"] = verdict.demand_per_s;
  result["supply_per_s"] = verdict.supply_per_s;
  result["headroom"] = verdict.headroom;
  result["cpu_bound"] = verdict.cpu_bound;
  result["evidence"] = verdict.evidence;
  result["advice"] = verdict.advice;
  result["steps"] = evidence.steps;
  result["samples"] = evidence.samples;
  result["window_s"] = evidence.window_s;
  result["wait_s"] = evidence.wait_s;
  result["link"] = link_of(evidence.link);
  return result;
}

observe::StageRecord stage_of(const ForeignStage& stage) {
  observe::StageRecord record;
  record.name = stage.name;
  record.pool = stage.name;
  record.threads = 1;
  record.busy_s = stage.busy_s;
  record.items = stage.items;
  return record;
}

namespace {

nb::dict judge_loop(const ForeignLoop& loop, const std::vector<ForeignStage>& stages) {
  observe::Evidence evidence{.window_s = loop.window_s,
                             .steps = loop.steps,
                             .samples = loop.samples,
                             .wait_s = loop.wait_s,
                             .cores = observe::usable_cores()};
  for (const ForeignStage& stage : stages) evidence.stages.push_back(stage_of(stage));
  observe::set_capacities(evidence.stages);
  return as_dict(observe::judge(evidence), evidence);
}

}  // namespace

void bind_verdict(nb::module_& module) {
  nb::class_<ForeignStage>(module, "Stage", "One thread's work in a window.")
      .def(nb::init<std::string, double, uint64_t>(), nb::arg("name"), nb::arg("busy_s"),
           nb::arg("items"));
  nb::class_<ForeignLoop>(module, "Loop", "What a trainer's loop did in a window.")
      .def(nb::init<double, double, uint64_t, uint64_t>(), nb::arg("window_s"), nb::arg("wait_s"),
           nb::arg("steps"), nb::arg("samples"));
  module.def("judge", judge_loop, nb::arg("loop"), nb::arg("stages"),
             nb::sig("def judge(loop: Loop, stages: collections.abc.Sequence[Stage]) -> "
                     "dict[str, typing.Any]"),
             "The verdict on a loop.");
}

}  // namespace headrace::python
