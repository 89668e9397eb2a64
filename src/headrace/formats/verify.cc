// Files are checked side by side; each thread takes the next file.
#include "headrace/formats/verify.h"

#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "headrace/base/error.h"
#include "headrace/formats/copies.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/image_folder.h"
#include "headrace/formats/image_kind.h"
#include "headrace/formats/shard_check.h"
#include "headrace/formats/shard_list.h"
#include "headrace/formats/token_dataset.h"

namespace headrace::formats {
namespace {

class Verification {
 public:
  explicit Verification(const VerifyOptions& options) : options_(options) {}

  VerifyResult run(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) add_part(path);
    if (options_.check_picture) now_.bytes_total *= 2;  // nearly: pictures are read once more
    run_files();
    result_.damage_count = now_.damage_count;
    result_.bytes_read = now_.bytes_done;
    result_.stopped = options_.stop.stop_requested();
    std::ranges::stable_sort(result_.damages, {}, &Damage::path);
    return std::move(result_);
  }

 private:
  // What lies at one path: shards, or a tree of pictures or token files.
  struct Part {
    std::optional<ShardList> shards = {};
    std::unique_ptr<Dataset> tree = {};
    uint64_t end_file = 0;  // one past its last, of all files
  };

  void add_part(const std::string& path) {
    Part part;
    if (!is_token_path(*options_.files, path)) {
      part.shards =
          find_shards(*options_.files, path,
                      {.cache_folder = options_.cache_folder,
                       .allowed = allowed_pipes(),
                       .on_read = [this](uint64_t) { return !options_.stop.stop_requested(); }});
    }
    if (part.shards) {
      now_.files_total += part.shards->paths.size();
      for (const std::string& shard : part.shards->paths) {
        const auto stat = options_.files->stat(shard);
        now_.bytes_total += stat ? stat->size_bytes : 0;
      }
    } else {
      part.tree =
          Dataset::open(path, {.files = options_.files, .cache_folder = options_.cache_folder});
      now_.files_total += part.tree->file_count();
      now_.bytes_total += part.tree->size_bytes();
    }
    part.end_file = now_.files_total;
    note_format(part.shards ? (part.shards->format != nullptr ? part.shards->format->name : "")
                            : part.tree->format());
    const bool may_have_copies = part.shards && part.shards->manifest;
    parts_.push_back(std::move(part));
    if (may_have_copies) add_copies(path);
  }

  void note_format(const std::string& name) {
    if (result_.format.contains(name)) return;
    result_.format += (result_.format.empty() ? "" : " and ") + name;
  }

  void add_copies(const std::string& folder) {
    for (uint64_t copy = 1; copy < copy_count(*options_.files, folder); ++copy) {
      const std::string path = copy_path(folder, copy);
      try {
        std::string fault = copy_fault(*options_.files, folder, copy);
        if (fault.empty()) {
          ++result_.copy_count;
          add_part(path);
        } else {
          add({.path = path, .key = {}, .offset_bytes = 0, .what = std::move(fault)});
        }
      } catch (const Error& error) {
        add({.path = path, .key = {}, .offset_bytes = 0, .what = error.parts().cause});
      }
    }
  }

  void check_file(uint64_t i) {
    const auto part = std::ranges::upper_bound(parts_, i, {}, &Part::end_file);
    const uint64_t first_file = part == parts_.begin() ? 0 : std::prev(part)->end_file;
    if (part->shards) {
      check_shard(*part->shards, i - first_file);
    } else if (const auto* tokens = dynamic_cast<const TokenDataset*>(part->tree.get())) {
      check_tokens(*tokens, i - first_file);
    } else {
      check_image(*part->tree, i - first_file);
    }
  }

  void run_files() {
    const uint64_t file_count = now_.files_total;
    result_.file_count = file_count;
    std::atomic<uint64_t> next{0};
    std::exception_ptr thrown;  // guarded by mutex_ while there are threads
    const auto work = [&] {
      try {
        for (uint64_t i = next++; i < file_count; i = next++) {
          if (options_.stop.stop_requested()) return;
          check_file(i);
          const std::scoped_lock lock(mutex_);
          ++now_.files_done;
          tell();
        }
      } catch (...) {
        const std::scoped_lock lock(mutex_);
        thrown = std::current_exception();
        next = file_count;
      }
    };
    const size_t asked =
        options_.job_count > 0 ? options_.job_count : std::thread::hardware_concurrency();
    {
      std::vector<std::jthread> threads;
      for (size_t i = 1; i < std::min<uint64_t>(std::max<size_t>(asked, 1), file_count); ++i) {
        threads.emplace_back(work);
      }
      work();
    }
    if (thrown) std::rethrow_exception(thrown);
  }

  void check_shard(const ShardList& shards, uint64_t i) {
    ShardCheck check(*options_.files, shards.paths[i],
                     {.damage = [this](Damage damage) { add(std::move(damage)); },
                      .read = [this](uint64_t size_bytes) { return count_bytes(size_bytes); },
                      .picture = options_.check_picture},
                     shards.format);
    check.run(shards.manifest ? std::optional(shards.manifest->shards[i]) : std::nullopt);
    const std::scoped_lock lock(mutex_);
    result_.sample_count += check.sample_count();
    result_.fields_checked += check.fields_checked();
    result_.fields_unchecked += check.fields_unchecked();
    result_.pictures_checked += check.pictures_checked();
  }

  // Tokens have no checksum: their index must be sound and fit them, and they must be readable.
  void check_tokens(const TokenDataset& tokens, uint64_t i) {
    const FileInfo file = tokens.file(i);
    const std::string index_path = file.path.substr(0, file.path.size() - 4) + ".idx";
    const TokenIndex& index = tokens.index(i);
    if (const auto sound = index.check(file.size_bytes); !sound) {
      add({.path = index_path,
           .key = {},
           .offset_bytes = sound.error().offset_bytes,
           .what = sound.error().what});
    }
    read_through(file);
    const std::scoped_lock lock(mutex_);
    result_.sample_count += index.sequence_count();
    result_.fields_unchecked += index.sequence_count();
  }

  void read_through(const FileInfo& file) {
    constexpr size_t k_piece_bytes = 1 << 20;
    const auto fd = options_.files->open(file.path, O_RDONLY);
    std::vector<std::byte> piece(k_piece_bytes);
    for (uint64_t offset = 0; offset < file.size_bytes;) {
      const auto wanted =
          std::span(piece).first(std::min<uint64_t>(k_piece_bytes, file.size_bytes - offset));
      const auto moved = fd ? options_.files->read_at(fd->get(), wanted, offset)
                            : OrErrno<size_t>(std::unexpected(fd.error()));
      if (!moved || *moved < wanted.size()) {
        return add(
            {.path = file.path,
             .key = {},
             .offset_bytes = offset + moved.value_or(0),
             .what = moved ? "it ends before its last token" : text_of_errno(moved.error())});
      }
      offset += *moved;
      if (!count_bytes(*moved)) return;
    }
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
  std::vector<Part> parts_;
  std::mutex mutex_;  // guards result_, now_ and calls of progress
  VerifyResult result_;
  VerifyProgress now_;
};

}  // namespace

VerifyResult verify(const std::vector<std::string>& paths, const VerifyOptions& options) {
  return Verification(options).run(paths);
}

}  // namespace headrace::formats
