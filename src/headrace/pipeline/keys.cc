// The table of keys.
#include "headrace/pipeline/keys.h"

namespace headrace::pipeline {
namespace {

constexpr uint64_t k_whole_max = ~uint64_t{0} >> 1;  // TOML's largest integer
constexpr uint64_t k_tib = uint64_t{1} << 40;

constexpr std::string_view k_caches[] = {"auto", "page", "ram", "direct"};
constexpr std::string_view k_shuffles[] = {"none", "global", "window"};
constexpr std::string_view k_lasts[] = {"short", "drop", "pad"};
constexpr std::string_view k_engines[] = {"auto", "uring", "threads", "psync"};
constexpr std::string_view k_on_errors[] = {"fail", "skip"};
constexpr std::string_view k_workloads[] = {"none", "unet3d", "resnet50", "cosmoflow"};
constexpr std::string_view k_accelerators[] = {"h100", "a100"};
constexpr std::string_view k_kinds[] = {"image", "integer", "bytes", "raw"};
constexpr std::string_view k_types[] = {"auto",    "uint8",    "int32",  "int64",
                                        "float16", "bfloat16", "float32"};
constexpr std::string_view k_crops[] = {"random_resized", "center", "none"};
constexpr std::string_view k_normalizes[] = {"none", "imagenet", "custom"};
constexpr std::string_view k_layouts[] = {"chw", "hwc"};

// The words stand in the enumeration's order.
template <class Owner, auto at>
Choice<Owner> choice(Words words) {
  return {words, [](Owner& owner) { return static_cast<size_t>(at(owner)); },
          [](Owner& owner, size_t index) {
            at(owner) = static_cast<std::remove_cvref_t<decltype(at(owner))>>(index);
          }};
}

Choice<FieldJob> choice_of_type() {
  return {k_types,
          [](FieldJob& f) { return f.type ? static_cast<size_t>(*f.type) + 1 : size_t{0}; },
          [](FieldJob& f, size_t index) {
            f.type.reset();
            if (index > 0) f.type = static_cast<ops::Type>(index - 1);
          }};
}

using JobWhole = Whole<Job>;

const std::array<Key<Job>, 25> k_job_keys = {
    {{"dataset", "path", Text<Job>{[](Job& j) -> std::string& { return j.dataset.path; }},
      "Folder of tar shards, one tar, or a folder with a folder of pictures a class."},
     {"dataset", "cache", choice < Job, [](Job& j) -> auto& {return j.dataset.cache;
}  // namespace
> (k_caches),
    "`page`: through the page cache; `direct`: past it; `ram`: all into memory first; `auto`: by "
    "size."
}  // namespace headrace::pipeline
, {"order", "shuffle", choice < Job, [](Job& j) -> auto& {return j.order.shuffle;
}
> (k_shuffles),
    "`global` is exact; `window` shuffles shards, then samples in windows; `none` as stored."
}
,
    {"order", "seed", JobWhole{[](Job& j) -> uint64_t& { return j.order.seed; }, 0, k_whole_max},
     "Of the order and of every random draw."},
    {"order", "window",
     JobWhole{[](Job& j) -> uint64_t& { return j.order.window_samples; }, 1, k_tib},
     "Samples in a window of the window shuffle."},
    {"order", "epochs",
     JobWhole{[](Job& j) -> uint64_t& { return j.order.epochs; }, 0, k_whole_max},
     "Passes over the data set; 0 = without end."},
    {"batch", "size", JobWhole{[](Job& j) -> uint64_t& { return j.batch.size; }, 1, 1 << 20},
     "Samples a batch, on each rank."},
    {"batch", "last", choice < Job, [](Job& j) -> auto& {return j.batch.last;
}
> (k_lasts),
    "An epoch's last batch: as long as samples remain, left out, or filled from the beginning."
}
,
    {"batch", "rank", JobWhole{[](Job& j) -> uint64_t& { return j.batch.rank; }, 0, (1 << 20) - 1},
     "Of this process; below `world_size`."},
    {"batch", "world_size",
     JobWhole{[](Job& j) -> uint64_t& { return j.batch.world_size; }, 1, 1 << 20},
     "Processes that share the data set."},
    {"loader", "workers", JobWhole{[](Job& j) -> uint64_t& { return j.loader.workers; }, 0, 1024},
     "Threads that decode; 0 = one a core."},
    {"loader", "prefetch",
     JobWhole{[](Job& j) -> uint64_t& { return j.loader.prefetch_batches; }, 1, 256},
     "Batches made ahead."},
    {"loader", "hold", JobWhole{[](Job& j) -> uint64_t& { return j.loader.held_batches; }, 1, 256},
     "Batches that the trainer keeps at the same time; their memory is added to `prefetch`."},
    {"loader", "engine", choice < Job, [](Job& j) -> auto& {return j.loader.engine;
}
> (k_engines), "How files are read; `auto` is io_uring where the kernel allows it, else threads."
}
,
    {"loader", "depth", JobWhole{[](Job& j) -> uint64_t& { return j.loader.depth; }, 1, 4096},
     "Reads in flight at most."},
    {"loader", "read_ahead",
     Size<Job>{[](Job& j) -> uint64_t& { return j.loader.read_ahead_bytes; }, 1 << 20, k_tib},
     "Memory for bytes that are read and not yet decoded."},
    {"loader", "on_error", choice < Job, [](Job& j) -> auto& {return j.loader.on_error;
}
> (k_on_errors), "A sample that cannot be made ends the run, or is left out, counted and listed."
}
,
    {"loader", "max_skipped",
     JobWhole{[](Job& j) -> uint64_t& { return j.loader.skipped_count_max; }, 0, k_whole_max},
     "With `skip`: more than this many end the run."},
    {"loader", "verify_checksums",
     Flag<Job>{[](Job& j) -> bool& { return j.loader.verify_checksums; }},
     "Check each field's bytes against its index."},
    {"device", "step_ms", Real<Job>{[](Job& j) -> double& { return j.device.step_ms; }, 0, 3.6e6},
     "What the emulated accelerator takes for a batch."},
    {"device", "accelerators",
     JobWhole{[](Job& j) -> uint64_t& { return j.device.accelerators; }, 1, 1 << 16},
     "How many of the workload's accelerators are fed; each takes the workload's batch a step."},
    {"device", "workload", choice < Job, [](Job& j) -> auto& {return j.device.workload;
}
> (k_workloads), "An MLPerf Storage workload, whose step and batch it takes."
}
, {"device", "accelerator", choice < Job, [](Job& j) -> auto& {return j.device.accelerator;
}
> (k_accelerators), "Which accelerator's step of the workload."
}
,
    {"device", "steps",
     JobWhole{[](Job& j) -> uint64_t& { return j.device.steps; }, 0, k_whole_max},
     "Steps after which the run ends; 0 = with the last epoch."},
    {"device", "warm_up",
     JobWhole{[](Job& j) -> uint64_t& { return j.device.warm_up_steps; }, 0, k_whole_max},
     "First steps that no figure counts."},
}
}
;

using F = FieldJob;

const std::array<Key<FieldJob>, 16> k_field_keys = {
    {{"field", "name", Text<F>{[](F& f) -> std::string& { return f.name; }},
      "The tensor's name in a batch."},
     {"field", "from", Text<F>{[](F& f) -> std::string& { return f.from; }},
      "Extensions by preference, as in `jpg|jpeg|png`; empty = the name."},
     {"field", "kind", choice < F, [](F& f) -> auto& {return f.kind;
}
> (k_kinds),
    "`integer` is decimal text or a folder's class; `bytes` is padded or cut; `raw` must fit."
}
,
    {"field", "type", choice_of_type(),
     "Of the elements; `auto` is float32 for images, int64 for integers, else uint8."},
    {"field", "shape",
     Wholes<F>{[](F& f) -> std::vector<uint64_t>& { return f.shape; }, 0, 8, 1, 1 << 30},
     "Of a sample, for `bytes` and `raw`."},
    {"field", "crop", choice < F, [](F& f) -> auto& {return f.crop;
}
> (k_crops),
    "torchvision's RandomResizedCrop; resize, then the center; or the whole picture resized."
}
,
    {"field", "size",
     Wholes<F>{[](F& f) -> std::vector<uint64_t>& { return f.size; }, 2, 2, 2, 16384},
     "Height and width of the result; one number for both."},
    {"field", "resize", Whole<F>{[](F& f) -> uint64_t& { return f.resize; }, 1, 16384},
     "With `center`: the shorter side before the cut."},
    {"field", "scale", Reals<F>{[](F& f) -> std::span<double> { return f.scale; }, 1e-6, 1},
     "With `random_resized`: least and largest share of the area."},
    {"field", "ratio", Reals<F>{[](F& f) -> std::span<double> { return f.ratio; }, 1e-3, 1e3},
     "With `random_resized`: least and largest width by height."},
    {"field", "flip", Real<F>{[](F& f) -> double& { return f.flip; }, 0, 1},
     "Probability of a left-right flip."},
    {"field", "normalize", choice < F, [](F& f) -> auto& {return f.normalize;
}
> (k_normalizes),
    "Subtract a mean and divide by a deviation, a color each; `custom` takes `mean` and `std`."
}
,
    {"field", "mean", Reals<F>{[](F& f) -> std::span<double> { return f.mean; }, -1e3, 1e3},
     "With `custom`: of red, green, blue from 0 to 1."},
    {"field", "std", Reals<F>{[](F& f) -> std::span<double> { return f.deviation; }, 1e-6, 1e3},
     "With `custom`: of red, green, blue from 0 to 1."},
    {"field", "layout", choice < F, [](F& f) -> auto& {return f.layout;
}
> (k_layouts), "Planes, or pixels."
}
,
    {"field", "dct_scaling", Flag<F>{[](F& f) -> bool& { return f.dct_scaling; }},
     "Decode a large JPEG at 1/2, 1/4 or 1/8 where the result is no larger: faster, less exact."},
}
}
;

}  // namespace

std::span<const Key<Job>> job_keys() { return k_job_keys; }
std::span<const Key<FieldJob>> field_keys() { return k_field_keys; }

}  // namespace headrace::pipeline
