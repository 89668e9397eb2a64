// Files are checked side by side; each thread takes the next file.
#include "headrace/formats/verify.h"

#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "headrace/base/error.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/image_folder.h"
#include "headrace/formats/image_kind.h"
#include "headrace/formats/shard_check.h"
#include "headrace/formats/shard_list.h"

namespace headrace::formats {
namespace {

class Verification {
 public:
  explicit Verification(const VerifyOptions& options) : options_(options) {}

  VerifyResult run(const std::string& path) {
    if (const auto shards = find_shards(*options_.files, path)) {
      for (const std::string& shard : shards->paths) {
        const auto stat = options_.files->stat(shard);
        now_.bytes_total += stat ? stat->size_bytes : 0;
      }
      if (options_.check_picture) now_.bytes_total *= 2;  // nearly: pictures are read once more
      run_files(shards->paths.size(), [&](uint64_t i) { check_shard(*shards, i); });
    } else {
      const auto dataset =
          Dataset::open(path, {.files = options_.files, .cache_folder = options_.cache_folder});
      now_.bytes_total = dataset->size_bytes();
      run_files(dataset->file_count(), [&](uint64_t i) { check_image(*dataset, i); });
    }
    result_.damage_count = now_.damage_count;
    result_.bytes_read = now_.bytes_done;
    result_.stopped = options_.stop.stop_requested();
    std::ranges::stable_sort(result_.damages, {}, &Damage::path);
    return std::move(result_);
  }

 private:
  template <typename CheckFile>
  void run_files(uint64_t file_count, CheckFile check_file) {
    result_.file_count = now_.files_total = file_count;
    std::atomic<uint64_t> next{0};
    const auto work = [&] {
      for (uint64_t i = next++; i < file_count; i = next++) {
        if (options_.stop.stop_requested()) return;
        check_file(i);
        const std::scoped_lock lock(mutex_);
        ++now_.files_done;
        tell();
      }
    };
    const size_t asked =
        options_.job_count > 0 ? options_.job_count : std::thread::hardware_concurrency();
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < std::min<uint64_t>(std::max<size_t>(asked, 1), file_count); ++i) {
      threads.emplace_back(work);
    }
    work();
  }

  void check_shard(const ShardList& shards, uint64_t i) {
    ShardCheck check(*options_.files, shards.paths[i],
                     {.damage = [this](Damage damage) { add(std::move(damage)); },
                      .read = [this](uint64_t size_bytes) { return count_bytes(size_bytes); },
                      .picture = options_.check_picture});
    check.run(shards.manifest ? std::optional(shards.manifest->shards[i]) : std::nullopt);
    const std::scoped_lock lock(mutex_);
    result_.sample_count += check.sample_count();
    result_.fields_checked += check.fields_checked();
    result_.fields_unchecked += check.fields_unchecked();
    result_.pictures_checked += check.pictures_checked();
  }

  // A file of an image tree has no checksum: it must be readable, of its size, and begin as an
  // image.
  void check_image(const Dataset& dataset, uint64_t i) {
    const FileInfo file = dataset.file(i);
    const auto fail = [&](uint64_t offset_bytes, std::string what) {
      add({.path = file.path,
           .key = dataset.key(i),
           .offset_bytes = offset_bytes,
           .what = std::move(what)});
    };
    uint64_t picture_count = 0;
    try {
      const auto bytes = read_file(*options_.files, file.path, UINT32_MAX);
      if (bytes.size() != file.size_bytes) {
        fail(bytes.size(), fmt::format("it has {} bytes where the listing has {}", bytes.size(),
                                       file.size_bytes));
      } else if (sniff_image(bytes) == ImageKind::unknown) {
        fail(0, bytes.empty() ? "it is empty" : "it begins neither as JPEG, PNG nor WebP");
      } else if (options_.check_picture) {
        picture_count = 1;
        if (const auto fault = options_.check_picture(bytes)) {
          fail(fault->offset_bytes, "the picture is broken: " + fault->what);
        }
      }
      count_bytes(bytes.size());
    } catch (const Error& error) {
      fail(error.parts().offset_bytes.value_or(0), error.parts().cause);
    }
    const std::scoped_lock lock(mutex_);
    ++result_.sample_count;
    ++result_.fields_unchecked;
    result_.pictures_checked += picture_count;
  }

  void add(Damage damage) {
    const std::scoped_lock lock(mutex_);
    ++now_.damage_count;
    if (result_.damages.size() < k_damage_limit) result_.damages.push_back(std::move(damage));
  }

  bool count_bytes(uint64_t size_bytes) {
    const std::scoped_lock lock(mutex_);
    now_.bytes_done += size_bytes;
    tell();
    return !options_.stop.stop_requested();
  }

  void tell() const {
    if (options_.progress) options_.progress(now_);
  }

  const VerifyOptions& options_;
  std::mutex mutex_;  // guards result_, now_ and calls of progress
  VerifyResult result_;
  VerifyProgress now_;
};

}  // namespace

VerifyResult verify(const std::string& path, const VerifyOptions& options) {
  return Verification(options).run(path);
}

}  // namespace headrace::formats
