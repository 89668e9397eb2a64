// The interface towards the server: frame size, socket buffers, errors.
#include "headrace/doctor/checks.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {
namespace {

constexpr uint64_t k_frame_bytes = 9000;
constexpr uint64_t k_quick_mbit = 25'000;
constexpr uint64_t k_buffer_bytes = 16'777'216;  // tuned's network-throughput

std::string folder_of(const std::string& interface) { return "/sys/class/net/" + interface + "/"; }

Subjects used_interface(const Host&, const Situation& situation) {
  const std::string& name = situation.path.interface;
  return name.empty() || name == "lo" ? Subjects{} : Subjects{name};
}

Subjects remote_path(const Host&, const Situation& situation) {
  return situation.path.over_network() ? Subjects{""} : Subjects{};
}

Judgment judge_mtu(const Evidence& evidence) {
  const uint64_t bytes = evidence.loaded.number.value_or(0);
  const uint64_t speed_mbit = evidence.loaded.other.value_or(0);
  Judgment judgment{.value = fmt::format("{} bytes", bytes)};
  // A slower link is full with small frames too, and large ones have to fit the whole way.
  const bool quick = speed_mbit >= k_quick_mbit && speed_mbit < 10'000'000;
  if (bytes < k_frame_bytes && quick) {
    judgment.weight = Weight::maybe;
    judgment.commands = {fmt::format("ip link set {} mtu 9000", evidence.subject)};
  }
  return judgment;
}

Judgment judge_buffers(const Evidence& evidence) {
  const auto words = observe::words_of(evidence.loaded.text);  // least, first, most
  const uint64_t most = words.size() == 3 ? observe::leading_number(words[2]) : 0;
  Judgment judgment{.value = fmt::format("{} bytes at most", most)};
  if (most == 0) return {.value = "not told"};
  if (most >= k_buffer_bytes) return judgment;
  judgment.weight = Weight::maybe;
  judgment.commands = {"sysctl -w net.ipv4.tcp_rmem='4096 131072 16777216'"};
  return judgment;
}

Reading read_interface_errors(const Host& host, const Situation&, const std::string& interface) {
  const std::string folder = folder_of(interface) + "statistics/";
  return {.number = host.number(folder + "rx_dropped").value_or(0) +
                    host.number(folder + "rx_errors").value_or(0) +
                    host.number(folder + "rx_missed_errors").value_or(0)};
}

Judgment judge_interface_errors(const Evidence& evidence) {
  if (!evidence.under_load) return {.value = "not judged without a probe"};
  const uint64_t grown = evidence.loaded.number.value_or(0) - evidence.before.number.value_or(0);
  return {.weight = grown > 0 ? Weight::maybe : Weight::fine,
          .value = fmt::format("{} packets lost during the probe", grown)};
}

constexpr Check k_network_checks[] = {
    {.id = "net.mtu",
     .reads = "/sys/class/net/INTERFACE/{mtu,speed}",
     .want = "9000 from 25 Gb/s on, the same on the whole way",
     .why = "each frame costs the CPU about the same, whatever its size",
     .fix = "ip link set INTERFACE mtu 9000, on the switches and the server too",
     .subjects = used_interface,
     .read =
         [](const Host& host, const Situation&, const std::string& interface) {
           return Reading{.number = host.number(folder_of(interface) + "mtu"),
                          .other = host.number(folder_of(interface) + "speed")};
         },
     .judge = judge_mtu},
    {.id = "net.buffers",
     .reads = "/proc/sys/net/ipv4/tcp_rmem",
     .want = "at least 16 MiB (tuned's network-throughput)",
     .why = "one connection brings no more than this in a round trip",
     .fix = "sysctl net.ipv4.tcp_rmem",
     .subjects = remote_path,
     .read =
         [](const Host& host, const Situation&, const std::string&) {
           return Reading{.text = host.text("/proc/sys/net/ipv4/tcp_rmem")};
         },
     .judge = judge_buffers},
    {.id = "net.errors",
     .reads = "/sys/class/net/INTERFACE/statistics/{rx_dropped,rx_errors,rx_missed_errors}, before "
              "and during the probe",
     .want = "no packet lost",
     .why = "each lost packet makes its connection slow down",
     .fix = "larger receive rings (ethtool -G), a better cable, less traffic beside it",
     .subjects = used_interface,
     .read = read_interface_errors,
     .judge = judge_interface_errors},
};

}  // namespace

std::span<const Check> network_checks() { return k_network_checks; }

}  // namespace headrace::doctor
