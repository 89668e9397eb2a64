// A job, and the table of keys, as text.
#include <fmt/format.h>

#include "headrace/base/sizes.h"
#include "headrace/pipeline/keys.h"

namespace headrace::pipeline {
namespace {

template <class... Visitors>
struct Overload : Visitors... {
  using Visitors::operator()...;
};

std::string toml_texts(std::span<const std::string> texts) {
  if (texts.empty()) return toml_text("");
  if (texts.size() == 1) return toml_text(texts.front());
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(toml_text(text));
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string real_text(double value) {  // the shortest that reads back the same; TOML wants a point
  std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}
std::string real_text(std::span<const double> values) {
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(real_text(value));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

template <class Owner>
std::string wanted_text(const Value<Owner>& value) {
  return std::visit(
      Overload{
          [](const Whole<Owner>& v) {
            return v.most == ~uint64_t{0} >> 1
                       ? fmt::format("whole number from {}", v.least)
                       : fmt::format("whole number from {} to {}", v.least, v.most);
          },
          [](const Size<Owner>& v) {
            return fmt::format("size from {} to {}, as in 65536 or \"64M\"", format_size(v.least),
                               format_size(v.most));
          },
          [](const Real<Owner>& v) { return fmt::format("number from {} to {}", v.least, v.most); },
          [](const Flag<Owner>&) { return std::string("true or false"); },
          [](const Text<Owner>&) { return std::string("text"); },
          [](const Texts<Owner>& v) {
            return fmt::format("text, or array of at most {} of them", v.most_texts);
          },
          [](const Choice<Owner>& v) {
            return fmt::format("one of \"{}\"", fmt::join(v.words, "\", \""));
          },
          [](const Reals<Owner>& v) {
            Owner owner;
            return fmt::format("array of {} numbers from {} to {}", v.at(owner).size(), v.least,
                               v.most);
          },
          [](const Wholes<Owner>& v) {
            return v.count_min == v.count_max
                       ? fmt::format("whole number from {} to {}, or {} of them", v.least, v.most,
                                     v.count_max)
                       : fmt::format("array of at most {} whole numbers from {} to {}", v.count_max,
                                     v.least, v.most);
          }},
      value);
}

template <class Owner>
std::string written_text(const Value<Owner>& value, Owner& owner) {
  return std::visit(
      Overload{[&](const Whole<Owner>& v) { return fmt::to_string(v.at(owner)); },
               [&](const Size<Owner>& v) {
                 const uint64_t size = v.at(owner);
                 return size % (1 << 20) == 0 ? fmt::format("\"{}M\"", size >> 20)
                                              : fmt::to_string(size);
               },
               [&](const Real<Owner>& v) { return real_text(v.at(owner)); },
               [&](const Flag<Owner>& v) { return fmt::format("{}", v.at(owner)); },
               [&](const Text<Owner>& v) { return toml_text(v.at(owner)); },
               [&](const Texts<Owner>& v) { return toml_texts(v.at(owner)); },
               [&](const Choice<Owner>& v) { return fmt::format("\"{}\"", v.words[v.get(owner)]); },
               [&](const Reals<Owner>& v) { return real_text(v.at(owner)); },
               [&](const Wholes<Owner>& v) {
                 return fmt::format("[{}]", fmt::join(v.at(owner), ", "));
               }},
      value);
}

template <class Owner>
std::string markdown(std::span<const Key<Owner>> keys) {
  std::string text;
  std::string_view table;
  for (const Key<Owner>& key : keys) {
    if (key.table != table) {
      table = key.table;
      text += fmt::format("\n## {}\n\n| key | type | default | meaning |\n|---|---|---|---|\n",
                          table == "field" || table == "blend" ? fmt::format("[[{}]]", table)
                                                               : fmt::format("[{}]", table));
    }
    Owner owner;
    std::string type = wanted_text(key.value);
    for (size_t at = 0; (at = type.find('|', at)) != std::string::npos; at += 2)
      type.insert(at, "\\");
    std::string meaning(key.meaning);
    for (size_t at = 0; (at = meaning.find('|', at)) != std::string::npos; at += 2) {
      meaning.insert(at, "\\");
    }
    text += fmt::format("| `{}` | {} | `{}` | {} |\n", key.name, type,
                        written_text(key.value, owner), meaning);
  }
  return text;
}

}  // namespace

std::string toml_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\u{:04X}", byte);
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string wanted(const Value<Job>& value) { return wanted_text(value); }
std::string wanted(const Value<FieldJob>& value) { return wanted_text(value); }
std::string written(const Value<Job>& value, Job& job) { return written_text(value, job); }
std::string wanted(const Value<BlendJob>& value) { return wanted_text(value); }
std::string written(const Value<BlendJob>& value, BlendJob& blend) {
  return written_text(value, blend);
}
std::string written(const Value<FieldJob>& value, FieldJob& field) {
  return written_text(value, field);
}

std::string keys_as_markdown() {
  return markdown(job_keys()) + markdown(blend_keys()) + markdown(field_keys());
}

std::string path_text(const std::vector<std::string>& paths) {
  constexpr size_t k_named = 4;
  const std::span<const std::string> named(paths.data(), std::min(paths.size(), k_named));
  const std::string text = fmt::format("{}", fmt::join(named, ", "));
  return paths.size() <= k_named ? text
                                 : fmt::format("{} and {} more", text, paths.size() - k_named);
}

// What differs from the defaults, as one table of many.
template <class Owner>
std::string written_table(std::span<const Key<Owner>> keys, Owner& owner) {
  std::string text = fmt::format("\n[[{}]]\n", keys.front().table);
  Owner default_owner;
  for (const Key<Owner>& key : keys) {
    const std::string value = written(key.value, owner);
    if (key.name != "kind" && value == written(key.value, default_owner)) continue;
    text += fmt::format("{} = {}\n", key.name, value);
  }
  return text;
}

// Every key of the job, so that the text says it all; of the fields and the device, what differs
// from the defaults.
std::string write_job(const Job& job) {
  Job copy = job;
  Job defaults;
  std::string text;
  std::string_view table;
  for (const Key<Job>& key : job_keys()) {
    if (key.table == "device" && job.device == defaults.device) continue;
    if (key.table != table) {
      text += fmt::format("{}[{}]\n", table.empty() ? "" : "\n", key.table);
      table = key.table;
    }
    text += fmt::format("{} = {}\n", key.name, written(key.value, copy));
  }
  for (BlendJob& blend : copy.blend) text += written_table(blend_keys(), blend);
  for (FieldJob& field : copy.fields) text += written_table(field_keys(), field);
  return text;
}

}  // namespace headrace::pipeline
