// Read, probe, read again, judge.
#include "headrace/doctor/examine.h"

#include <algorithm>

#include "headrace/base/error.h"
#include "headrace/base/nearest.h"

namespace headrace::doctor {
namespace {

// What one check read of one subject.
struct Look {
  const Check* check = nullptr;
  std::string subject = {};
  Reading before = {};
  Reading loaded = {};
};

void refuse_unknown(const std::vector<std::string>& only) {
  for (const std::string& choice : only) {
    const auto known = [&](const Check* check) { return chooses(choice, check->id); };
    const auto checks = all_checks();
    if (choice == "probe" || std::ranges::any_of(checks, known)) continue;
    std::vector<std::string_view> ids;
    for (const Check* check : checks) ids.push_back(check->id);
    const std::string meant = nearest(choice, ids);
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot choose the check",
                 .object = choice,
                 .cause = "there is no such check",
                 .hint = meant.empty() ? "headrace doctor --list shows all"
                                       : "did you mean " + meant + "?"});
  }
}

bool is_chosen(const std::vector<std::string>& only, std::string_view id) {
  return only.empty() ||
         std::ranges::any_of(only, [&](const std::string& one) { return chooses(one, id); });
}

std::vector<Look> first_looks(const Host& host, const Situation& situation,
                              const std::vector<std::string>& only,
                              std::vector<std::string>& absent) {
  std::vector<Look> looks;
  for (const Check* check : all_checks()) {
    if (!is_chosen(only, check->id)) continue;
    const Subjects subjects = check->subjects(host, situation);
    if (subjects.empty()) absent.emplace_back(check->id);
    for (const std::string& subject : subjects) {
      looks.push_back(
          {.check = check, .subject = subject, .before = check->read(host, situation, subject)});
    }
  }
  return looks;
}

Finding finding_of(const Look& look, const Judgment& judgment, Level level) {
  const auto either = [](const std::string& own, std::string_view general) {
    return own.empty() ? std::string(general) : own;
  };
  const Check& check = *look.check;
  return {.id = std::string(check.id),
          .level = level,
          .value = look.subject.empty() ? judgment.value : look.subject + " " + judgment.value,
          .want = either(judgment.want, check.want),
          .why = either(judgment.why, check.why),
          .fix = either(judgment.fix, check.fix),
          .commands = judgment.commands};
}

// Into the findings: a line of its own, or into the line that the check has already.
void merge(std::vector<Finding>& findings, Finding finding) {
  if (findings.empty() || findings.back().id != finding.id) {
    findings.push_back(std::move(finding));
    return;
  }
  Finding& last = findings.back();
  if (finding.level < last.level) return;
  if (finding.level > last.level) {
    last = std::move(finding);
    return;
  }
  last.value += "; " + finding.value;
  last.commands.insert(last.commands.end(), finding.commands.begin(), finding.commands.end());
}

void judge(Examination& examination, const std::vector<Look>& looks, bool under_load) {
  for (const Look& look : looks) {
    const Judgment judgment = look.check->judge({.situation = examination.situation,
                                                 .subject = look.subject,
                                                 .before = look.before,
                                                 .loaded = look.loaded,
                                                 .under_load = under_load});
    merge(examination.findings,
          finding_of(look, judgment, grade(judgment.weight, examination.standing)));
  }
}

// The probe's own line.
Finding probe_finding(const Examination& examination) {
  const Probe& probe = *examination.situation.probe;
  const double expected = examination.expectation.bytes_per_s;
  Finding finding{
      .id = "probe",
      .value = fmt::format("{:.2f} GB/s", probe.bytes_per_s() / 1e9),
      .want = expected > 0 ? fmt::format("at least {:.2f} GB/s", expected / 1e9) : "no expectation",
      .why = examination.expectation.reason,
      .fix =
          "look at the lines below this one; headrace bench io shows where it is "
          "lost"};
  if (!probe.failure.empty()) {
    finding.level = Level::fail;
    finding.value = probe.failure;
    finding.want = "reads that succeed";
    finding.why = "training would end there";
    finding.fix =
        "the disk's or the server's log says more (dmesg); headrace verify finds the rest";
  } else if (examination.standing == Standing::below) {
    finding.level = Level::fail;
  } else if (examination.standing == Standing::unknown) {
    finding.level = Level::note;
    finding.fix = "--expect RATE tells what was promised";
    if (!probe.from_storage()) {
      finding.want = "bytes from storage";
      finding.why = "the page cache gave most of them, which says nothing about the storage";
      finding.fix = "--cache direct reads past it";
    }
  }
  return finding;
}

void probe(Examination& examination, const Host& host, const ExamineOptions& options,
           std::vector<Look>& looks) {
  ProbeOptions probing = options.probing;
  probing.under_load = [&] {
    for (Look& look : looks) {
      look.loaded = look.check->read(host, examination.situation, look.subject);
    }
  };
  examination.situation.probe = run_probe(examination.situation.sample, probing);
}

}  // namespace

Level Examination::level() const {
  Level worst = Level::ok;
  for (const Finding& finding : findings) worst = std::max(worst, finding.level);
  return worst;
}

Examination examine(const Host& host, Situation situation, const ExamineOptions& options) {
  refuse_unknown(options.only);
  Examination examination{.situation = std::move(situation)};
  auto looks = first_looks(host, examination.situation, options.only, examination.absent);
  for (Look& look : looks) look.loaded = look.before;
  examination.expectation =
      options.expected_bytes_per_s > 0
          ? Expectation{.bytes_per_s = options.expected_bytes_per_s, .reason = "what --expect says"}
          : expectation_of(host, examination.situation.path);
  if (options.probe) probe(examination, host, options, looks);
  examination.standing = standing_of(examination.situation.probe, examination.expectation);
  if (examination.situation.probe && is_chosen(options.only, "probe")) {
    examination.findings.push_back(probe_finding(examination));
  }
  judge(examination, looks, examination.situation.probe && examination.situation.probe->under_load);
  std::ranges::stable_sort(examination.findings, std::ranges::greater{}, &Finding::level);
  return examination;
}

bool chooses(std::string_view choice, std::string_view id) {
  return choice == id || (id.starts_with(choice) && id[choice.size()] == '.');
}

}  // namespace headrace::doctor
