// What the NFS client counted for one mount, from the text of /proc/self/mountstats.
// Thread safety: a pure function. Any text is taken; what is not there is 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace headrace::doctor {

// Sums since the mount, of READ alone.
struct NfsReads {
  uint64_t operations = 0;
  uint64_t transmissions = 0;  // more than operations: some were sent again
  uint64_t timeouts = 0;       // major ones
  uint64_t queue_ms = 0;       // waiting for a slot or a connection, before it was sent
  uint64_t round_trip_ms = 0;
};
// Nothing when the text has no NFS mount on this folder with a READ line.
std::optional<NfsReads> nfs_reads_of(std::string_view mountstats, std::string_view folder);

}  // namespace headrace::doctor
