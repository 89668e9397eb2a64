// ./run bench feed --profile: where a picture's time goes part by part, how busy workers are, and
// how the rate grows with a second worker. Thread safety: one thread.
#pragma once

#include <string>
#include <vector>

#include "feed_source.h"

namespace headrace::bench {

struct ProfileOptions {
  std::string name = {};
  double seconds = 3;
  uint32_t rounds = 5;
  double picture_bytes = 0;  // mean size of a coded picture
};

// Parts add up to the workers' time, or the last line says by how much they do not.
void print_profile(Source& source, const ProfileOptions& options);
// From one worker to as many as the source is opened with, and what the machine itself gives:
// libjpeg-turbo decoding `pictures` on one thread and on as many. In interleaved rounds.
void print_scaling(Source& source, const std::vector<std::vector<std::byte>>& pictures,
                   const ProfileOptions& options);

}  // namespace headrace::bench
