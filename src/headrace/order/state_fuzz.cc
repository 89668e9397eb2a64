// Any text as a saved state: it is refused with an Error, or written and read back equal.
#include <cstddef>
#include <cstdint>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/order/state.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace;
  order::State state;
  try {
    state = order::from_json({reinterpret_cast<const char*>(data), size}, "fuzz.json");
  } catch (const Error&) {
    return 0;
  }
  HR_CHECK(order::from_json(order::to_json(state), "written.json") == state);
  return 0;
}
