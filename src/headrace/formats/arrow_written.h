// For tests: what pyarrow 26 wrote of three rows in two batches, gzipped: a struct with nulls,
// int8, list<int16>, a dictionary; a stream as it is, and a file whose buffers are LZ4 frames.
// Thread safety: functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "headrace/codec/codec.h"

namespace headrace::formats {

inline std::string gunzipped_hex(std::string_view hex) {
  std::vector<std::byte> packed;
  for (size_t at = 0; at < hex.size(); at += 2) {
    packed.push_back(
        static_cast<std::byte>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16)));
  }
  const auto plain = codec::decompressed(codec::Kind::gzip, packed, 1 << 20).value();
  return {reinterpret_cast<const char*>(plain.data()), plain.size()};
}

inline std::string arrow_stream() {
  return gunzipped_hex(
      "1f8b0800000000000203ad54bd52c24010de0d09c930e798c2715250585252525a5850f80094a02066046524"
      "8d6f6369616169e103585afa003e8495e76eee2e5c563250b8cccededefe7fb7446bad5f102005a60e286843"
      "04099d88308490c433f9b064fe267e231e131f01c765e4dd86982253ba31793062db80f8c4c6819537f9ed94"
      "cf09fdf826b1f705d5e040f6fffad1ba5beaa8384f667d104c9f2de27cba06453e67c62f483d3f572b2f664b"
      "3e7fd8dc6955c7f8fbbd45c48bc9c56c51f6a688e3b2378e4b2c06743ce01a5d1b17109ffb3d2de7f0487e9f"
      "c637dad6d36a525cf3f99d7c182f871d67b1d885a957c3f576f150ccd6e59d79130ad74ff60d98149dcccba9"
      "321b042138ec0cde9d0a6ff7d6197986d6e2e60860432d682665656a65dbb3a1c8e3e7737e9793627a373773"
      "bca23fc7717d8e5658ceb0aab2d4fb56f8b7ef43d89fe41c919599370bd85df1fdfbc23e10faa9c07028ea0e"
      "45be91b08f04ae63611f8b78a6780bee4d3aeed0614fdd61e670bbcaefd785d8073fff4ae01c83aee5def413"
      "54d8a19767df7d19ecd8176cd817acfe2f754a844c85bd494fc43ec10e5dee1b08dde5eb097b4fbc4f5fd8fb"
      "de37c8df171475b1e1ddfe4b6f222d62e4b7479b6f38fc02f76c3b4eb0060000");
}

inline std::string packed_arrow_file() {
  return gunzipped_hex(
      "1f8b0800000000000203ed56bd6e1341109eb5efce277451ae7071801151d2d0a64b994829528090d290d20e"
      "36c1c2060b5f93ee948a328f900748e1d205454a972e5d52f010541c33bbb3666fb8b3afa0a060add1eccc7c"
      "f3b3b3bbbe3d393f7ffde61020c731530031d078041104e04388331cca030fd93d628813fd40fa8ad4456a03"
      "f925880ea0859e316a4c1ce593ed08698ffd80f987e1c73ecd43fc9126647d8a39c891f0df7fe67947cb2aa2"
      "38096314983a9b48c3fe1422c49c1a5c23767036d7301d8c69bee4d8f13a8fc1bbb5f948a3dee560a46b8b90"
      "5aba36f20bb90738dda11c1df66b20bd746b1a5fc11de25606eb97d534e9a5ef69be400cf5cbf68ea270efbc"
      "d8c9616bbbbc4e0753ad337b42fb36e73da0116126b373918e060d4fe73e83dfc3ed79ac7d3ac8bdb5cf05e7"
      "6df3da605db7c9d984ea71c0fc05f3678e4d8978a65e8ebdff2ae91edfa09801a7085c5c50c4a198bdeda5fd"
      "4f57aca73e2cd4863e343dbda633e5e62eae3b519bd7bd0bf587ec4387b9dd87847957e0bf08fb9d90e7cc9f"
      "305f89bc2b110f9400a8e2beec09bb950f1c5dab64dfaa64b545869a72c5b9f099d6c32fe250ccde0d3f4f53"
      "b97cb6a398051be2ffd1b112ff4985de07e76eb01ec5ac05f9d67535640b4acebb4244734b1cb9dbb5efc512"
      "eadd0bb5e55e24824bfd73e647c25e255bfc85b057c936cf44d82722deadb05bf931f399b05bf9a9b8174a9c"
      "938aebf6d765e7dcf17f7a411f3ae7b996bd246ebec14fc97bcb7614b3c2e7c12bda3d993737df64fe0eb5f1"
      "6c86fa0511b1373d128e9defec82132eb902fb7ffecd2fea97626d0fac7f10ffc3f0ff5df34fbe6b624c7ea2"
      "dfa6bf00481c93f2a20a0000");
}

}  // namespace headrace::formats
