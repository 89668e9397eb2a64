// By several threads where the format has parts; what is wrong with a shard is found out by one,
// which reads front to back, so that it is said alike whatever the threads did.
#include "headrace/formats/unpack.h"

#include <fcntl.h>

#include "headrace/base/error.h"
#include "headrace/formats/copy_work.h"
#include "headrace/formats/tfrecord.h"
#include "headrace/formats/unpacked_copy.h"
#include "headrace/formats/unsynced_files.h"

namespace headrace::formats {
namespace {

[[noreturn]] void throw_packed_damage(const ShardPlace& place, const ScanFailure& failure) {
  throw Error({.code = Code::corrupt,
               .action = "cannot unpack shard",
               .object = place.path,
               .offset_bytes = failure.offset_bytes,
               .cause = failure.what,
               .hint = "copy or make the shard again"});
}

// All that a reader gives is one part.
class OnePart final : public RecordParts {
 public:
  explicit OnePart(RecordReader& reader) : reader_(reader) {}
  std::expected<std::unique_ptr<RecordReader>, ScanFailure> next_part() override {
    if (std::exchange(taken_, true)) return nullptr;
    return std::make_unique<Borrowed>(reader_);
  }
  uint64_t at_bytes() const override { return reader_.at_bytes(); }
  uint64_t part_bytes() const override { return 0; }

 private:
  struct Borrowed final : RecordReader {
    explicit Borrowed(RecordReader& from) : reader(from) {}
    std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> next() override {
      return reader.next();
    }
    uint64_t at_bytes() const override { return reader.at_bytes(); }
    std::string_view key() const override { return reader.key(); }
    RecordReader& reader;
  };
  RecordReader& reader_;
  bool taken_ = false;
};

class Unpacking {
 public:
  Unpacking(Files& files, const ShardPlace& place, const UnpackOptions& options)
      : files_(files), place_(place), options_(options) {}

  void run(RecordReader& reader, RecordParts* parts, UnpackedCopy& copy) {
    if (parts != nullptr && !make(*parts, copy)) return;
    OnePart part(reader);
    if (const auto failure = make(part, copy)) throw_packed_damage(place_, *failure);
  }

 private:
  std::optional<ScanFailure> make(RecordParts& parts, UnpackedCopy& copy) {
    UnsyncedFiles unsynced(files_);
    Files& files = copy.may_be_shown() ? unsynced : files_;
    AtomicFile file(files, copy.path());
    CopyIndex index(files, copy.path() + k_index_suffix);
    CopyWork work(parts, file, index,
                  {.threads = options_.threads, .tell = [this](uint64_t at) { tell(at); }});
    if (auto failure = work.run()) return failure;
    index.show(file.size_bytes());
    file.publish();
    const uint64_t left_bytes = place_.stat.size_bytes - told_bytes_;  // a footer
    if (options_.on_read && left_bytes > 0) (void)options_.on_read(left_bytes);
    return std::nullopt;
  }

  void tell(uint64_t at_bytes) {
    if (at_bytes <= told_bytes_) return;
    const uint64_t moved_bytes = at_bytes - std::exchange(told_bytes_, at_bytes);
    if (!options_.on_read || options_.on_read(moved_bytes)) return;
    throw Error({.code = Code::interrupted,
                 .action = "stopped unpacking",
                 .object = place_.path,
                 .hint = "run it again; shards that are unpacked are kept"});
  }

  Files& files_;
  const ShardPlace& place_;
  const UnpackOptions& options_;
  uint64_t told_bytes_ = 0;
};

void make_copy(Unpacking unpacking, RecordReader& reader, RecordParts* parts, UnpackedCopy& copy) {
  try {
    unpacking.run(reader, parts, copy);
  } catch (const Error& error) {
    if (error.code() != Code::no_space) throw;
    ErrorParts told = error.parts();
    told.cause += ", and the samples of its shard do not lie in it as they are";
    told.hint = "set HEADRACE_CACHE to a disk with room for all shards unpacked";
    throw Error(std::move(told));
  }
}

}  // namespace

ShardPlace readable_place(Files& files, const ShardPlace& place, const UnpackOptions& options) {
  if (place.format->unpack == nullptr) return place;
  UnpackedCopy copy(files, place);
  if (!copy.is_there()) {
    const auto fd = files.open(place.path, O_RDONLY);
    if (!fd) throw_errno(fd.error(), "cannot open shard", place.path);
    const ByteSource source = file_source(files, fd->get(), place.stat.size_bytes, place.path);
    const auto reader = place.format->unpack(source);
    if (!reader) return place;
    const auto parts = place.format->parts != nullptr ? place.format->parts(source)
                                                      : std::unique_ptr<RecordParts>();
    copy.lock();
    if (!copy.is_there()) {
      copy.forget();
      make_copy({files, place, options}, *reader, parts.get(), copy);
    }
  }
  ShardPlace found = place;
  found.path = copy.path();
  found.format = &k_tfrecord_format;
  const auto stat = files.stat(found.path);
  if (!stat) throw_errno(stat.error(), "cannot find the unpacked shard", found.path);
  found.stat = *stat;
  return found;
}

}  // namespace headrace::formats
