// The file system that holds the data, and how it is mounted.
#include "headrace/base/shell_word.h"
#include "headrace/base/sizes.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

constexpr double k_least_free_share = 0.01;

const observe::Mount& mount_of(const Evidence& evidence) { return evidence.situation.path.mount(); }

Subjects any_mount(const Host&, const Situation& situation) {
  return situation.path.has_mount() ? Subjects{""} : Subjects{};
}

Subjects local_mount(const Host&, const Situation& situation) {
  const bool local = situation.path.has_mount() && !situation.path.over_network();
  return local ? Subjects{""} : Subjects{};
}

Judgment judge_type(const Evidence& evidence) {
  const DataPath& path = evidence.situation.path;
  Judgment judgment{.value = mount_of(evidence).file_system};
  if (path.mounts.front().file_system == "overlay") {
    judgment.value = "overlay above " + judgment.value;
    judgment.weight = Weight::told;
    judgment.why = "a container's own layers: each first read looks through them";
    judgment.fix = "mount the data set into the container as a volume of its own";
  } else if (path.is_on("zfs") || mount_of(evidence).file_system.starts_with("fuse")) {
    judgment.weight = Weight::told;
    judgment.why = path.is_on("zfs") ? "ZFS reads through a cache of its own (ARC)"
                                     : "each read passes through a daemon in user space";
  }
  return judgment;
}

Judgment judge_direct(const Evidence& evidence) {
  const auto& probe = evidence.situation.probe;
  if (!evidence.situation.use.direct) return {.value = "idle: reads go through the page cache"};
  if (!probe) return {.value = "not judged without a probe"};
  if (probe->direct) return {.value = "possible"};
  if (evidence.situation.path.in_memory()) return {.value = "idle: the data lies in memory"};
  return {.weight = Weight::maybe, .value = "refused: " + probe->why_buffered};
}

Judgment judge_options(const Evidence& evidence) {
  const observe::Mount& mount = mount_of(evidence);
  const std::string all = mount.options + "," + mount.super_options;
  const std::string remount = "mount -o remount,";
  if (observe::has_option(all, "strictatime")) {
    return {.weight = Weight::slows,
            .value = "strictatime",
            .commands = {remount + "relatime " + shell_word(mount.folder)}};
  }
  if (observe::has_option(all, "sync") || observe::has_option(all, "dirsync")) {
    return {.weight = Weight::maybe,
            .value = "sync",
            .why = "each write waits for the disk: pack and checkpoints crawl",
            .commands = {remount + "async " + shell_word(mount.folder)}};
  }
  if (observe::option_value(mount.super_options, "data") == "journal") {
    return {.weight = Weight::slows,
            .value = "data=journal",
            .why = "ext4 answers direct reads through the page cache then",
            .fix = "mount with data=ordered; it takes an unmount"};
  }
  const bool quiet = observe::has_option(all, "noatime");
  return {.value = quiet ? "noatime" : "relatime"};
}

Judgment judge_space(const Evidence& evidence) {
  const uint64_t size_bytes = evidence.loaded.other.value_or(0);
  const uint64_t free_bytes = evidence.loaded.number.value_or(0);
  if (size_bytes == 0) return {.value = "not told"};
  Judgment judgment{.value = format_size(free_bytes) + " free"};
  if (evidence.loaded.text == "no inodes") judgment.value += ", no inode free";
  const bool scarce =
      static_cast<double>(free_bytes) < static_cast<double>(size_bytes) * k_least_free_share;
  if (scarce || evidence.loaded.text == "no inodes") judgment.weight = Weight::told;
  return judgment;
}

Reading read_space(const Host& host, const Situation& situation, const std::string&) {
  const auto space = host.kernel().space(situation.path.mounts.front().folder);
  if (!space) return {};
  // File systems that make inodes as they need them tell 0 of 0.
  const bool full = space->inode_count > 0 && space->free_inode_count == 0;
  return {.text = full ? "no inodes" : "", .number = space->free_bytes, .other = space->size_bytes};
}

// Errors that the file system itself has counted: ext4 keeps them over reboots.
Judgment judge_errors(const Evidence& evidence) {
  const uint64_t count = evidence.loaded.number.value_or(0);
  if (count == 0) return {.value = "none counted"};
  return {.weight = Weight::risk, .value = fmt::format("{} errors", count)};
}

Subjects ext4_disks(const Host& host, const Situation& situation) {
  if (!situation.path.is_on("ext4")) return {};
  const std::string& source = situation.path.mount().source;
  const std::string name = source.substr(source.rfind('/') + 1);
  const bool known = is_device_name(name) && host.has("/sys/fs/ext4/" + name + "/errors_count");
  return known ? Subjects{name} : Subjects{};
}

constexpr Check k_mount_checks[] = {
    {.id = "fs.type",
     .reads = "/proc/self/mountinfo",
     .want = "a file system that reads straight from its disks",
     .why = "layers cost each read",
     .fix = "copy the data to a local ext4 or XFS",
     .subjects = any_mount,
     .read = read_nothing,
     .judge = judge_type},
    {.id = "fs.direct",
     .reads = "opening with O_DIRECT, statx(STATX_DIOALIGN) and the probe's reads",
     .want = "direct reads, when the data set does not fit the page cache",
     .why = "through the page cache each byte is copied once more and pushes others out",
     .fix = "ext4, XFS and NFS have direct reads; or train with dataset.cache = \"page\"",
     .subjects = any_mount,
     .read = read_nothing,
     .judge = judge_direct},
    {.id = "fs.options",
     .reads = "/proc/self/mountinfo",
     .want = "relatime or noatime, async, and no data journal",
     .why = "strictatime turns each read into a write",
     .fix = "mount again without the option, and change /etc/fstab",
     .subjects = local_mount,
     .read = read_nothing,
     .judge = judge_options},
    {.id = "fs.space",
     .reads = "statvfs of the mount",
     .want = "1 % of the bytes and an inode free",
     .why = "indexes are written beside their shards, or into the cache folder",
     .fix = "free some space, or set HEADRACE_CACHE to a folder elsewhere",
     .subjects = any_mount,
     .read = read_space,
     .judge = judge_space},
    {.id = "fs.errors",
     .reads = "/sys/fs/ext4/DEVICE/errors_count",
     .want = "no errors",
     .why = "ext4 found its own structures damaged; the next read may fail",
     .fix = "unmount and run e2fsck -f, then headrace verify",
     .subjects = ext4_disks,
     .read =
         [](const Host& host, const Situation&, const std::string& name) {
           return Reading{.number = host.number("/sys/fs/ext4/" + name + "/errors_count")};
         },
     .judge = judge_errors},
};

}  // namespace

std::span<const Check> mount_checks() { return k_mount_checks; }

}  // namespace headrace::doctor
