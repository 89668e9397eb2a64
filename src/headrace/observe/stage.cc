// Names of the stages, as reports and metrics spell them.
#include "headrace/observe/stage.h"

namespace headrace::observe {

const char* name_of(Stage stage) {
  switch (stage) {
    case Stage::storage:
      return "storage";
    case Stage::decode:
      return "decode";
    case Stage::resize:
      return "resize";
    case Stage::other:
      return "other";
    case Stage::copy:
      return "copy";
    case Stage::consumer:
      return "consumer";
  }
  return "unknown";
}

}  // namespace headrace::observe
