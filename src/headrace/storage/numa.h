// A thread and its memory on one NUMA node, for those that feed from a device there.
// Thread safety: pure but for what they bind. Neither fails a run: a refusal leaves things where
// they are, and says so.
#pragma once

#include <sched.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace headrace::storage {

// This thread runs on the node's processors only, as far as it may use them; false when it may use
// none of them, or nothing says which they are.
bool run_on_node(uint32_t node);
// These pages, and those that these bytes get from now on, are of the node while it has any.
bool prefer_node(std::span<std::byte> bytes, uint32_t node);

// "0-3,8,10-11" of sysfs as a set; empty for what is no such list.
cpu_set_t parse_cpu_list(std::string_view text);

}  // namespace headrace::storage
