// The rules: fed when the wait is under 1 %; else the stage of least capacity, if its queues agree.
#include "headrace/observe/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "headrace/observe/advice.h"
#include "headrace/observe/slow_disk.h"
#include "headrace/observe/supply.h"

namespace headrace::observe {

namespace {

// A pool this busy is saturated even where the queue before it is not quite full.
constexpr double k_saturated = 0.9;
// Capacity this far above the demand cannot explain a wait on average: something comes in bursts.
constexpr double k_ample = 1.1;

struct Case {
  const Evidence& evidence;
  std::vector<Supply> supplies;
  const Supply* tightest;
  const Supply* suspect;
};

bool cores_busy(const Evidence& evidence) {
  return ratio(evidence.cpu_s, evidence.cores * evidence.window_s) >= k_saturated;
}

std::string demand_clause(const Verdict& verdict) {
  if (verdict.demand_per_s <= 0) return "the consumer takes batches as fast as they come";
  return fmt::format("the consumer would take {} and waits {} of the time",
                     rate_text(verdict.demand_per_s), percent_text(verdict.wait_share));
}

void judge_fed(const Case& facts, Verdict& verdict) {
  verdict.kind = VerdictKind::fed;
  verdict.sentence = fmt::format("The consumer is fed: it waits {} of the time.",
                                 percent_text(verdict.wait_share));
  if (!facts.tightest) return;
  verdict.stage = facts.tightest->stage;
  const double cores_per_s = core_capacity_per_s(facts.evidence);
  verdict.supply_per_s = facts.tightest->capacity_per_s;
  if (cores_per_s > 0) verdict.supply_per_s = std::min(verdict.supply_per_s, cores_per_s);
  const double times = ratio(verdict.supply_per_s, verdict.demand_per_s);
  if (times <= 0) return;
  verdict.headroom = std::max(0.0, times - 1);
  verdict.cpu_bound = cores_per_s > 0 && cores_per_s < facts.tightest->capacity_per_s;
  verdict.sentence += fmt::format(" Head-room {}; the tightest stage is {}.",
                                  percent_text(verdict.headroom), verdict.stage);
}

void judge_short(const Case& facts, const Supply& supply, Verdict& verdict) {
  verdict.kind = VerdictKind::short_of;
  verdict.stage = supply.stage;
  verdict.supply_per_s = supply.capacity_per_s;
  verdict.cpu_bound = !supply.is_storage && !supply.is_device && cores_busy(facts.evidence);
  verdict.sentence =
      fmt::format("Short of {}{}: it supplies {}; {}.", supply.stage == k_link_stage ? "the " : "",
                  supply.stage, rate_text(supply.capacity_per_s), demand_clause(verdict));
  const DiskRecord* slow = supply.is_storage ? slow_disk_of(facts.evidence) : nullptr;
  if (slow != nullptr) {
    verdict.sentence += fmt::format(" The slow disk is {}.", disk_text(*slow, facts.evidence));
  }
  if (verdict.cpu_bound) {
    verdict.sentence += fmt::format(" CPU-bound: all {:.3g} cores are busy.", facts.evidence.cores);
  }
}

void judge_unsure(const Verdict& draft, std::string why, Verdict& verdict) {
  verdict.kind = VerdictKind::unsure;
  verdict.sentence = fmt::format("Unsure: {}. {}", demand_clause(draft), why);
}

std::string queues_text(const Supply& supply) {
  return fmt::format("its input queue is {} full, its output queue {}",
                     percent_text(supply.input_fill), percent_text(supply.output_fill));
}

bool queues_known(const Supply& supply) {
  return supply.input_fill >= 0 && supply.output_fill >= 0;
}

void judge_waiting(const Case& facts, Verdict& verdict) {
  const Supply* tightest = facts.tightest;
  if (!tightest && !facts.suspect) {
    return judge_unsure(verdict, "No stage's time was measured.", verdict);
  }
  if (!tightest) return judge_short(facts, *facts.suspect, verdict);
  verdict.supply_per_s = tightest->capacity_per_s;
  if (facts.suspect && facts.suspect != tightest) {
    return judge_unsure(verdict,
                        fmt::format("By capacity {} is short ({}), by its queues {} is: {}.",
                                    tightest->stage, rate_text(tightest->capacity_per_s),
                                    facts.suspect->stage, queues_text(*facts.suspect)),
                        verdict);
  }
  if (verdict.demand_per_s > 0 && tightest->capacity_per_s >= k_ample * verdict.demand_per_s) {
    return judge_unsure(
        verdict,
        fmt::format(
            "On average every stage carries that (the least, {}, {}): batches come in bursts.",
            tightest->stage, rate_text(tightest->capacity_per_s)),
        verdict);
  }
  const bool agreed =
      facts.suspect == tightest || !queues_known(*tightest) ||
      (tightest->busy_share >= k_saturated && tightest->output_fill <= tightest->empty_fill);
  if (agreed) return judge_short(facts, *tightest, verdict);
  judge_unsure(verdict,
               fmt::format("By capacity {} is short ({}), but {}.", tightest->stage,
                           rate_text(tightest->capacity_per_s), queues_text(*tightest)),
               verdict);
}

// What is not a number was not measured.
Evidence finite(Evidence evidence) {
  const auto keep = [](double& value, double otherwise) {
    if (!std::isfinite(value)) value = otherwise;
  };
  LinkRecord& link = evidence.link;
  for (double* value : {&link.copy_s, &link.idle_s, &link.exposed_s, &link.decode_s, &link.unpack_s,
                        &link.kernel_s}) {
    keep(*value, 0);
  }
  for (double* value : {&evidence.window_s, &evidence.wait_s, &evidence.cores, &evidence.cpu_s,
                        &evidence.batch_latency_p50_s, &evidence.batch_latency_p999_s,
                        &evidence.reads.in_flight_mean, &evidence.reads.latency_mean_s}) {
    keep(*value, 0);
  }
  for (DiskRecord& disk : evidence.reads.disks) {
    for (double* value : {&disk.latency_mean_s, &disk.in_flight_mean, &disk.busy_s}) {
      keep(*value, 0);
    }
  }
  for (StageRecord& stage : evidence.stages) {
    keep(stage.busy_s, 0);
    keep(stage.input_fill, -1);
    keep(stage.output_fill, -1);
  }
  return evidence;
}

double wait_share_of(const Evidence& evidence) {
  return std::min(1.0, ratio(evidence.wait_s, evidence.window_s));
}

bool too_brief(const Evidence& evidence) {
  return evidence.steps < k_least_steps || evidence.window_s < k_least_window_s;
}

// What few steps show is worth reading, but is no verdict yet.
Verdict so_far(const Evidence& evidence, Verdict verdict) {
  verdict.kind = VerdictKind::too_brief;
  verdict.advice = {"Run longer: more epochs, or a smaller batch."};
  std::string brief = fmt::format(
      "Too brief to judge: {} step{} in {:.3g} s after warm-up; {} steps and {:.1f} s are needed.",
      evidence.steps, evidence.steps == 1 ? "" : "s", std::max(0.0, evidence.window_s),
      k_least_steps, k_least_window_s);
  if (evidence.steps > 0) brief += " So far: " + verdict.sentence;
  verdict.sentence = std::move(brief);
  return verdict;
}

}  // namespace

const char* name_of(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::fed:
      return "fed";
    case VerdictKind::short_of:
      return "short";
    case VerdictKind::unsure:
      return "unsure";
    case VerdictKind::too_brief:
      return "too_brief";
  }
  return "unknown";
}

Verdict judge(const Evidence& measured) {
  const Evidence evidence = finite(measured);
  Case facts{evidence, supplies_of(evidence), nullptr, nullptr};
  facts.tightest = tightest_of(facts.supplies);
  facts.suspect = queue_suspect_of(facts.supplies);
  Verdict verdict{.wait_share = wait_share_of(evidence), .demand_per_s = demand_per_s(evidence)};
  if (verdict.wait_share < k_fed_wait_share) {
    judge_fed(facts, verdict);
  } else {
    judge_waiting(facts, verdict);
  }
  verdict.evidence = evidence_lines(evidence, facts.supplies, verdict);
  verdict.advice = advice_lines(evidence, facts.supplies, verdict);
  return too_brief(evidence) ? so_far(evidence, std::move(verdict)) : verdict;
}

}  // namespace headrace::observe
