// One check: what it reads, on which subjects, and how it judges a reading. All checks are tables
// of these; what a judgement is worth is decided in grade.h alone.
// Thread safety: checks are constants; readings and judgements are values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/doctor/data_path.h"
#include "headrace/doctor/probe.h"
#include "headrace/doctor/sample_files.h"

namespace headrace::doctor {

// How Headrace would read this data set: a knob is judged against that, not in the abstract.
struct Use {
  bool direct = true;  // past the page cache
  uint64_t block_bytes = uint64_t{1} << 20;
  uint32_t depth = 64;
  uint64_t arena_bytes = uint64_t{64} << 20;  // the read buffer that a ring registers
  uint32_t workers = 1;
};

struct Situation {
  DataPath path = {};
  Use use = {};
  SampleFiles sample = {};
  std::optional<Probe> probe = std::nullopt;
};

// What was read of one subject. `text` for what has to be taken apart or shown, the numbers for
// what is compared; what they mean is between a check's read and its judge.
struct Reading {
  std::string text = {};
  std::optional<uint64_t> number = std::nullopt;
  std::optional<uint64_t> other = std::nullopt;
};

// `before` was read before the probe, `loaded` near its end with reads in flight. Without a probe
// they are the same and `under_load` is false: growth and speed are not judged then.
struct Evidence {
  const Situation& situation;
  std::string subject = {};
  Reading before = {};
  Reading loaded = {};
  bool under_load = false;
};

// What a judgement is about; its level comes from the probe (grade.h).
enum class Weight {
  fine,   // as wanted, or idle on this path
  told,   // worth knowing; never more than a note
  maybe,  // may slow reading: rests on our own knowledge, so the probe has to support it
  slows,  // slows reading, by its documentation
  risk    // an error waiting to happen: a degraded array, a sick drive
};

struct Judgment {
  Weight weight = Weight::fine;
  std::string value = {};
  std::string want = {};                   // "" = the check's own
  std::string why = {};                    // "" = the check's own
  std::string fix = {};                    // "" = the check's own
  std::vector<std::string> commands = {};  // shell, ready to run as root; none = nothing to type
};

struct Check {
  std::string_view id;
  std::string_view reads;
  std::string_view want;
  std::string_view why;
  std::string_view fix;
  // The devices, interfaces, ... that it is about on this path; none = it does not apply. One that
  // is about the machine as a whole answers {""}.
  std::vector<std::string> (*subjects)(const Host&, const Situation&);
  Reading (*read)(const Host&, const Situation&, const std::string& subject);
  Judgment (*judge)(const Evidence&);
};

using Subjects = std::vector<std::string>;
// The subjects of checks that always apply, and of those about the disks on the path.
Subjects whole_machine(const Host&, const Situation&);
Subjects disks_on_path(const Host&, const Situation& situation);
const Disk* disk_of(const Situation& situation, std::string_view name);

// For checks whose judge looks at the situation alone.
Reading read_nothing(const Host&, const Situation&, const std::string&);

// "echo value > path" as a command.
std::string write_command(std::string_view value, std::string_view path);

}  // namespace headrace::doctor
