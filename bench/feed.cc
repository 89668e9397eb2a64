// ./run bench feed: storage to finished batch, beside libjpeg-turbo that only decodes the same
// files on as many threads. Everything in one interleaved run.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "feed_error.h"
#include "feed_profile.h"
#include "feed_source.h"
#include "photo_sets.h"
#include "program.h"
#include "turbo_decode.h"

namespace headrace::bench {
namespace {

struct Arguments {
  std::string photos = {};
  std::string json = {};
  uint32_t rounds = 5;
  double seconds = 3;
  uint32_t workers = 0;
  bool profile = false;
  bool scaling = false;
  bool error = false;
};

double mean_size_bytes(const std::vector<std::vector<std::byte>>& pictures) {
  double sum_bytes = 0;
  for (const auto& picture : pictures) sum_bytes += static_cast<double>(picture.size());
  return sum_bytes / static_cast<double>(std::max<size_t>(1, pictures.size()));
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Feeds photographs and compares with libjpeg-turbo only decoding them",
               "bench_feed");
  app.add_option("--photos", arguments.photos, "a class-per-folder tree of JPEGs");
  app.add_option("--rounds", arguments.rounds, "interleaved rounds")->capture_default_str();
  app.add_option("--seconds", arguments.seconds, "of each run")->capture_default_str();
  app.add_option("--workers", arguments.workers, "threads of each contender; 0 = one a core");
  app.add_option("--json", arguments.json, "write the rows to this file");
  app.add_flag("--profile", arguments.profile, "also say where a picture's time goes");
  app.add_flag("--scaling", arguments.scaling, "only the rates on one thread and on all");
  app.add_flag("--error", arguments.error, "also say how far fast decoding is from exact");
  CLI11_PARSE(app, argc, argv);
  if (arguments.workers == 0) arguments.workers = loader::this_host().cores;

  const PhotoSets sets = prepare_photo_sets(arguments.photos);
  const SourceOptions exact{.workers = arguments.workers};
  const SourceOptions fast{.decode = ops::Decode::fast, .workers = arguments.workers};
  Source packed = open_source(sets.packed, exact), packed_fast = open_source(sets.packed, fast);
  const Source plain = open_source(sets.plain, exact);
  const Source folder = open_source(sets.folder, exact),
               folder_fast = open_source(sets.folder, fast);
  const auto packed_pictures = read_pictures(*packed.dataset);
  if (arguments.scaling) {
    print_scaling(
        packed, packed_pictures,
        {.name = "feed, packed", .seconds = arguments.seconds, .rounds = arguments.rounds});
    return 0;
  }
  const auto plain_pictures = read_pictures(*plain.dataset);
  const DecodeOptions decoding{.threads = arguments.workers, .seconds = arguments.seconds};
  const std::vector<Contender> contenders = {
      {"libjpeg-turbo decodes only, packed files", "images/s",
       [&] { return decode_only(packed_pictures, decoding); }},
      {"libjpeg-turbo decodes only, original files", "images/s",
       [&] { return decode_only(plain_pictures, decoding); }},
      {"feed, packed", "images/s", [&] { return feed_for(packed, arguments.seconds); }},
      {"feed, packed, fast", "images/s", [&] { return feed_for(packed_fast, arguments.seconds); }},
      {"feed, packed without restart intervals", "images/s",
       [&] { return feed_for(plain, arguments.seconds); }},
      {"feed, image folder", "images/s", [&] { return feed_for(folder, arguments.seconds); }},
      {"feed, image folder, fast", "images/s",
       [&] { return feed_for(folder_fast, arguments.seconds); }}};
  const std::vector<Row> rows =
      interleave(contenders, {.count = arguments.rounds, .on_run = show_round});
  fmt::print(
      "{} photographs, {} workers; feed = read + decode + crop + antialiased resize to 224 + "
      "flip + normalize, float32\n",
      packed.dataset->sample_count(), arguments.workers);
  fmt::print("{}", table_text("feed", rows));
  if (arguments.error) {
    print_exactness("packed", packed_pictures);
    print_exactness("original", plain_pictures);
    print_error(packed_pictures);
  }
  if (arguments.profile) {
    ProfileOptions options{.name = "feed, packed",
                           .seconds = arguments.seconds,
                           .rounds = arguments.rounds,
                           .picture_bytes = mean_size_bytes(packed_pictures)};
    print_profile(packed, options);
    print_scaling(packed, packed_pictures, options);
    options.name = "feed, packed, fast";
    print_profile(packed_fast, options);
  }
  if (!arguments.json.empty()) write_json(arguments.json, "feed", rows);
  return 0;
}

}  // namespace
}  // namespace headrace::bench

int main(int argc, char** argv) {
  return headrace::bench::exit_status_of("bench_feed",
                                         [&] { return headrace::bench::run(argc, argv); });
}
