// ./run bench small: a million samples of 3 to 4 KB through the loader, from memory and through the
// page cache; what a sample costs besides its bytes; and how a run starts.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "bare_copies.h"
#include "first_batch.h"
#include "headrace/base/error.h"
#include "headrace/bench/table.h"
#include "headrace/formats/huge_set.h"
#include "headrace/loader/batch_source.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/loader.h"
#include "headrace/loader/resident.h"
#include "photo_sets.h"
#include "program.h"
#include "small_sets.h"

namespace headrace::bench {
namespace {

struct Arguments {
  uint64_t samples = 1'000'000;
  std::vector<std::string> kinds = {"raw", "png", "text"};
  std::string only = {};
  uint32_t rounds = 5;
  double seconds = 1;
  uint64_t huge_shards = 10'000;  // of 100,000 samples each
  std::string json = {};
};

// What is left of a sample when its bytes are neither moved nor looked at.
class Nothing final : public ops::Op {
 public:
  ops::TensorSpec output() const override { return {.shape = {k_raw_bytes}}; }
  std::unique_ptr<ops::Scratch> make_scratch() const override {
    return std::make_unique<ops::Scratch>();
  }
  std::expected<void, ops::Failure> run(std::span<const std::byte>, const ops::Context&,
                                        ops::Scratch&,
                                        std::span<std::byte>) const noexcept override {
    return {};
  }
};

pipeline::Job job_of(SmallKind kind, const std::string& path) {
  pipeline::Job job;
  job.dataset.paths = {path};
  job.dataset.cache = pipeline::Cache::page;
  job.order.epochs = 0;
  pipeline::FieldJob field{.name = "x"};
  if (kind == SmallKind::raw) {
    field.from = "bin";
    field.kind = pipeline::FieldKind::raw;
    field.shape = {3, 32, 32};
  } else if (kind == SmallKind::text) {
    field.from = "txt";
    field.kind = pipeline::FieldKind::bytes;
    field.shape = {k_text_bytes_max};
  } else {
    field.from = "png";
    field.size = {32, 32};
    field.type = ops::Type::uint8;
    field.crop = ops::Crop::none;
  }
  job.fields = {field, {.name = "y", .from = "cls", .kind = pipeline::FieldKind::integer}};
  return job;
}

struct Set {
  SmallKind kind;
  std::unique_ptr<formats::Dataset> dataset;
  pipeline::Plan plan;
  loader::Options options;
};

Set open_set(SmallKind kind, const Arguments& arguments) {
  const pipeline::Job job = job_of(kind, prepare_small_set(kind, arguments.samples));
  Set set{.kind = kind, .dataset = formats::Dataset::open(job.dataset.paths.front(), {})};
  set.plan = pipeline::compile(job, *set.dataset);
  set.options = loader::configure(job, *set.dataset, loader::this_host());
  return set;
}

Sample feed_for(const Set& set, const pipeline::Plan& plan, const loader::Options& options,
                double seconds) {
  loader::Loader loader(plan, *set.dataset, options);
  for (int batch = 0; batch < 8; ++batch) (void)loader.next();
  const double begin_s = now_s(), begin_cpu_s = process_cpu_s();
  double items = 0;
  while (now_s() - begin_s < seconds) {
    for (int batch = 0; batch < 16; ++batch) items += loader.next()->row_count();
  }
  return {.items = items, .wall_s = now_s() - begin_s, .cpu_s = process_cpu_s() - begin_cpu_s};
}

pipeline::Plan nothing_plan(uint32_t batch_size) {
  pipeline::Plan plan;
  plan.fields.push_back({.name = "x", .sources = {0}, .op = std::make_unique<Nothing>()});
  pipeline::lay_out(plan, batch_size);
  return plan;
}

// One part alone, on this thread, over whole epochs of ids.
Sample order_only(const Set& set, double seconds, bool with_index) {
  loader::BatchSource source(*set.dataset, set.options);
  loader::Slots slots({.slot_count = 1, .slot_bytes = 4096, .batch_size = set.options.batch_size});
  loader::Slot& slot = slots.at(0);
  const double begin_s = now_s(), begin_cpu_s = process_cpu_s();
  double items = 0;
  while (now_s() - begin_s < seconds) {
    for (int batch = 0; batch < 16; ++batch) {
      source.fill(slot);
      if (with_index) {
        set.dataset->locate_all(std::span(slot.ids).first(slot.row_count), slot.locations);
      }
      items += slot.row_count;
    }
  }
  return {.items = items, .wall_s = now_s() - begin_s, .cpu_s = process_cpu_s() - begin_cpu_s};
}

std::vector<Row> measure(SmallKind kind, const Arguments& arguments) {
  const Set set = open_set(kind, arguments);
  const loader::Resident resident(*set.dataset,
                                  loader::resident_options(*set.dataset, set.options));
  const pipeline::Plan nothing = nothing_plan(set.options.batch_size);
  std::vector<Contender> contenders;
  const auto add = [&](const std::string& name, std::function<Sample()> run) {
    if (name.find(arguments.only) == std::string::npos) return;
    contenders.push_back({fmt::format("{}: {}", name_of(kind), name), "samples/s", std::move(run)});
  };
  const auto add_feed = [&](const std::string& name, const pipeline::Plan& plan, auto change) {
    for (const uint32_t workers : {1U, 2U}) {
      loader::Options options = set.options;
      options.workers = workers;
      change(options);
      add(fmt::format("{}, {} worker{}", name, workers, workers == 1 ? "" : "s"),
          [&, options] { return feed_for(set, plan, options, arguments.seconds); });
    }
  };
  const auto ram = [&](loader::Options& options) {
    options.in_memory = true;
    options.resident = &resident;
  };
  const auto unchecked = [&](loader::Options& options) {
    ram(options);
    options.verify_checksums = false;
  };
  const auto window = [](loader::Options& options) { options.shuffle = order::Shuffle::window; };
  std::vector<const std::byte*> rows;
  if (kind == SmallKind::raw) {
    rows = shuffled_rows(*set.dataset, resident, set.plan.fields[0].sources[0]);
    for (const uint32_t threads : {1U, 2U}) {
      const uint32_t slots = set.options.prefetch_batches + set.options.lease_count;
      const CopyOptions options{.row_bytes = k_raw_bytes,
                                .target_bytes = set.plan.slot_bytes * slots,
                                .threads = threads,
                                .seconds = arguments.seconds};
      add(fmt::format("copied and nothing else, {} thread{}", threads, threads == 1 ? "" : "s"),
          [&, options] { return copy_rows(rows, options); });
    }
  }
  add_feed("ram, checksums", set.plan, ram);
  add_feed("ram", set.plan, unchecked);
  add_feed("page cache, window shuffle", set.plan, window);
  add_feed("page cache, global shuffle", set.plan, [](loader::Options&) {});
  if (kind == SmallKind::raw) {
    add_feed("overhead: all but the bytes", nothing, unchecked);
    add("overhead: order", [&] { return order_only(set, arguments.seconds, false); });
    add("overhead: order and index", [&] { return order_only(set, arguments.seconds, true); });
  }
  return interleave(contenders, {.count = arguments.rounds, .on_run = show_round});
}

std::string prepare_huge_set(uint64_t shard_count) {
  const std::string folder =
      fmt::format("{}/bench-huge-{}", formats::default_cache_folder(), shard_count);
  if (!real_files().stat(folder + "/" + formats::k_manifest_name)) {
    formats::write_huge_set(folder, shard_count);
  }
  return folder;
}

// The photographs, and sets that differ in nothing but their size.
std::vector<Row> measure_all_starts(const Arguments& arguments) {
  std::vector<StartCase> cases;
  for (const uint64_t shards : {uint64_t{10}, arguments.huge_shards}) {
    cases.push_back({fmt::format("start, {} samples", shards * formats::k_huge_samples_a_shard),
                     prepare_huge_set(shards), "bin"});
  }
  cases.push_back({"start, packed photographs", prepare_photo_sets("").packed, "imagenet"});
  return measure_starts(cases, arguments.rounds);
}

SmallKind kind_of(const std::string& name) {
  for (const SmallKind kind : {SmallKind::raw, SmallKind::png, SmallKind::text}) {
    if (name == name_of(kind)) return kind;
  }
  throw Error({.code = Code::invalid_argument, .action = "no such kind", .object = name});
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Small samples: what the loader itself costs", "bench_small");
  app.add_option("--samples", arguments.samples, "in each data set")->capture_default_str();
  app.add_option("--kinds", arguments.kinds, "raw, png, text")->capture_default_str();
  app.add_option("--only", arguments.only, "what has this text in its name");
  app.add_option("--rounds", arguments.rounds, "interleaved rounds")->capture_default_str();
  app.add_option("--seconds", arguments.seconds, "of each run")->capture_default_str();
  app.add_option("--huge-shards", arguments.huge_shards,
                 "shards of 100,000 samples in the set that starts are measured on; 0 = no starts")
      ->capture_default_str();
  app.add_option("--json", arguments.json, "write the rows to this file");
  CLI11_PARSE(app, argc, argv);
  std::vector<Row> rows;
  for (const std::string& kind : arguments.kinds) {
    const std::vector<Row> measured = measure(kind_of(kind), arguments);
    fmt::print("{}", table_text("small", measured));
    rows.insert(rows.end(), measured.begin(), measured.end());
  }
  if (arguments.huge_shards > 0) {
    for (const Row& row : measure_all_starts(arguments)) {
      fmt::print("  {:<62} {:>10.3f} {:<3} {:>6.1f}%\n", row.name, row.value, row.unit,
                 row.spread * 100);
      rows.push_back(row);
    }
  }
  if (!arguments.json.empty()) write_json(arguments.json, "small", rows);
  return 0;
}

}  // namespace
}  // namespace headrace::bench

int main(int argc, char** argv) {
  return headrace::bench::exit_status_of("bench_small", [&] {
    if (argc == 5 && std::string_view(argv[1]) == headrace::bench::k_first_batch_flag) {
      return headrace::bench::run_first_batch(argv);
    }
    return headrace::bench::run(argc, argv);
  });
}
