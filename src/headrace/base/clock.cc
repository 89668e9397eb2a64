// Calendar time as text.
#include "headrace/base/clock.h"

namespace headrace {

std::string utc_text(std::time_t when) {
  std::tm parts = {};
  gmtime_r(&when, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace headrace
