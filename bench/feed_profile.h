// ./run bench feed --profile: where a picture's time goes part by part, how busy workers are, and
// how the rate grows with a second worker. Thread safety: one thread.
#pragma once

#include <string>

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
// From one worker to as many as the source is opened with, in interleaved rounds.
void print_scaling(Source& source, const ProfileOptions& options);

}  // namespace headrace::bench
