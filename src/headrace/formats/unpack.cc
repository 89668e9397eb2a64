// The copy's name holds the hash of the shard's path, size and time, so that a changed shard is
// unpacked anew.
#include "headrace/formats/unpack.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/formats/tfrecord.h"
#include "headrace/formats/tfrecord_encoder.h"

namespace headrace::formats {
namespace {

constexpr size_t k_append_bytes = size_t{1} << 20;

std::string copy_path(const ShardPlace& place) {
  std::error_code ignored;
  const std::string path = std::filesystem::absolute(place.path, ignored).string();
  const uint64_t key =
      xxh3(fmt::format("{}\n{}\n{}", path, place.stat.size_bytes, place.stat.modified_ns));
  return fmt::format("{}/unpacked/{:016x}/{}{}", place.cache_folder, key,
                     path.substr(path.rfind('/') + 1), k_tfrecord_format.suffix);
}

// Held until it goes out of scope, by whoever makes the copy.
UniqueFd locked(Files& files, const std::string& path) {
  auto fd = files.open(path, O_RDWR | O_CREAT);
  if (!fd) throw_errno(fd.error(), "cannot open the lock", path);
  while (::flock(fd->get(), LOCK_EX) != 0) {
    if (errno != EINTR) throw_errno(errno, "cannot lock", path);
  }
  return std::move(*fd);
}

[[noreturn]] void throw_packed_damage(const ShardPlace& place, const ScanFailure& failure) {
  throw Error({.code = Code::corrupt,
               .action = "cannot unpack shard",
               .object = place.path,
               .offset_bytes = failure.offset_bytes,
               .cause = failure.what,
               .hint = "copy or make the shard again"});
}

void write_copy(RecordReader& reader, const ShardPlace& place, AtomicFile& file,
                const UnpackOptions& options) {
  std::vector<std::byte> gathered;
  const auto write = [&] {
    file.append(gathered);
    gathered.clear();
  };
  TfRecordEncoder encoder([&](std::span<const std::byte> bytes) {
    gathered.insert(gathered.end(), bytes.begin(), bytes.end());
  });
  uint64_t told_bytes = 0;
  while (true) {
    const auto record = reader.next();
    if (!record) throw_packed_damage(place, record.error());
    if (!*record) break;
    encoder.append(**record);
    if (gathered.size() < k_append_bytes) continue;
    write();
    const uint64_t at_bytes = std::max(told_bytes, reader.at_bytes());
    if (!options.on_read || options.on_read(at_bytes - told_bytes)) {
      told_bytes = at_bytes;
      continue;
    }
    throw Error({.code = Code::interrupted,
                 .action = "stopped unpacking",
                 .object = place.path,
                 .hint = "run it again; shards that are unpacked are kept"});
  }
  write();
  if (options.on_read) (void)options.on_read(place.stat.size_bytes - told_bytes);
}

void make_copy(Files& files, RecordReader& reader, const ShardPlace& place, const std::string& path,
               const UnpackOptions& options) {
  try {
    AtomicFile file(files, path);
    write_copy(reader, place, file, options);
    file.publish();
  } catch (const Error& error) {
    if (error.code() != Code::no_space) throw;
    ErrorParts parts = error.parts();
    parts.cause += ", and the samples of " + place.path + " do not lie in it as they are";
    parts.hint = "set HEADRACE_CACHE to a disk with room for all shards unpacked";
    throw Error(std::move(parts));
  }
}

}  // namespace

ShardPlace readable_place(Files& files, const ShardPlace& place, const UnpackOptions& options) {
  if (place.format->unpack == nullptr) return place;
  ShardPlace copy = place;
  copy.path = copy_path(place);
  copy.format = &k_tfrecord_format;
  const auto made = [&] {
    const auto stat = files.stat(copy.path);
    if (stat) copy.stat = *stat;
    return stat.has_value();
  };
  if (made()) return copy;
  const auto fd = files.open(place.path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open shard", place.path);
  const auto reader =
      place.format->unpack(file_source(files, fd->get(), place.stat.size_bytes, place.path));
  if (!reader) return place;
  make_folders(files, copy.path.substr(0, copy.path.rfind('/')));
  const UniqueFd lock = locked(files, copy.path + ".lock");
  if (!made()) {
    make_copy(files, *reader, place, copy.path, options);
    if (!made()) throw_errno(ENOENT, "cannot find the unpacked shard", copy.path);
  }
  return copy;
}

}  // namespace headrace::formats
