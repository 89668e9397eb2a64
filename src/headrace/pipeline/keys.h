// Every key of headrace.toml: its type, limits and meaning, and where its value lies in a Job. The
// parser, the writer and docs/job.md all follow this one table. Thread safety: constant.
#pragma once

#include <span>
#include <string>
#include <variant>

#include "headrace/pipeline/job.h"

namespace headrace::pipeline {

using Words = std::span<const std::string_view>;

// Each knows its value's place in the owner: a Job, a BlendJob or a FieldJob.
template <class Owner>
struct Whole {
  uint64_t& (*at)(Owner&);
  uint64_t least, most;
};
template <class Owner>
struct Size {  // bytes: 65536 or "64K"
  uint64_t& (*at)(Owner&);
  uint64_t least, most;
};
template <class Owner>
struct Real {
  double& (*at)(Owner&);
  double least, most;
};
template <class Owner>
struct Flag {
  bool& (*at)(Owner&);
};
template <class Owner>
struct Text {
  std::string& (*at)(Owner&);
};
template <class Owner>
struct Texts {  // one, or an array of them
  std::vector<std::string>& (*at)(Owner&);
  size_t most_texts;
};
template <class Owner>
struct Choice {
  Words words;
  size_t (*get)(Owner&);
  void (*set)(Owner&, size_t);
};
template <class Owner>
struct Reals {
  std::span<double> (*at)(Owner&);
  double least, most;
};
template <class Owner>
struct Wholes {  // one number stands for `lone_count` equal ones
  std::vector<uint64_t>& (*at)(Owner&);
  size_t count_min, count_max, lone_count;
  uint64_t least, most;
};

template <class Owner>
using Value = std::variant<Whole<Owner>, Size<Owner>, Real<Owner>, Flag<Owner>, Text<Owner>,
                           Texts<Owner>, Choice<Owner>, Reals<Owner>, Wholes<Owner>>;

template <class Owner>
struct Key {
  std::string_view table;
  std::string_view name;
  Value<Owner> value;
  std::string_view meaning;
};

std::span<const Key<Job>> job_keys();
std::span<const Key<BlendJob>> blend_keys();  // of each [[blend]]
std::span<const Key<FieldJob>> field_keys();  // of each [[field]]

// "whole number from 1 to 4096", "one of \"fail\", \"skip\"": what an error says was expected.
std::string wanted(const Value<Job>& value);
std::string wanted(const Value<BlendJob>& value);
std::string wanted(const Value<FieldJob>& value);
// The value as TOML.
std::string written(const Value<Job>& value, Job& job);
std::string written(const Value<BlendJob>& value, BlendJob& blend);
std::string written(const Value<FieldJob>& value, FieldJob& field);
// docs/job.md's tables.
std::string keys_as_markdown();

}  // namespace headrace::pipeline
