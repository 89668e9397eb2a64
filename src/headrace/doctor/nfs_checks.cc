// An NFS mount: its options as the kernel granted them, and what its client counts.
#include "headrace/base/shell_word.h"
#include "headrace/doctor/checks.h"
#include "headrace/doctor/mountstats.h"

namespace headrace::doctor {
namespace {

constexpr uint64_t k_transfer_bytes = uint64_t{1} << 20;
constexpr uint64_t k_connections = 8;
constexpr uint64_t k_attribute_s = 60;
constexpr uint64_t k_readahead_kb = 15360;

using observe::has_option;
using observe::option_value;

const std::string& options_of(const Evidence& evidence) {
  return evidence.situation.path.mount().super_options;
}

bool is_efs(const DataPath& path) {
  return path.mount().source.find(".efs.") != std::string::npos &&
         path.mount().source.find(".amazonaws.com") != std::string::npos;
}

Subjects nfs_mount(const Host&, const Situation& situation) {
  return situation.path.is_on("nfs") ? Subjects{""} : Subjects{};
}

Subjects nfs_read_buffered(const Host& host, const Situation& situation) {
  return situation.use.direct ? Subjects{} : nfs_mount(host, situation);
}

Subjects efs_mount(const Host&, const Situation& situation) {
  return situation.path.is_on("nfs") && is_efs(situation.path) ? Subjects{""} : Subjects{};
}

// The whole mount line, ready to paste: most of these options need a new mount, not a remount.
std::vector<std::string> mount_again(const Evidence& evidence) {
  const DataPath& path = evidence.situation.path;
  const std::string folder = shell_word(path.mount().folder);
  std::string options = "ro,vers=4.2,rsize=1048576,wsize=1048576,hard,nocto,actimeo=600";
  options += is_efs(path) ? ",noresvport" : ",nconnect=8";
  return {"umount " + folder, fmt::format("mount -t nfs -o {} {} {}", options,
                                          shell_word(path.mount().source), folder)};
}

Judgment judge_version(const Evidence& evidence) {
  const std::string version(option_value(options_of(evidence), "vers"));
  if (version != "2" && version != "4.0" && version != "4") return {.value = "vers=" + version};
  return {.weight = Weight::maybe, .value = "vers=" + version, .commands = mount_again(evidence)};
}

Judgment judge_size(const Evidence& evidence) {
  const auto size_of = [&](std::string_view key) {
    return number_in(option_value(options_of(evidence), key)).value_or(0);
  };
  const uint64_t read_bytes = size_of("rsize");
  const uint64_t write_bytes = size_of("wsize");
  Judgment judgment{.value = fmt::format("rsize={}, wsize={}", read_bytes, write_bytes)};
  // Only pack and checkpoints write, so a small wsize is no more than worth knowing here.
  if (write_bytes < k_transfer_bytes) judgment.weight = Weight::told;
  if (read_bytes < k_transfer_bytes) judgment.weight = Weight::slows;
  if (judgment.weight != Weight::fine) judgment.commands = mount_again(evidence);
  return judgment;
}

// What the probe itself saw: reads that waited longer for a connection than for the server.
struct Growth {
  NfsReads reads = {};
  bool known = false;
};
Growth growth_of(const Evidence& evidence) {
  const std::string& folder = evidence.situation.path.mount().folder;
  const auto before = nfs_reads_of(evidence.before.text, folder);
  const auto loaded = nfs_reads_of(evidence.loaded.text, folder);
  if (!evidence.under_load || !before || !loaded) return {};
  return {.reads = {.operations = loaded->operations - before->operations,
                    .transmissions = loaded->transmissions - before->transmissions,
                    .timeouts = loaded->timeouts - before->timeouts,
                    .queue_ms = loaded->queue_ms - before->queue_ms,
                    .round_trip_ms = loaded->round_trip_ms - before->round_trip_ms},
          .known = loaded->operations > before->operations};
}

Judgment judge_connections(const Evidence& evidence) {
  const std::string& options = options_of(evidence);
  const std::string protocol(option_value(options, "proto"));
  if (protocol.starts_with("rdma")) return {.value = "RDMA: one connection is enough"};
  if (is_efs(evidence.situation.path)) return {.value = "EFS takes one connection a mount"};
  const uint64_t count = number_in(option_value(options, "nconnect")).value_or(1);
  Judgment judgment{.value = fmt::format("{} TCP connection{}", count, count == 1 ? "" : "s")};
  if (count >= k_connections) return judgment;
  const Growth growth = growth_of(evidence);
  const bool waits = growth.known && growth.reads.queue_ms > growth.reads.round_trip_ms;
  if (waits) {
    judgment.value += fmt::format("; a read waits {} ms for one and {} ms for the server",
                                  growth.reads.queue_ms / growth.reads.operations,
                                  growth.reads.round_trip_ms / growth.reads.operations);
  }
  // Reads that wait for a connection are the proof that there are too few.
  judgment.weight = waits ? Weight::slows : Weight::maybe;
  judgment.commands = mount_again(evidence);
  return judgment;
}

Judgment judge_attributes(const Evidence& evidence) {
  const std::string& options = options_of(evidence);
  const uint64_t age_s = number_in(option_value(options, "acregmax")).value_or(k_attribute_s);
  const bool none = has_option(options, "noac");
  const bool no_names = option_value(options, "lookupcache") == "none";
  Judgment judgment{.value = none       ? "noac"
                             : no_names ? "lookupcache=none"
                                        : fmt::format("acregmax={} s", age_s)};
  if (none || no_names) judgment.weight = Weight::slows;
  if (!none && !no_names && age_s < k_attribute_s) judgment.weight = Weight::maybe;
  if (judgment.weight != Weight::fine) judgment.commands = mount_again(evidence);
  return judgment;
}

Judgment judge_transport(const Evidence& evidence) {
  const std::string& options = options_of(evidence);
  const std::string protocol(option_value(options, "proto"));
  if (has_option(options, "soft") || has_option(options, "softerr")) {
    return {.weight = Weight::risk,
            .value = "soft, " + protocol,
            .why = "a server that is away for a moment becomes an I/O error in training",
            .commands = mount_again(evidence)};
  }
  if (protocol.starts_with("udp")) {
    return {.weight = Weight::risk,
            .value = "hard, udp",
            .why = "lost datagrams are found by time-out, and large ones can be put together wrong",
            .commands = mount_again(evidence)};
  }
  return {.value = "hard, " + (protocol.empty() ? "tcp" : protocol)};
}

Judgment judge_retransmissions(const Evidence& evidence) {
  const Growth growth = growth_of(evidence);
  if (!growth.known) return {.value = "not judged without a probe"};
  const uint64_t again = growth.reads.transmissions - growth.reads.operations;
  const bool sent_again = growth.reads.transmissions > growth.reads.operations;
  Judgment judgment{.value = fmt::format("{} of {} reads sent again, {} time-outs",
                                         sent_again ? again : 0, growth.reads.operations,
                                         growth.reads.timeouts)};
  if (sent_again || growth.reads.timeouts > 0) judgment.weight = Weight::slows;
  return judgment;
}

Judgment judge_readahead(const Evidence& evidence) {
  const uint64_t size_kb = evidence.loaded.number.value_or(0);
  const std::string value = fmt::format("{} KiB", size_kb);
  if (size_kb >= k_readahead_kb) return {.value = value};
  return {.weight = Weight::slows,
          .value = value,
          .commands = {write_command(std::to_string(k_readahead_kb), evidence.loaded.text)}};
}

Reading read_readahead(const Host& host, const Situation& situation, const std::string&) {
  const std::string path =
      "/sys/class/bdi/" + situation.path.mount().device_number + "/read_ahead_kb";
  return {.text = path, .number = host.number(path)};
}

Reading read_mountstats(const Host& host, const Situation&, const std::string&) {
  return {.text = host.text("/proc/self/mountstats")};
}

Judgment judge_efs(const Evidence& evidence) {
  const bool free_port = has_option(options_of(evidence), "noresvport");
  if (free_port) return {.value = "noresvport"};
  return {.weight = Weight::risk, .value = "resvport", .commands = mount_again(evidence)};
}

constexpr Check k_nfs_checks[] = {
    {.id = "nfs.version",
     .reads = "vers= in /proc/self/mountinfo",
     .want = "vers=4.1 or newer, or 3",
     .why = "older versions have no sessions: fewer requests at a time",
     .fix = "mount again with vers=4.2",
     .subjects = nfs_mount,
     .read = read_nothing,
     .judge = judge_version},
    {.id = "nfs.size",
     .reads = "rsize= and wsize= in /proc/self/mountinfo",
     .want = "1048576 both (what AWS, Azure and most servers' makers ask for)",
     .why = "each request brings no more than this",
     .fix = "mount again with rsize=1048576,wsize=1048576, and raise the server's limit if it "
            "grants less",
     .subjects = nfs_mount,
     .read = read_nothing,
     .judge = judge_size},
    {.id = "nfs.connections",
     .reads = "nconnect= and proto= in /proc/self/mountinfo, READ in /proc/self/mountstats",
     .want = "nconnect=8 to 16, or RDMA",
     .why = "one TCP connection keeps to one CPU and one path of the network",
     .fix = "mount again with nconnect=8",
     .subjects = nfs_mount,
     .read = read_mountstats,
     .judge = judge_connections},
    {.id = "nfs.attributes",
     .reads = "noac, lookupcache=, acregmax= in /proc/self/mountinfo",
     .want = "attributes kept for 60 s or more; 600 s and nocto for shards that never change",
     .why = "without it each open asks the server again",
     .fix = "mount again with nocto,actimeo=600",
     .subjects = nfs_mount,
     .read = read_nothing,
     .judge = judge_attributes},
    {.id = "nfs.transport",
     .reads = "soft, proto= in /proc/self/mountinfo",
     .want = "hard, over tcp or rdma",
     .why = "errors of the network should wait, not reach the training",
     .fix = "mount again with hard,proto=tcp",
     .subjects = nfs_mount,
     .read = read_nothing,
     .judge = judge_transport},
    {.id = "nfs.retransmissions",
     .reads = "READ in /proc/self/mountstats before and during the probe",
     .want = "no read sent twice",
     .why = "the network loses packets or the server does not answer in time",
     .fix = "look for drops (ip -s link, nstat) and at the server's load",
     .subjects = nfs_mount,
     .read = read_mountstats,
     .judge = judge_retransmissions},
    {.id = "nfs.readahead",
     .reads = "/sys/class/bdi/DEVICE/read_ahead_kb, when reads go through the page cache",
     .want = "at least 15360 KiB (Amazon's rule for EFS)",
     .why = "the client asks the server for no more than this at a time",
     .fix = "write 15360 into it, and set [nfsrahead] in /etc/nfs.conf",
     .subjects = nfs_read_buffered,
     .read = read_readahead,
     .judge = judge_readahead},
    {.id = "nfs.efs",
     .reads = "the server's name and noresvport in /proc/self/mountinfo",
     .want = "noresvport on Amazon EFS (its documentation)",
     .why = "after a break of the network the client comes back from another port, or hangs",
     .fix = "mount again with noresvport",
     .subjects = efs_mount,
     .read = read_nothing,
     .judge = judge_efs},
};

}  // namespace

std::span<const Check> nfs_checks() { return k_nfs_checks; }

}  // namespace headrace::doctor
