// Devices by name, and what is said when one does not open.
#include "headrace/device/device.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "headrace/base/temp_folder.h"
#include "headrace/device/fixture.h"

namespace headrace::device {
namespace {

using testing::HasSubstr;
using DeviceTest = StandInDevice;

TEST_F(DeviceTest, has_a_name_and_memory) {
  EXPECT_EQ(device().label(), "cuda:0 (stand-in)");
  EXPECT_EQ(device().memory_bytes(), uint64_t{1} << 30);
  device().use();
}

TEST_F(DeviceTest, says_how_to_get_a_driver_that_is_not_there) {
  const std::string error = error_of([] { const Device none({.library = "libnowhere.so.1"}); });
  EXPECT_THAT(error, HasSubstr("libnowhere.so.1"));
  EXPECT_THAT(error, HasSubstr("install NVIDIA's driver"));
}

TEST_F(DeviceTest, says_that_there_is_no_such_device) {
  DeviceOptions second = options();
  second.ordinal = 1;
  const std::string error = error_of([&] { const Device none(second); });
  EXPECT_THAT(error, HasSubstr("cannot open the device cuda:1: error 101"));
  EXPECT_THAT(error, HasSubstr("nvidia-smi -L"));
}

TEST_F(DeviceTest, names_the_error_of_a_driver_that_does_not_start_or_gives_no_context) {
  faults_.driver_error = 2;
  EXPECT_THAT(error_of([&] { device(); }), HasSubstr("CUDA_ERROR_OUT_OF_MEMORY"));
  faults_.driver_error = 0;
  faults_.register_error = 719;
  EXPECT_THAT(error_of([&] { device(); }), HasSubstr("CUDA_ERROR_LAUNCH_FAILED"));
}

TEST(ParseDevice, takes_cuda_and_its_number_and_nothing_else) {
  EXPECT_EQ(parse_device("cuda", 5).ordinal, std::nullopt);
  EXPECT_EQ(parse_device("cuda", 5).local_rank, 5u);
  EXPECT_EQ(parse_device("cuda:3").ordinal, 3u);
  for (const char* wrong : {"", "cpu", "cuda:", "cuda:x", "cuda:1x", "cuda:-1", "cuda:99999"}) {
    EXPECT_THROW(parse_device(wrong), Error) << wrong;
  }
}

TEST_F(DeviceTest, is_the_one_of_the_local_rank_among_those_that_can_be_seen) {
  DeviceOptions third = options();
  third.local_rank = 2;  // a process that sees one device has that one, whatever its rank
  EXPECT_EQ(Device(third).label(), "cuda:0 (stand-in)");
}

TEST_F(DeviceTest, leaves_the_context_of_a_thread_that_it_visits) {
  const shim::CudaDriver& driver = device().driver();
  int others = 0;
  driver.context_use(&others);
  shim::CuContext now = nullptr;
  {
    const Visit visit(device());
    driver.context_get(&now);
    EXPECT_EQ(now, device().context());
  }
  driver.context_get(&now);
  EXPECT_EQ(now, &others);
}

TEST(NumaNodeOfPci, is_what_sysfs_says_and_nothing_where_it_does_not) {
  const TempFolder root;
  const auto at = [&](const std::string& id, const std::string& text) {
    const std::filesystem::path folder = root / ("sys/bus/pci/devices/" + id);
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "numa_node") << text << "\n";
  };
  at("0000:65:00.0", "1");
  at("0000:b3:00.0", "-1");
  EXPECT_EQ(numa_node_of_pci("0000:65:00.0", root.path()), 1u);
  EXPECT_EQ(numa_node_of_pci("0000:B3:00.0", root.path()), std::nullopt);
  EXPECT_EQ(numa_node_of_pci("0000:01:00.0", root.path()), std::nullopt);
}

}  // namespace
}  // namespace headrace::device
