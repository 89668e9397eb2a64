// One data set on several disks: which of them the others wait for. Batches come in order, so each
// disk is asked at the pace of the slowest, however fast it is itself.
// Thread safety: pure functions on values. Invariants: (1) every figure said was measured; (2) of
// one disk, and of disks that keep pace, nothing is said.
#pragma once

#include <string>
#include <vector>

#include "headrace/observe/verdict.h"

namespace headrace::observe {

// Null where none holds the others up.
const DiskRecord* slow_disk_of(const Evidence& evidence);

// "/dev/sdb: 20.1 MiB/s, 402 ms a read, 50 % of the bytes, busy 98 % of the time".
std::string disk_text(const DiskRecord& disk, const Evidence& evidence);
// What to do about it: its part of the data set at which all of them would be busy.
std::string slow_disk_advice(const DiskRecord& slow, const Evidence& evidence);

}  // namespace headrace::observe
