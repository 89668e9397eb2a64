// headrace.toml to a Job. The only file that names the TOML library.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

// toml++ 3.3 asserts, and promises to the optimizer, what malformed text violates, one line before
// it refuses that text: without assertions it refuses it, in every build.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#include "headrace/base/error.h"
#include "headrace/base/nearest.h"
#include "headrace/base/sizes.h"
#include "headrace/pipeline/keys.h"
#include "headrace/pipeline/presets.h"

namespace headrace::pipeline {
namespace {

constexpr size_t k_text_bytes_max = 1 << 20;
constexpr size_t k_field_count_max = 256, k_blend_count_max = 4096;

class Parser {
 public:
  explicit Parser(const std::string& name) : name_(name) {}
  Job parse(std::string_view text, Job job);

 private:
  [[noreturn]] void refuse(const toml::source_region& place, std::string cause,
                           std::string hint = {}) const;
  [[noreturn]] void refuse_key(const toml::key& key, std::string_view table,
                               std::span<const std::string_view> known) const;
  const toml::table& table_of(const toml::key& key, const toml::node& node) const;
  const toml::array& tables_of(const toml::key& key, const toml::node& node, size_t most) const;
  void read_blend(const toml::array& tables, Job& job) const;
  void read_fields(const toml::array& tables, Job& job) const;
  void read_preset(const toml::node& node, Job& job) const;
  void check(const toml::table& root, const Job& job) const;

  template <class Owner>
  void read_table(const toml::table& table, std::string_view table_name,
                  std::span<const Key<Owner>> keys, Owner& owner) const;

