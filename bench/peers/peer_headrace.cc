// Headrace, or libjpeg-turbo that only decodes, as one contender of ./run bench peers: a process of
// its own that says "first" at its first batch, warms up, and measures one window of time. The
// lines it prints are those of contender.py, which does the same for the Python loaders.
// Thread safety: the main thread consumes; decoding threads share one counter.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "../feed_source.h"
#include "../photo_sets.h"
#include "../turbo_decode.h"
#include "headrace/base/error.h"

namespace headrace::bench {
namespace {

struct Arguments {
  std::string what = {};  // feed or decode
  std::string data = {};
  std::string decode = "exact";
  uint32_t cores = 1;
  uint32_t batch = 256;
  uint32_t prefetch = 3;
  double warm_up_s = 2;
  double seconds = 5;
  double step_ms = 0;  // what an emulated accelerator takes for a batch
};

// Gives the pictures of the next batch, and says what the first one looks like.
class Pictures {
 public:
  virtual ~Pictures() = default;
  virtual uint64_t next() = 0;
  virtual nlohmann::json look() = 0;
};

class Feed final : public Pictures {
 public:
  explicit Feed(const Arguments& arguments)
      : source_(open_source(
            arguments.data,
            {.decode = arguments.decode == "fast" ? ops::Decode::fast : ops::Decode::exact,
             .workers = arguments.cores,
             .batch_size = arguments.batch,
             .prefetch_batches = arguments.prefetch})),
        loader_(source_.plan, *source_.dataset, source_.options) {}

  uint64_t next() override {
    batch_.reset();  // the trainer is done with it
    batch_ = loader_.next();
    return batch_->row_count();
  }

  nlohmann::json look() override {
    const loader::Tensor images = batch_->tensor(0);
    const auto* values = reinterpret_cast<const float*>(images.bytes.data());
    const size_t plane = images.shape[2] * images.shape[3];
    std::array<double, 3> sums = {};
    for (size_t index = 0; index < images.shape[0] * 3; ++index) {
      for (size_t pixel = 0; pixel < plane; ++pixel) sums[index % 3] += *values++;
    }
    for (double& sum : sums) sum /= static_cast<double>(images.shape[0] * plane);
    return {{"shape", images.shape}, {"type", ops::name_of(images.type)}, {"mean", sums}};
  }

 private:
  Source source_;
  loader::Loader loader_;
  std::optional<loader::Batch> batch_;
};

class Decode final : public Pictures {
 public:
  explicit Decode(const Arguments& arguments)
      : pictures_(read_pictures(*formats::Dataset::open(arguments.data, {}))),
        batch_(arguments.batch) {
    for (uint32_t thread = 0; thread < arguments.cores; ++thread) {
      threads_.emplace_back([this](const std::stop_token& stop) {
        std::vector<uint8_t> rgb;
        while (!stop.stop_requested()) {
          turbo_decode(pictures_[count_.fetch_add(1) % pictures_.size()], rgb);
        }
      });
    }
  }

  uint64_t next() override {
    const uint64_t begin = taken_;
    while ((taken_ = count_.load()) < begin + batch_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return taken_ - begin;
  }
  nlohmann::json look() override { return nlohmann::json::object(); }

 private:
  std::vector<std::vector<std::byte>> pictures_;
  uint64_t batch_;
  uint64_t taken_ = 0;
  std::atomic<uint64_t> count_{0};
  std::vector<std::jthread> threads_;
};

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

// Waits for batches and then computes for step_ms, until the time is up: what the waits were.
nlohmann::json consume(Pictures& source, const Arguments& arguments, double seconds) {
  uint64_t images = 0;
  std::vector<double> waits_ms;
  const double begin_s = now_s();
  while (now_s() - begin_s < seconds) {
    const double wait_s = now_s();
    images += source.next();
    waits_ms.push_back((now_s() - wait_s) * 1e3);
    if (arguments.step_ms > 0) {
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(arguments.step_ms));
    }
  }
  return {{"images", images}, {"wall_s", now_s() - begin_s}, {"waits_ms", waits_ms}};
}

void run(const Arguments& arguments) {
  std::unique_ptr<Pictures> source;
  if (arguments.what == "feed") source = std::make_unique<Feed>(arguments);
  if (arguments.what == "decode") source = std::make_unique<Decode>(arguments);
  source->next();
  say("first");
  say(source->look().dump());
  (void)consume(*source, arguments, arguments.warm_up_s);
  say("begin");
  const auto window = consume(*source, arguments, arguments.seconds);
  say("end");
  say(window.dump());
  (void)std::getchar();  // the harness reads this process's memory until it closes the pipe
}

int parse_and_run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("One contender of ./run bench peers", "peer_headrace");
  app.add_option("WHAT", arguments.what)->required()->check(CLI::IsMember({"feed", "decode"}));
  app.add_option("DATA", arguments.data)->required();
  app.add_option("--decode", arguments.decode)->check(CLI::IsMember({"exact", "fast"}));
  app.add_option("--prefetch", arguments.prefetch, "batches made ahead");
  app.add_option("--cores", arguments.cores, "decoding threads");
  app.add_option("--batch", arguments.batch, "pictures a batch");
  app.add_option("--warm-up-s", arguments.warm_up_s);
  app.add_option("--seconds", arguments.seconds, "of the window");
  app.add_option("--step-ms", arguments.step_ms, "an emulated accelerator's time for a batch");
  CLI11_PARSE(app, argc, argv);
  run(arguments);
  return 0;
}

}  // namespace
}  // namespace headrace::bench

int main(int argc, char** argv) {
  try {
    return headrace::bench::parse_and_run(argc, argv);
  } catch (const headrace::Error& error) {
    fmt::print(stderr, "peer_headrace: {}\n", error.what());
    return 3;
  }
}
