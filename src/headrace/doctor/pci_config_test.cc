// Configuration spaces made by hand.
#include "headrace/doctor/pci_config.h"

#include <gtest/gtest.h>

#include <string>

namespace headrace::doctor {
namespace {

void put(std::string& config, size_t offset, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) config[offset + i] = static_cast<char>(value >> (8 * i) & 0xff);
}

std::string config_with_acs(uint16_t control) {
  std::string config(4096, '\0');
  put(config, 0x100, 0x14810001);  // AER, the next at 0x148
  put(config, 0x148, 0x0001000D);  // ACS, the last
  put(config, 0x14c, static_cast<uint32_t>(control) << 16);
  return config;
}

TEST(PciConfig, finds_the_acs_control_behind_another_capability) {
  EXPECT_EQ(acs_control(config_with_acs(0x1d)), 0x1d);
  EXPECT_EQ(acs_control(config_with_acs(0)), 0);
}

TEST(PciConfig, knows_which_bits_redirect) {
  EXPECT_TRUE(redirects_peers(0x04));
  EXPECT_TRUE(redirects_peers(0x08));
  EXPECT_FALSE(redirects_peers(0x01));
  EXPECT_FALSE(redirects_peers(0));
}

TEST(PciConfig, is_nothing_in_short_and_circular_spaces) {
  EXPECT_EQ(acs_control(""), std::nullopt);
  EXPECT_EQ(acs_control(std::string(64, '\0')), std::nullopt);
  std::string circle(4096, '\0');
  put(circle, 0x100, 0x10010002);  // the next is itself
  EXPECT_EQ(acs_control(circle), std::nullopt);
  EXPECT_EQ(acs_control(config_with_acs(4).substr(0, 0x14d)), std::nullopt);
  put(circle, 0x100, 0xffd10002);  // the next lies past the end
  EXPECT_EQ(acs_control(circle), std::nullopt);
}

}  // namespace
}  // namespace headrace::doctor
