// Which fields pack stores compressed, each field of each sample in a frame of its own, so that it
// can still be read alone: found out on samples of the user's own data. Thread safety: pure but for
// what it reads. Invariants: 1. pictures and labels stay as they are; 2. what is not measured in
// time is the same for the same source, so that a run that was cut short goes on.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "headrace/codec/codec.h"
#include "headrace/pack/source.h"
#include "headrace/pack/store_rate.h"

namespace headrace::pack {

struct FieldCodec {
  codec::Kind kind = codec::Kind::none;
  int level = 0;
  std::string stored_name(const std::string& field_name) const {
    return field_name + std::string(codec::suffix_of(kind));
  }
  bool operator==(const FieldCodec&) const = default;
};
using FieldCodecs = std::map<std::string, FieldCodec>;  // fields that are not named stay plain

// One field tried with one kind, on all samples that were looked at.
struct CodecTrial {
  std::string field_name;
  FieldCodec codec;
  uint64_t plain_bytes = 0, packed_bytes = 0;
  double unpack_seconds = 0;  // on one core; measured with `store_bytes_per_second` only
  bool chosen = false;
};

struct CodecChoice {
  FieldCodecs codecs;
  std::vector<CodecTrial> trials;
  uint64_t sample_count = 0;  // looked at
  StoreRate store = {};       // 0 bytes a second: not measured
};

inline constexpr double k_worth_saving = 0.05;  // less is left as it is

// Fields' bytes of samples all over the source, at most 64 of them and 32 MiB; no pictures, no
// labels, nothing that is compressed already.
using FieldSamples = std::map<std::string, std::vector<std::vector<std::byte>>>;
FieldSamples sample_fields(const Source& source);

// Of fields that shrink; pictures stay as they are. `measured`: the kind is chosen a field by what
// this store gives and unpacking costs, once: a run that goes on keeps what the first one chose.
struct Compress {
  bool measured = false;
  bool front_to_back = false;  // it will only be read so; else by random reads too
  FieldCodec codec = {};
};

// What pack() does into a folder, whose store it measures.
CodecChoice choose_codecs(Files& files, const Source& source, const Compress& wanted,
                          const std::string& output);

// Fields that this kind makes smaller.
CodecChoice choose_codecs(const FieldSamples& samples, const FieldCodec& wanted);

// What a core costs: a field is compressed where the time that this store takes for the bytes saved
// is longer than `core_count` cores take to unpack them, in whatever order samples are read.
struct Budget {
  double store_bytes_per_second = 0;  // at which bytes that are saved would come
  size_t core_count = 1;
};
CodecChoice choose_codecs_by_time(const FieldSamples& samples, const Budget& budget);

// Seconds for a byte of the field, read and unpacked; the least is chosen.
double seconds_a_byte(const CodecTrial& trial, const Budget& budget);

// What an earlier run chose, by the names that its fields have; of kinds at their standard level.
FieldCodecs codecs_of_names(const std::vector<std::string>& stored_names);

}  // namespace headrace::pack
