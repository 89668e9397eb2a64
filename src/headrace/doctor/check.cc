// What the tables of checks have in common.
#include "headrace/doctor/check.h"

#include "headrace/base/shell_word.h"

namespace headrace::doctor {

Subjects whole_machine(const Host&, const Situation&) { return {""}; }

Reading read_nothing(const Host&, const Situation&, const std::string&) { return {}; }

Subjects disks_on_path(const Host&, const Situation& situation) {
  Subjects names;
  for (const Disk& disk : situation.path.disks) names.push_back(disk.name);
  return names;
}

const Disk* disk_of(const Situation& situation, std::string_view name) {
  for (const Disk& disk : situation.path.disks) {
    if (disk.name == name) return &disk;
  }
  return nullptr;
}

std::string write_command(std::string_view value, std::string_view path) {
  return fmt::format("echo {} > {}", shell_word(value), shell_word(path));
}

}  // namespace headrace::doctor
