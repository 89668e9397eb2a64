// The table of keys.
#include "headrace/pipeline/keys.h"

namespace headrace::pipeline {
namespace {

constexpr uint64_t k_whole_max = ~uint64_t{0} >> 1;  // TOML's largest integer
constexpr uint64_t k_tib = uint64_t{1} << 40;

constexpr std::string_view k_caches[] = {"auto", "page", "ram", "map", "direct"};
constexpr std::string_view k_shuffles[] = {"auto",   "none",     "global",
                                           "window", "megatron", "copies"};
constexpr std::string_view k_lasts[] = {"short", "drop", "pad"};
constexpr std::string_view k_engines[] = {"auto", "uring", "threads", "psync"};
constexpr std::string_view k_on_errors[] = {"fail", "skip"};
constexpr std::string_view k_workloads[] = {"none", "unet3d", "resnet50", "cosmoflow"};
constexpr std::string_view k_accelerators[] = {"h100", "a100"};
constexpr std::string_view k_kinds[] = {"image",  "integer", "bytes",     "raw",
                                        "tokens", "labels",  "positions", "boundaries",
                                        "text",   "array",   "strings"};
constexpr std::string_view k_raggeds[] = {"none", "pad", "offsets"};
constexpr std::string_view k_missings[] = {"error", "skip", "fill"};
constexpr std::string_view k_types[] = {"auto",    "uint8",    "int32",  "int64",
                                        "float16", "bfloat16", "float32"};
constexpr std::string_view k_crops[] = {"random_resized", "center", "none"};
constexpr std::string_view k_normalizes[] = {"none", "imagenet", "custom"};
constexpr std::string_view k_decodes[] = {"exact", "fast", "gpu", "auto"};
constexpr std::string_view k_places[] = {"cpu", "gpu", "auto"};
constexpr std::string_view k_read_tos[] = {"host", "device"};
constexpr std::string_view k_layouts[] = {"chw", "hwc"};

// The value behind a chain of members: at<&Job::order, &OrderJob::seed>(job).
template <auto first, auto... rest, class Owner>
auto& at(Owner& owner) {
  if constexpr (sizeof...(rest) == 0) {
    return owner.*first;
  } else {
    return at<rest...>(owner.*first);
  }
}

template <auto... members, class Owner>
std::span<double> reals_at(Owner& owner) {
  return at<members...>(owner);
}

// The words stand in the enumeration's order.
template <class Owner, auto... members>
Choice<Owner> choice(Words words) {
  return {words, [](Owner& owner) { return static_cast<size_t>(at<members...>(owner)); },
          [](Owner& owner, size_t index) {
            auto& value = at<members...>(owner);
            value = static_cast<std::remove_cvref_t<decltype(value)>>(index);
          }};
}

// The same where the first word, "auto", is that nothing is chosen.
template <class Owner, auto... members>
Choice<Owner> choice_or_auto(Words words) {
  return {words,
          [](Owner& owner) {
            const auto& value = at<members...>(owner);
            return value ? static_cast<size_t>(*value) + 1 : size_t{0};
          },
          [](Owner& owner, size_t index) {
            auto& value = at<members...>(owner);
            value.reset();
            using Chosen = typename std::remove_cvref_t<decltype(value)>::value_type;
            if (index > 0) value = static_cast<Chosen>(index - 1);
          }};
}

const Key<Job> k_job_keys[] = {
    {"dataset", "path", Texts<Job>{at<&Job::dataset, &DatasetJob::paths>, 64},
     "Folder of shards of any format that is read ([which](commands.md)), one shard, a folder "
     "with a folder of pictures a class or a table of labels, or Megatron token files. Several, as "
     "on several devices, are one data set in this order."},
    {"dataset", "cache", choice<Job, &Job::dataset, &DatasetJob::cache>(k_caches),
     "`page`: through the page cache; `direct`: past it; `ram`: all into memory first; `map`: "
     "mapped; `auto`: `map` for what lies in the page cache of a local file system, and for tokens "
     "that fit into memory; else by size ([decisions](decisions.md))."},
    {"dataset", "sequence", Whole<Job>{at<&Job::dataset, &DatasetJob::sequence_tokens>, 0, 1 << 27},
     "Tokens a sample, for token files; the label of the last one is read besides."},
    {"dataset", "part", Whole<Job>{at<&Job::dataset, &DatasetJob::part>, 0, (1 << 20) - 1},
     "Which part of the data set is used, as of this node; below `parts`."},
    {"dataset", "parts", Whole<Job>{at<&Job::dataset, &DatasetJob::parts>, 1, 1 << 20},
     "Equal runs of samples in stored order; what does not divide is left out."},
    {"order", "shuffle", choice_or_auto<Job, &Job::order, &OrderJob::shuffle>(k_shuffles),
     "`global` is exact; `window` shuffles shards, then samples in windows; `none` as stored; "
     "`megatron` as megatron-core's GPTDataset does, all its epochs together; `copies` reads one "
     "stored copy of `pack --copies` after the other; `auto`: `copies` where there are some, else "
     "`global`."},
    {"order", "seed", Whole<Job>{at<&Job::order, &OrderJob::seed>, 0, k_whole_max},
     "Of the order and of every random draw."},
    {"order", "window", Whole<Job>{at<&Job::order, &OrderJob::window_samples>, 1, k_tib},
     "Samples in a window of the window shuffle."},
    {"order", "epochs", Whole<Job>{at<&Job::order, &OrderJob::epochs>, 0, k_whole_max},
     "Passes over the data set; 0 = without end."},
    {"order", "samples", Whole<Job>{at<&Job::order, &OrderJob::samples>, 0, k_tib},
     "With `megatron`: how many are wanted in all, which decides how many epochs are packed; of a "
     "blend: how many an epoch has. 0 = as many as there are."},
    {"batch", "size", Whole<Job>{at<&Job::batch, &BatchJob::size>, 1, 1 << 20},
     "Samples a batch, on each rank."},
    {"batch", "last", choice<Job, &Job::batch, &BatchJob::last>(k_lasts),
     "An epoch's last batch: as long as samples remain, left out, or filled from the beginning."},
    {"batch", "rank", Whole<Job>{at<&Job::batch, &BatchJob::rank>, 0, (1 << 20) - 1},
     "Of this process; below `world_size`."},
    {"batch", "world_size", Whole<Job>{at<&Job::batch, &BatchJob::world_size>, 1, 1 << 20},
     "Processes that share the data set."},
    {"loader", "workers", Whole<Job>{at<&Job::loader, &LoaderJob::workers>, 0, 1024},
     "Threads that decode; 0 = one a core."},
    {"loader", "prefetch", Whole<Job>{at<&Job::loader, &LoaderJob::prefetch_batches>, 1, 256},
     "Batches made ahead."},
    {"loader", "hold", Whole<Job>{at<&Job::loader, &LoaderJob::held_batches>, 1, 256},
     "Batches that the trainer keeps at the same time; their memory is added to `prefetch`."},
    {"loader", "engine", choice<Job, &Job::loader, &LoaderJob::engine>(k_engines),
     "How files are read; `auto` is io_uring where the kernel allows it, else threads."},
    {"loader", "depth", Whole<Job>{at<&Job::loader, &LoaderJob::depth>, 1, 4096},
     "Reads in flight at most, of each disk that the data lies on."},
    {"loader", "read_ahead",
     Size<Job>{at<&Job::loader, &LoaderJob::read_ahead_bytes>, 1 << 20, k_tib},
     "Memory for bytes that are read and not yet decoded."},
    {"loader", "on_error", choice<Job, &Job::loader, &LoaderJob::on_error>(k_on_errors),
     "A sample that cannot be made ends the run, or is left out, counted and listed."},
    {"loader", "max_skipped",
     Whole<Job>{at<&Job::loader, &LoaderJob::skipped_count_max>, 0, k_whole_max},
     "With `skip`: more than this many end the run."},
    {"loader", "verify_checksums", Flag<Job>{at<&Job::loader, &LoaderJob::verify_checksums>},
     "Check each field's bytes against its index."},
    {"device", "name", Text<Job>{at<&Job::device, &DeviceJob::name>},
     "Where batches go: `cpu` is host memory, `cuda:0` that GPU's, `cuda` that of the GPU of this "
     "local rank (docs/gpu.md)."},
    {"device", "read_to", choice<Job, &Job::device, &DeviceJob::read_to>(k_read_tos),
     "Where `raw` rows are read: `host` memory first, or the `device`'s, by cuFile or a bounce "
     "ring, "
     "as measured (docs/gpu.md)."},
    {"device", "step_ms", Real<Job>{at<&Job::device, &DeviceJob::step_ms>, 0, 3.6e6},
     "What the emulated accelerator takes for a batch."},
    {"device", "accelerators", Whole<Job>{at<&Job::device, &DeviceJob::accelerators>, 1, 1 << 16},
     "How many of the workload's accelerators are fed; each takes the workload's batch a step."},
    {"device", "workload", choice<Job, &Job::device, &DeviceJob::workload>(k_workloads),
     "An MLPerf Storage workload, whose step and batch it takes."},
    {"device", "accelerator", choice<Job, &Job::device, &DeviceJob::accelerator>(k_accelerators),
     "Which accelerator's step of the workload."},
    {"device", "steps", Whole<Job>{at<&Job::device, &DeviceJob::steps>, 0, k_whole_max},
     "Steps after which the run ends; 0 = with the last epoch."},
};

const Key<BlendJob> k_blend_keys[] = {
    {"blend", "path", Texts<BlendJob>{at<&BlendJob::paths>, 64},
     "One of the data sets that are mixed, as in `dataset.path`, which then stays empty."},
    {"blend", "weight", Real<BlendJob>{at<&BlendJob::weight>, 0, 1e12},
     "Its share of the samples, against the other weights; 0, which all or none have = its own "
     "number of samples."},
    {"blend", "name", Text<BlendJob>{at<&BlendJob::name>}, "In reports; empty = the path."},
};

using F = FieldJob;

const Key<F> k_field_keys[] = {
    {"field", "name", Text<F>{at<&F::name>}, "The tensor's name in a batch."},
    {"field", "from", Text<F>{at<&F::from>},
     "Extensions by preference, as in `jpg|jpeg|png`, compressed or not; empty = the name."},
    {"field", "kind", choice<F, &F::kind>(k_kinds),
     "`integer` is decimal text or a folder's class; `bytes` is padded or cut; `raw` must fit; "
     "`tokens` to `boundaries` are made of token files; `text` becomes ids by a `tokenizer`; "
     "`array` "
     "and `strings` are what docs/arrays.md says."},
    {"field", "type", choice_or_auto<F, &F::type>(k_types),
     "Of the elements; `auto` is float32 for images, int64 for integers and tokens, else uint8."},
    {"field", "shape", Wholes<F>{at<&F::shape>, 0, 8, 1, 1, 1 << 30},
     "Of a sample, for `bytes`, `raw` and `array`; how many a sample has at most, for `boundaries` "
     "and the tokens of `text`; of `strings` the last is their bytes."},
    {"field", "crop", choice<F, &F::crop>(k_crops),
     "torchvision's RandomResizedCrop; resize, then the center; or the whole picture resized."},
    {"field", "size", Wholes<F>{at<&F::size>, 2, 2, 2, 1, 16384},
     "Height and width of the result; one number for both."},
    {"field", "resize", Whole<F>{at<&F::resize>, 1, 16384},
     "With `center`: the shorter side before the cut."},
    {"field", "scale", Reals<F>{reals_at<&F::scale>, 1e-6, 1},
     "With `random_resized`: least and largest share of the area."},
    {"field", "ratio", Reals<F>{reals_at<&F::ratio>, 1e-3, 1e3},
     "With `random_resized`: least and largest width by height."},
    {"field", "flip", Real<F>{at<&F::flip>, 0, 1}, "Probability of a left-right flip."},
    {"field", "normalize", choice<F, &F::normalize>(k_normalizes),
     "Subtract a mean and divide by a deviation, a color each; `custom` takes `mean` and `std`."},
    {"field", "mean", Reals<F>{reals_at<&F::mean>, -1e3, 1e3},
     "With `custom`: of red, green, blue from 0 to 1."},
    {"field", "std", Reals<F>{reals_at<&F::deviation>, 1e-6, 1e3},
     "With `custom`: of red, green, blue from 0 to 1."},
    {"field", "layout", choice<F, &F::layout>(k_layouts), "Planes, or pixels."},
    {"field", "decode", choice<F, &F::decode>(k_decodes),
     "`exact` and `fast` are the CPU's; `fast` resizes a JPEG's luma and color apart: quicker, not "
     "exact. `gpu`: a JPEG is decoded on the device that batches go to; `auto`: there and here, by "
     "measured rates (docs/gpu.md)."},
    {"field", "decompress", choice<F, &F::decompress>(k_places),
     "With `raw`: where a compressed field is unpacked when batches go to a device."},
    {"field", "dct_scaling", Flag<F>{at<&F::dct_scaling>},
     "Decode a large JPEG at 1/2, 1/4 or 1/8 where the result is no larger: faster, less exact."},
    {"field", "end_token", Wholes<F>{at<&F::end_token>, 0, 1, 1, 0, uint64_t{1} << 31},
     "Token that ends a document: `positions` begin anew behind it, `boundaries` lie there."},
    {"field", "tokenizer", Text<F>{at<&F::tokenizer>},
     "With `text`: the path of a `tokenizer.json`, or a `.model` of SentencePiece (docs/text.md)."},
    {"field", "pad_token", Text<F>{at<&F::pad_token>},
     "With `text`: what fills a row up, as in `<|endoftext|>`; empty = the id 0."},
    {"field", "special_tokens", Flag<F>{at<&F::special_tokens>},
     "With `text`: those that the tokenizer puts around a text."},
    {"field", "cut", Flag<F>{at<&F::cut>},
     "What is longer than `shape` (`text`, `strings`) or `max_length`; otherwise it is an error."},
    {"field", "ragged", choice<F, &F::ragged>(k_raggeds),
     "With `array` and `strings`, a leading dimension that differs: filled up to `max_length` and "
     "its length beside it, or all one behind the other and offsets."},
    {"field", "max_length", Whole<F>{at<&F::max_length>, 0, 1 << 30},
     "The most that a `ragged` dimension has."},
    {"field", "missing", choice<F, &F::missing>(k_missings),
     "A sample without this field: an error, left out and counted, or (`array`, `strings`) a row "
     "of `fill`."},
    {"field", "fill", Real<F>{at<&F::fill>, -1e15, 1e15},
     "With `array`: what stands behind a shorter list, and for what is missing."},
    {"field", "member", Text<F>{at<&F::member>},
     "With `array` and `strings` of JSON: the member that is meant, dots between."},
};

}  // namespace

std::span<const Key<Job>> job_keys() { return k_job_keys; }
std::span<const Key<BlendJob>> blend_keys() { return k_blend_keys; }
std::span<const Key<FieldJob>> field_keys() { return k_field_keys; }

}  // namespace headrace::pipeline
