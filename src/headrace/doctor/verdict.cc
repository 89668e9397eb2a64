// Evidence first: the rate, what it stands beside, and the first finding that may explain it.
#include "headrace/doctor/verdict.h"

#include "headrace/base/sizes.h"

namespace headrace::doctor {
namespace {

std::string rate_text(double bytes_per_s) { return fmt::format("{:.2f} GB/s", bytes_per_s / 1e9); }

// The finding that most likely explains the level; null when there is none beside the probe's own.
const Finding* suspect_of(const Examination& examination) {
  for (const Finding& finding : examination.findings) {
    if (finding.id != "probe" && finding.level >= Level::warn) return &finding;
  }
  return nullptr;
}

std::string rate_sentence(const Examination& examination) {
  const auto& probe = examination.situation.probe;
  const Expectation& expectation = examination.expectation;
  if (!probe) return "nothing was read (no probe)";
  if (!probe->failure.empty()) return "a read failed: " + probe->failure;
  if (probe->read_count == 0) return "no read came back";
  const std::string reached = "reads reach " + rate_text(probe->bytes_per_s());
  if (!probe->from_storage()) return reached + ", mostly out of the page cache";
  if (expectation.bytes_per_s <= 0) {
    return fmt::format("{}; no expectation: {}", reached, expectation.reason);
  }
  return fmt::format("{}, {} the expected {} ({})", reached,
                     examination.standing == Standing::below ? "below" : "above",
                     rate_text(expectation.bytes_per_s), expectation.reason);
}

std::string sentence_of(const Examination& examination) {
  const Finding* suspect = suspect_of(examination);
  std::string sentence = rate_sentence(examination);
  if (suspect != nullptr) {
    sentence += fmt::format("; most likely {}: {}", suspect->id, suspect->value);
  } else if (examination.standing == Standing::below) {
    sentence += "; no check explains it";
  } else if (examination.level() < Level::warn) {
    sentence += "; nothing found that slows or endangers them";
  }
  return sentence;
}

std::string path_text(const DataPath& path) {
  std::string text = path.data + ": ";
  for (size_t i = 0; i < path.steps.size(); ++i) text += (i == 0 ? "" : " -> ") + path.steps[i];
  if (!path.lost.empty()) text += " -> ? (" + path.lost + ")";
  return text;
}

std::string probe_text(const Probe& probe) {
  return fmt::format(
      "random reads of {}{}, {} in flight, {}, by {}: {} reads in {:.1f} s, p50 {}, p99 "
      "{}, {:.2f} CPU s/GB",
      probe.read_bytes < probe.read_count * probe.block_bytes ? "up to " : "",  // short files
      format_size(probe.block_bytes), probe.depth,
      probe.direct ? "direct" : "through the page cache", probe.ring.engine,
      format_count(probe.read_count), probe.seconds, format_duration(probe.latency_p50_ns),
      format_duration(probe.latency_p99_ns),
      probe.read_bytes == 0 ? 0
                            : probe.cpu_seconds / (static_cast<double>(probe.read_bytes) / 1e9));
}

std::string next_of(const Examination& examination) {
  if (const Finding* suspect = suspect_of(examination)) {
    return suspect->fix + "; --fix prints the commands that are known";
  }
  if (examination.standing == Standing::below) {
    return "headrace bench io sweeps depth and block, to show where it is lost";
  }
  const auto& probe = examination.situation.probe;
  if (examination.standing == Standing::met) return "nothing";
  if (!probe) return "what is read can be judged only with a probe";
  if (!probe->from_storage()) return "--cache direct probes past the page cache";
  return "--expect RATE tells what was promised, so that it can be judged";
}

}  // namespace

Verdict verdict_of(const Examination& examination) {
  const auto& probe = examination.situation.probe;
  return {.level = examination.level(),
          .sentence = sentence_of(examination),
          .path = path_text(examination.situation.path),
          .probe = probe ? probe_text(*probe) : "",
          .next = next_of(examination)};
}

}  // namespace headrace::doctor
