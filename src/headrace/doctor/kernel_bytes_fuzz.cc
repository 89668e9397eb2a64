// Any bytes as a Lustre layout, a PCI configuration space, a routing table, limits of a control
// group and an HTTP header: the small parsers together.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "headrace/doctor/data_path.h"
#include "headrace/doctor/expectation.h"
#include "headrace/doctor/io_limit.h"
#include "headrace/doctor/lustre_layout.h"
#include "headrace/doctor/pci_config.h"
#include "headrace/doctor/store_endpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::doctor;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  parse_lustre_layout(bytes);
  acs_control(bytes);
  const std::string interface = interface_towards(bytes, "10.0.0.7");
  if (!interface.empty() && !is_device_name(interface)) std::abort();
  limit_in_io_max(bytes, "8:0");
  limit_in_throttle(bytes, "8:0");
  const double lane = lane_bytes_per_s(bytes);
  if (!(lane >= 0 && lane < 1e12)) std::abort();
  parse_header(bytes);
  endpoint_of([&](const std::string&) { return std::string(bytes); });
  return 0;
}
