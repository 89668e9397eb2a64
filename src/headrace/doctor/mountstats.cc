// "device SERVER:/EXPORT mounted on FOLDER with fstype nfs4 statvers=1.1", then a line a kind.
#include "headrace/doctor/mountstats.h"

#include "headrace/observe/proc_text.h"

namespace headrace::doctor {

std::optional<NfsReads> nfs_reads_of(std::string_view mountstats, std::string_view folder) {
  bool inside = false;
  for (const std::string_view line : observe::lines_of(mountstats)) {
    const auto words = observe::words_of(line);
    if (words.size() >= 8 && words[0] == "device" && words[2] == "mounted") {
      inside = words[4] == folder && words[7].starts_with("nfs");
    }
    // READ: operations transmissions timeouts sent received queue rtt execute errors
    if (!inside || words.size() < 9 || words[0] != "READ:") continue;
    return NfsReads{.operations = observe::leading_number(words[1]),
                    .transmissions = observe::leading_number(words[2]),
                    .timeouts = observe::leading_number(words[3]),
                    .queue_ms = observe::leading_number(words[6]),
                    .round_trip_ms = observe::leading_number(words[7])};
  }
  return std::nullopt;
}

}  // namespace headrace::doctor
