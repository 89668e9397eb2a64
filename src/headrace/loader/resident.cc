// Threads with a ring each take the files' pieces in turn until none is left.
#include "headrace/loader/resident.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "headrace/base/check.h"
#include "headrace/base/condition.h"
#include "headrace/base/error.h"
#include "headrace/base/sizes.h"
#include "headrace/memory/available.h"
#include "headrace/storage/open_files.h"

namespace headrace::loader {
namespace {

constexpr uint64_t k_piece_bytes = uint64_t{1} << 20;
constexpr uint32_t k_depth = 8;  // pieces in flight a thread
constexpr uint32_t k_threads_max = 8;
constexpr size_t k_open_files = 16;
constexpr auto k_progress_every = std::chrono::milliseconds(100);

uint64_t held_bytes(uint64_t size_bytes) {
  constexpr uint64_t k_step = io::k_target_alignment;
  return (size_bytes + k_step - 1) / k_step * k_step;
}

uint64_t total_held_bytes(const formats::Dataset& dataset) {
  uint64_t total_bytes = 0;
  for (uint64_t index = 0; index < dataset.file_count(); ++index) {
    total_bytes += held_bytes(dataset.file(index).size_bytes);
  }
  return total_bytes;
}

memory::Arena arena_for(const formats::Dataset& dataset, const ResidentOptions& options) {
  const uint64_t total_bytes = std::max<uint64_t>(1, total_held_bytes(dataset));
  if (total_bytes > options.available_bytes) {
    throw Error({.code = Code::no_space,
                 .action = "cannot hold in memory",
                 .object = options.path,
                 .cause = fmt::format("it takes {}, and {} is available", format_size(total_bytes),
                                      format_size(options.available_bytes)),
                 .hint = "set dataset.cache to \"page\" or \"direct\""});
  }
  // Touched by the threads that read, side by side.
  return memory::Arena({.size_bytes = total_bytes, .touched = false});
}

// Advice is not needed for what follows to be right, so that it failed is no failure.
void advise(std::span<const std::byte> bytes, int advice) {
  if (bytes.empty()) return;
  const auto begin = reinterpret_cast<uintptr_t>(bytes.data());
  const auto page = begin - begin % static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  (void)::madvise(reinterpret_cast<void*>(page), begin + bytes.size() - page, advice);
}

}  // namespace

// What the reading threads share.
struct Resident::Work {
  const formats::Dataset& dataset;
  const ResidentOptions& options;
  std::vector<std::span<std::byte>> targets;  // of each file
  std::vector<uint64_t> first_pieces;         // of each file, and their count at the end
  std::atomic<uint64_t> next_piece{0};
  std::atomic<uint64_t> done_bytes{0};
  std::atomic<bool> stopping{false};
  std::mutex mutex;  // guards what follows
  std::condition_variable ended;
  uint32_t threads_left = 0;
  std::vector<uint64_t> valid_bytes;  // of each file, up to its first missing byte
  std::vector<int> error_numbers;
  std::exception_ptr failure;

