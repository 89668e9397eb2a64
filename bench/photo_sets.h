// The photo set that image benchmarks run on: as files, packed, and packed without recoding.
// Thread safety: one thread. Packs once into the cache folder; a set that is there is used.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/dataset.h"

namespace headrace::bench {

struct PhotoSets {
  std::string folder;  // class-per-folder JPEGs, untouched
  std::string packed;  // recoded without loss: restart intervals, optimized tables
  std::string plain;   // the same shards with the files' own bytes
};

// `photos` is the folder; "" = $HEADRACE_PHOTOS, else photos-v1 in the cache folder (./run demo
// makes it).
PhotoSets prepare_photo_sets(const std::string& photos);

// Every sample's first picture field, read into memory.
std::vector<std::vector<std::byte>> read_pictures(const formats::Dataset& dataset);

}  // namespace headrace::bench
