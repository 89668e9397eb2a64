// The table.
#include "headrace/doctor/grade.h"

namespace headrace::doctor {

const char* name_of(Level level) {
  switch (level) {
    case Level::ok:
      return "ok";
    case Level::note:
      return "note";
    case Level::warn:
      return "warn";
    case Level::fail:
      break;
  }
  return "fail";
}

Standing standing_of(const std::optional<Probe>& probe, const Expectation& expectation) {
  if (!probe || probe->read_count == 0 || expectation.bytes_per_s <= 0) return Standing::unknown;
  if (!probe->from_storage()) return Standing::unknown;
  return probe->bytes_per_s() < expectation.bytes_per_s ? Standing::below : Standing::met;
}

Level grade(Weight weight, Standing standing) {
  const bool below = standing == Standing::below;
  switch (weight) {
    case Weight::fine:
      return Level::ok;
    case Weight::told:
      return Level::note;
    case Weight::maybe:
      return below ? Level::warn : Level::note;
    case Weight::slows:
      if (standing == Standing::met) return Level::note;
      return below ? Level::fail : Level::warn;
    case Weight::risk:
      break;
  }
  return below ? Level::fail : Level::warn;
}

}  // namespace headrace::doctor