  struct Piece {
    uint64_t file_index;
    uint64_t offset_bytes;
    std::span<std::byte> target;
  };
  Piece piece_at(uint64_t number) const;
  void run_thread() noexcept;
  void read_pieces();
  void begin(uint64_t number, io::Ring& ring, storage::OpenFiles& open_files);
  void end(const io::Done& one);
  void lose(uint64_t file_index, uint64_t from_bytes, int error_number);
};

ResidentOptions resident_options(const formats::Dataset& dataset, const Options& options) {
  const std::string first_path = dataset.file(0).path;
  return {.path = first_path.substr(0, first_path.rfind('/')),
          .mapped = options.mapped,
          .fetches = options.fetches,
          .files = options.files,
          .make_ring = options.make_ring,
          .engine = options.engine,
          .threads = std::min(options.workers, k_threads_max),
          .available_bytes = memory::available_bytes().size_bytes};
}

Resident::Resident(const formats::Dataset& dataset, const ResidentOptions& options)
    : files_(dataset.file_count()) {
  if (options.mapped) {
    map_all(dataset, options);
  } else {
    read_all(dataset, options);
  }
}

void Resident::fetch(uint64_t file_index, const formats::FieldExtent& extent) const {
  advise(bytes(file_index, extent), MADV_WILLNEED);
}

void Resident::map_all(const formats::Dataset& dataset, const ResidentOptions& options) {
  for (uint64_t index = 0; index < files_.size(); ++index) {
    const formats::FileInfo file = dataset.file(index);
    auto map = formats::MappedFile::open(*options.files, file.path);
    if (map) {
      const auto bytes = map->bytes();
      if (options.fetches) advise(bytes, MADV_RANDOM);
      files_[index].bytes = bytes.first(std::min<uint64_t>(bytes.size(), file.size_bytes));
      maps_.push_back(std::move(*map));
    } else {
      files_[index].error_number = map.error();
    }
  }
}

void Resident::read_all(const formats::Dataset& dataset, const ResidentOptions& options) {
  arena_ = arena_for(dataset, options);
  Work work{.dataset = dataset, .options = options};
  work.first_pieces = {0};
  uint64_t total_bytes = 0, offset_bytes = 0;
  for (uint64_t index = 0; index < files_.size(); ++index) {
    const uint64_t size_bytes = dataset.file(index).size_bytes;
    work.targets.push_back(arena_->bytes().subspan(offset_bytes, size_bytes));
    offset_bytes += held_bytes(size_bytes);
    const uint64_t pieces = (size_bytes + k_piece_bytes - 1) / k_piece_bytes;
    work.first_pieces.push_back(work.first_pieces.back() + pieces);
    work.valid_bytes.push_back(size_bytes);
    total_bytes += size_bytes;
  }
  work.error_numbers.resize(files_.size());
  work.threads_left = std::max(1U, options.threads);
  bool stopped = false;
  {
    std::vector<std::jthread> threads;
    for (uint32_t i = work.threads_left; i-- > 0;) threads.emplace_back([&] { work.run_thread(); });
    std::unique_lock lock(work.mutex);
    while (!work.ended.wait_for(lock, k_progress_every, [&] { return work.threads_left == 0; })) {
      if (!options.on_progress || options.on_progress(work.done_bytes, total_bytes)) continue;
      work.stopping = stopped = true;
    }
  }
  if (work.failure) std::rethrow_exception(work.failure);
  if (stopped) {
    throw Error({.code = Code::interrupted,
                 .action = "stopped while reading into memory",
                 .object = options.path});
  }
  for (uint64_t index = 0; index < files_.size(); ++index) {
    files_[index].bytes = work.targets[index].first(work.valid_bytes[index]);
    files_[index].error_number = work.error_numbers[index];
  }
  read_bytes_ = work.done_bytes;
  if (options.on_progress) (void)options.on_progress(total_bytes, total_bytes);
}

void Resident::Work::run_thread() noexcept {
  std::exception_ptr thrown;
  try {
    read_pieces();
  } catch (...) {
    thrown = std::current_exception();
  }
  const std::scoped_lock lock(mutex);
  if (thrown) {
    if (!failure) failure = thrown;
    stopping = true;
  }
  --threads_left;
  ended.notify_one();
}

Resident::Work::Piece Resident::Work::piece_at(uint64_t number) const {
  const auto after = std::ranges::upper_bound(first_pieces, number);
  const auto file_index = static_cast<uint64_t>(after - first_pieces.begin()) - 1;
  const uint64_t offset_bytes = (number - first_pieces[file_index]) * k_piece_bytes;
  const std::span<std::byte> rest = targets[file_index].subspan(offset_bytes);
  return {file_index, offset_bytes, rest.first(std::min<size_t>(rest.size(), k_piece_bytes))};
}

void Resident::Work::read_pieces() {
  storage::OpenFiles open_files(
      {.files = options.files, .capacity = k_open_files, .path_of = [this](uint64_t file_index) {
         return dataset.file(file_index).path;
       }});
  // After the files, so that it ends before them.
  const auto ring = options.make_ring({.engine = options.engine, .depth = k_depth});
  std::vector<io::Done> done(ring->info().depth);
  uint64_t next = next_piece++;
  while (true) {
    for (; ring->in_flight() < done.size() && next < first_pieces.back() && !stopping;
         next = next_piece++) {
      begin(next, *ring, open_files);
    }
    if (ring->in_flight() == 0) return;
    const size_t count = ring->wait(done, 1, io::k_no_deadline);
    for (const io::Done& one : std::span(done).first(count)) {
      open_files.release(piece_at(one.tag).file_index);
      end(one);
    }
  }
}

void Resident::Work::begin(uint64_t number, io::Ring& ring, storage::OpenFiles& open_files) {
  const Piece piece = piece_at(number);
  const io::File* file = nullptr;
  try {
    file = open_files.acquire(piece.file_index);
  } catch (const Error& error) {
    return lose(piece.file_index, 0, error.code() == Code::not_found ? ENOENT : EIO);
  }
  const io::Read read{.file = file,
                      .offset_bytes = piece.offset_bytes,
                      .length_bytes = piece.target.size(),
                      .target = {piece.target.data(), held_bytes(piece.target.size())},
                      .tag = number};
  HR_CHECK(ring.submit({&read, 1}) == 1, "{} in flight", ring.in_flight());
}

void Resident::Work::end(const io::Done& one) {
  const Piece piece = piece_at(one.tag);
  const auto got_bytes = static_cast<uint64_t>(std::max<int64_t>(0, one.result));
  done_bytes += got_bytes;
  if (got_bytes == piece.target.size()) return;
  lose(piece.file_index, piece.offset_bytes + got_bytes,
       one.result < 0 ? static_cast<int>(-one.result) : 0);
}

// The lowest missing byte of a file decides what is said of it, whichever thread finds it first.
void Resident::Work::lose(uint64_t file_index, uint64_t from_bytes, int error_number) {
  const std::scoped_lock lock(mutex);
  if (from_bytes >= valid_bytes[file_index]) return;
  valid_bytes[file_index] = from_bytes;
  error_numbers[file_index] = error_number;
}

}  // namespace headrace::loader
