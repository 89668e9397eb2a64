// A copy's name holds the hash of the shard's path, size and time, so that a changed shard is
// unpacked anew. Waiting for the disk took half of the time of an opening, so a copy is shown
// without; what stands in its lock file says in which start of the machine that was.
#include "headrace/formats/unpacked_copy.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cctype>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <vector>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/formats/piped_output.h"
#include "headrace/formats/tfrecord.h"
#include "headrace/observe/proc_text.h"
#include "headrace/storage/page_cache.h"

namespace headrace::formats {
namespace {

constexpr const char* k_synced = "synced";
constexpr uint64_t k_state_limit_bytes = 64 << 10;
constexpr int64_t k_second_ns = 1'000'000'000, k_day_ns = 86'400 * k_second_ns;
constexpr int64_t k_settled_after_ns = 60 * k_second_ns;  // the kernel writes pages after 30 s
constexpr int64_t k_kept_ns = 30 * k_day_ns;

std::string absolute(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::absolute(path, ignored).string();
}

std::string facts_of(const std::string& path, const FileStat& stat) {
  return fmt::format("{}\n{}\n{}", path, stat.size_bytes, stat.modified_ns);
}

bool is_command(const std::string& path) {
  return path.contains(fmt::format("/{}", k_pipe_prefix));
}

// The end of a command, as far as it may be a file's name: "a.tar" of "curl -s https://host/a.tar".
std::string name_of_output(const std::string& command) {
  constexpr size_t k_name_limit_bytes = 100;
  std::string name;
  for (const char letter : command.substr(command.find_last_of("/ ") + 1)) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-' ||
                          letter == '_' || (letter == '.' && !name.empty());
    if (is_plain && name.size() < k_name_limit_bytes) name += letter;
  }
  return name.empty() ? "output" : name;
}

// Of this start of the machine; "" = not known.
std::string boot_state() {
  std::string id = observe::read_proc_text("/proc/sys/kernel/random/boot_id");
  while (id.ends_with('\n')) id.pop_back();
  return id.empty() ? "" : "made " + id;
}

// The state's line, and the shard's path, size and time.
std::pair<std::string, std::string> read_lock_file(Files& files, const std::string& path) {
  try {
    const auto bytes = read_file(files, path, k_state_limit_bytes);
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const size_t end = text.find('\n');
    if (end != std::string::npos) return {text.substr(0, end), text.substr(end + 1)};
  } catch (const Error&) {  // as good as none
  }
  return {};
}

void sync_file(Files& files, const std::string& path, int flags) {
  const auto fd = files.open(path, flags);
  if (!fd) throw_errno(fd.error(), "cannot open", path);
  if (const auto synced = files.sync(fd->get()); !synced) {
    throw_errno(synced.error(), "cannot sync", path);
  }
}

int64_t used_ns(const std::string& path) {
  struct ::stat found = {};
  if (::stat(path.c_str(), &found) != 0) return 0;
  const auto in_ns = [](const struct timespec& at) { return at.tv_sec * k_second_ns + at.tv_nsec; };
  return std::max(in_ns(found.st_atim), in_ns(found.st_mtim));
}

}  // namespace

UnpackedCopy::UnpackedCopy(Files& files, const ShardPlace& source)
    : files_(files), source_(source) {
  const std::string path = absolute(source.path);
  const std::string name = is_command(path)
                               ? name_of_output(path)
                               : path.substr(path.rfind('/') + 1) + k_tfrecord_format.suffix;
  path_ = fmt::format("{}/unpacked/{:016x}/{}", source.cache_folder,
                      xxh3(facts_of(path, source.stat)), name);
  lock_path_ = path_ + ".lock";
}

bool UnpackedCopy::is_there() {
  const auto stat = files_.stat(path_);
  if (!stat) return false;
  const std::string found = state();
  if (found != k_synced && (found.empty() || found != boot_state())) return false;
  (void)::utimensat(AT_FDCWD, lock_path_.c_str(), nullptr, 0);
  const bool is_written = wall_now_ns() - stat->modified_ns > k_settled_after_ns;
  if (found == k_synced || !is_written || lock_) return true;
  try {
    lock();
    sync();
    write_state(k_synced);
  } catch (const Error&) {  // another opening tries again
  }
  lock_ = {};
  return true;
}

// Whoever waited may hold the lock of a folder that was let go meanwhile.
void UnpackedCopy::lock() {
  do {
    make_folders(files_, path_.substr(0, path_.rfind('/')));
    auto fd = files_.open(lock_path_, O_RDWR | O_CREAT);
    if (!fd) throw_errno(fd.error(), "cannot open the lock", lock_path_);
    lock_ = std::move(*fd);
    while (::flock(lock_.get(), LOCK_EX) != 0) {
      if (errno != EINTR) throw_errno(errno, "cannot lock", lock_path_);
    }
  } while (!files_.stat(lock_path_));
}

void UnpackedCopy::forget() {
  for (const std::string& path : {path_ + k_index_suffix, path_}) (void)files_.remove(path);
}

bool UnpackedCopy::may_be_shown() {
  const std::string boot = storage::is_mapped_safely(lock_path_) ? boot_state() : "";
  write_state(boot.empty() ? k_synced : boot);
  return !boot.empty();
}

std::string UnpackedCopy::state() const { return read_lock_file(files_, lock_path_).first; }

void UnpackedCopy::write_state(const std::string& state) {
  const std::string text = state + "\n" + facts_of(absolute(source_.path), source_.stat);
  const auto written = files_.write_at(lock_.get(), std::as_bytes(std::span(text)), 0);
  if (!written) throw_errno(written.error(), "cannot write", lock_path_);
  if (::ftruncate(lock_.get(), static_cast<off_t>(text.size())) != 0) {
    throw_errno(errno, "cannot write", lock_path_);
  }
}

void UnpackedCopy::sync() {
  sync_file(files_, path_, O_RDONLY);
  sync_file(files_, path_.substr(0, path_.rfind('/')), O_RDONLY | O_DIRECTORY);
}

int64_t wall_now_ns() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

void let_go_of_unused(Files& files, const std::string& cache_folder, int64_t now_ns) {
  const std::string copies = cache_folder + "/unpacked", indexes = cache_folder + "/indexes";
  std::error_code ignored;
  for (const FolderEntry& folder : files.list(copies).value_or(std::vector<FolderEntry>())) {
    const std::string path = copies + "/" + folder.name;
    for (const FolderEntry& entry : files.list(path).value_or(std::vector<FolderEntry>())) {
      if (!entry.name.ends_with(".lock")) continue;
      const std::string lock_path = path + "/" + entry.name;
      const auto lock = files.open(lock_path, O_RDWR);
      if (!lock || ::flock(lock->get(), LOCK_EX | LOCK_NB) != 0) continue;
      const auto stat = files.stat(lock->get());
      const int64_t unused_ns = stat ? now_ns - stat->modified_ns : 0;
      const std::string facts = read_lock_file(files, lock_path).second;
      const std::string shard = facts.substr(0, facts.find('\n'));
      const auto now = files.stat(shard);
      const bool is_current = now ? facts_of(shard, *now) == facts : is_command(shard);
      if (unused_ns > (is_current ? k_kept_ns : k_day_ns)) {
        std::filesystem::remove_all(path, ignored);
      }
    }
  }
  for (const FolderEntry& entry : files.list(indexes).value_or(std::vector<FolderEntry>())) {
    const std::string path = indexes + "/" + entry.name;
    if (now_ns - used_ns(path) > k_kept_ns) (void)files.remove(path);
  }
}

}  // namespace headrace::formats
