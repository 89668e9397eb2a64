// Waiting for ever is waiting until a deadline that never comes.
#include "headrace/loader/batches.h"

#include "headrace/loader/signal.h"

namespace headrace::loader {

std::optional<Batch> Batches::next() {
  auto batch = next_until(k_for_ever);
  if (!batch) return std::nullopt;
  return std::move(*batch);
}

const std::string& Batches::why_not_on_device() const {
  static const std::string nothing;
  return nothing;
}

}  // namespace headrace::loader