  const std::string& name_;
};

// Each returns whether the node is what the key wants.
template <class Owner>
bool read(const Whole<Owner>& value, const toml::node& node, Owner& owner) {
  const auto number = node.value_exact<int64_t>();
  if (!number || *number < 0 || static_cast<uint64_t>(*number) < value.least ||
      static_cast<uint64_t>(*number) > value.most) {
    return false;
  }
  value.at(owner) = static_cast<uint64_t>(*number);
  return true;
}
template <class Owner>
bool read(const Size<Owner>& value, const toml::node& node, Owner& owner) {
  uint64_t size = 0;
  if (const auto number = node.value_exact<int64_t>(); number && *number >= 0) {
    size = static_cast<uint64_t>(*number);
  } else if (const auto text = node.value_exact<std::string_view>()) {
    const auto parsed = parse_size(*text);
    if (!parsed) return false;
    size = *parsed;
  }
  if (size < value.least || size > value.most) return false;
  value.at(owner) = size;
  return true;
}
std::optional<double> real_of(const toml::node& node, double least, double most) {
  if (!node.is_number()) return std::nullopt;
  const double number = node.value<double>().value_or(std::nan(""));
  if (!(number >= least && number <= most)) return std::nullopt;
  return number;
}
template <class Owner>
bool read(const Real<Owner>& value, const toml::node& node, Owner& owner) {
  const auto number = real_of(node, value.least, value.most);
  if (number) value.at(owner) = *number;
  return number.has_value();
}
template <class Owner>
bool read(const Flag<Owner>& value, const toml::node& node, Owner& owner) {
  const auto flag = node.value_exact<bool>();
  if (flag) value.at(owner) = *flag;
  return flag.has_value();
}
template <class Owner>
bool read(const Text<Owner>& value, const toml::node& node, Owner& owner) {
  const auto text = node.value_exact<std::string>();
  if (text) value.at(owner) = *text;
  return text.has_value();
}
template <class Owner>
bool read(const Texts<Owner>& value, const toml::node& node, Owner& owner) {
  std::vector<std::string> texts;
  const toml::array* array = node.as_array();
  if (array == nullptr) {
    const auto text = node.value_exact<std::string>();
    if (!text) return false;
    if (!text->empty()) texts.push_back(*text);
  } else {
    if (array->empty() || array->size() > value.most_texts) return false;
    for (const toml::node& one : *array) {
      const auto text = one.value_exact<std::string>();
      if (!text || text->empty()) return false;
      texts.push_back(*text);
    }
  }
  value.at(owner) = std::move(texts);
  return true;
}
template <class Owner>
bool read(const Choice<Owner>& value, const toml::node& node, Owner& owner) {
  const auto word = node.value_exact<std::string_view>();
  const auto found = std::ranges::find(value.words, word.value_or(""));
  if (!word || found == value.words.end()) return false;
  value.set(owner, static_cast<size_t>(found - value.words.begin()));
  return true;
}
template <class Owner>
bool read(const Reals<Owner>& value, const toml::node& node, Owner& owner) {
  const std::span<double> target = value.at(owner);
  const toml::array* array = node.as_array();
  if (array == nullptr || array->size() != target.size()) return false;
  for (size_t i = 0; i < target.size(); ++i) {
    const auto number = real_of(*array->get(i), value.least, value.most);
    if (!number) return false;
    target[i] = *number;
  }
  return true;
}
template <class Owner>
bool read(const Wholes<Owner>& value, const toml::node& node, Owner& owner) {
  std::vector<uint64_t> numbers;
  const auto add = [&](const toml::node& one) {
    const auto number = one.value_exact<int64_t>();
    if (!number || *number < 0 || static_cast<uint64_t>(*number) < value.least ||
        static_cast<uint64_t>(*number) > value.most) {
      return false;
    }
    numbers.push_back(static_cast<uint64_t>(*number));
    return true;
  };
  if (const toml::array* array = node.as_array()) {
    if (array->size() < value.count_min || array->size() > value.count_max) return false;
    for (const toml::node& one : *array) {
      if (!add(one)) return false;
    }
  } else {
    if (!add(node)) return false;
    numbers.resize(value.lone_count, numbers.front());
  }
  value.at(owner) = std::move(numbers);
  return true;
}

Job Parser::parse(std::string_view text, Job job) {
  if (text.size() > k_text_bytes_max) refuse({}, "a job has at most 1 MiB");
  try {
    const toml::table root = toml::parse(text, name_);
    std::vector<std::string_view> known = {"preset", "field", "blend"};
    for (const Key<Job>& key : job_keys()) {
      if (known.back() != key.table) known.push_back(key.table);
    }
    for (const auto& [key, node] : root) {
      if (key == "preset") {
        read_preset(node, job);
      } else if (key == "field") {
        read_fields(tables_of(key, node, k_field_count_max), job);
      } else if (key == "blend") {
        read_blend(tables_of(key, node, k_blend_count_max), job);
      } else if (std::ranges::find(known, key.str()) != known.end()) {
        read_table(table_of(key, node), key.str(), job_keys(), job);
      } else {
        refuse_key(key, "", known);
      }
    }
    check(root, job);
  } catch (const toml::parse_error& error) {
    refuse(error.source(), std::string(error.description()));
  }
  return job;
}

template <class Owner>
void Parser::read_table(const toml::table& table, std::string_view table_name,
                        std::span<const Key<Owner>> keys, Owner& owner) const {
  std::vector<std::string_view> known;
  for (const Key<Owner>& key : keys) {
    if (key.table == table_name) known.push_back(key.name);
  }
  for (const auto& [name, node] : table) {
    const auto key = std::ranges::find_if(keys, [&](const Key<Owner>& candidate) {
      return candidate.table == table_name && candidate.name == name.str();
    });
    if (key == keys.end()) refuse_key(name, table_name, known);
    const auto read_one = [&](const auto& value) { return read(value, node, owner); };
    if (std::visit(read_one, key->value)) continue;
    const auto word = node.template value_exact<std::string_view>();
    const auto* choice = std::get_if<Choice<Owner>>(&key->value);
    const std::string meant = word && choice != nullptr ? nearest(*word, choice->words) : "";
    refuse(node.source(),
           fmt::format("\"{}.{}\" must be: {}", table_name, key->name, wanted(key->value)),
           meant.empty() ? "" : fmt::format("nearest: \"{}\"", meant));
  }
}

void Parser::read_blend(const toml::array& tables, Job& job) const {
  job.blend.clear();
  for (const toml::node& one : tables) {
    BlendJob blend;
    read_table(*one.as_table(), "blend", blend_keys(), blend);
    if (blend.paths.empty()) refuse(one.source(), "this part of the blend lacks \"path\"");
    job.blend.push_back(std::move(blend));
    if ((job.blend.back().weight > 0) == (job.blend.front().weight > 0)) continue;
    refuse(one.source(), "\"weight\" must stand in every [[blend]] or in none");
  }
}

void Parser::read_fields(const toml::array& tables, Job& job) const {
  job.fields.clear();
  for (const toml::node& one : tables) {
    FieldJob field;
    read_table(*one.as_table(), "field", field_keys(), field);
    if (field.name.empty()) refuse(one.source(), "this field lacks \"name\"");
    for (const FieldJob& other : job.fields) {
      if (other.name == field.name) {
        refuse(one.source(), fmt::format("two fields are named \"{}\"", field.name));
      }
    }
    if (field.scale[0] > field.scale[1] || field.ratio[0] > field.ratio[1]) {
      refuse(one.source(), "\"scale\" and \"ratio\" are [least, largest]");
    }
    const bool counts = field.kind == FieldKind::boundaries || field.kind == FieldKind::text;
    const bool shaped = field.kind == FieldKind::bytes || field.kind == FieldKind::raw || counts;
    if (field.kind == FieldKind::bytes && field.shape.empty()) {
      refuse(one.source(), "a field of kind \"bytes\" needs \"shape\"");
    }
    if (counts && field.shape.size() != 1) {
      refuse(one.source(), "a field of kind \"boundaries\" or \"text\" needs \"shape\" = [N]");
    }
    if (field.kind == FieldKind::text && field.tokenizer.empty()) {
      refuse(one.source(), "a field of kind \"text\" needs \"tokenizer\"",
             "the path of a tokenizer.json");
    }
    if (!shaped && !field.shape.empty()) {
      refuse(one.source(),
             "\"shape\" is for the kinds \"bytes\", \"raw\", \"boundaries\" and \"text\"",
             "an image has \"size\"");
    }
    job.fields.push_back(std::move(field));
  }
}

void Parser::read_preset(const toml::node& node, Job& job) const {
  const auto name = node.value_exact<std::string_view>();
  auto fields = preset_fields(name.value_or(""));
  if (!fields) {
    const std::string meant = nearest(name.value_or(""), preset_names());
    refuse(node.source(),
           fmt::format("\"preset\" must be one of \"{}\"", fmt::join(preset_names(), "\", \"")),
           meant.empty() ? "" : fmt::format("nearest: \"{}\"", meant));
  }
  if (job.fields.empty()) job.fields = std::move(*fields);
}

void Parser::check(const toml::table& root, const Job& job) const {
  if (root.contains("preset") && root.contains("field")) {
    refuse(root.find("preset")->second.source(), "either \"preset\" or [[field]], not both");
  }
  if (!job.blend.empty() && !job.dataset.paths.empty()) {
    refuse(root.contains("blend") ? root.find("blend")->second.source() : toml::source_region{},
           "either \"dataset.path\" or [[blend]], not both",
           "several data sets that are one without weights: dataset.path = [\"a\", \"b\"]");
  }
  if (job.batch.rank >= job.batch.world_size) {
    refuse(root.find("batch")->second.source(),
           fmt::format("\"batch.rank\" {} must be below \"batch.world_size\" {}", job.batch.rank,
                       job.batch.world_size));
  }
  if (job.dataset.part >= job.dataset.parts) {
    refuse(root.find("dataset")->second.source(),
           fmt::format("\"dataset.part\" {} must be below \"dataset.parts\" {}", job.dataset.part,
                       job.dataset.parts));
  }
}

const toml::array& Parser::tables_of(const toml::key& key, const toml::node& node,
                                     size_t most) const {
  const toml::array* array = node.as_array();
  if (array == nullptr || !array->is_homogeneous<toml::table>()) {
    refuse(node.source(),
           fmt::format("\"{}\" must be tables, each headed [[{}]]", key.str(), key.str()));
  }
  if (array->size() <= most) return *array;
  refuse(node.source(), fmt::format("at most {} of [[{}]]", most, key.str()));
}

const toml::table& Parser::table_of(const toml::key& key, const toml::node& node) const {
  if (const toml::table* table = node.as_table()) return *table;
  refuse(key.source(), fmt::format("\"{}\" must be a table, headed [{}]", key.str(), key.str()));
}

void Parser::refuse_key(const toml::key& key, std::string_view table,
                        std::span<const std::string_view> known) const {
  const std::string meant = nearest(key.str(), known);
  refuse(key.source(),
         table.empty() ? fmt::format("unknown key \"{}\"", key.str())
                       : fmt::format("unknown key \"{}\" in \"{}\"", key.str(), table),
         meant.empty() ? fmt::format("known are \"{}\"", fmt::join(known, "\", \""))
                       : fmt::format("nearest known key: \"{}\"", meant));
}

void Parser::refuse(const toml::source_region& place, std::string cause, std::string hint) const {
  // "the arguments" and "the command line" were made into text that nobody has seen.
  const bool seen = !name_.starts_with("the ");
  throw Error({.code = Code::invalid_argument,
               .action = seen ? "cannot read job" : "cannot use",
               .object = seen && place.begin
                             ? fmt::format("{}:{}:{}", name_, place.begin.line, place.begin.column)
                             : name_,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

}  // namespace

Job parse_job(std::string_view text, const std::string& name, Job base) {
  return Parser(name).parse(text, std::move(base));
}

Job load_job(Files& files, const std::string& path) {
  const std::vector<std::byte> bytes = read_file(files, path, k_text_bytes_max);
  return parse_job({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

}  // namespace headrace::pipeline
