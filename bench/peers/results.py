"""Rounds of samples to medians, ratios within rounds, and the tables of RESULTS.md.

Pure functions: rounds are a list of {contender name: Sample}. A ratio is taken within the rounds
that both took part in, so it never compares different moments.
"""
import dataclasses
import math
import statistics

from contenders import CONTENDERS, DECODE, LOOP, OURS, PEER
from measure import Sample

MEAN_SLACK = 0.25  # of a color's mean over a batch of normalized values
BY_NAME = {contender.name: contender for contender in CONTENDERS}


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    rate: float             # images a second: median
    spread: float           # (max - min) / median
    cpu_ms: float           # CPU seconds a thousand images, median
    cpu_ms_spread: float
    first_batch_s: float
    rss_bytes: int
    pss_bytes: int
    rounds: int

    @property
    def contender(self):
        return BY_NAME[self.name]


def rows_of(rounds):
    """A row for each contender that took part, in the contenders' order."""
    samples = {name: [each[name] for each in rounds if name in each] for name in BY_NAME}
    return [row_of(name, of_name) for name, of_name in samples.items() if of_name]


def row_of(name, samples):
    rates, costs = [each.rate for each in samples], [each.cpu_ms for each in samples]
    return Row(name, rate=statistics.median(rates), spread=spread(rates),
               cpu_ms=statistics.median(costs), cpu_ms_spread=spread(costs),
               first_batch_s=statistics.median(each.first_batch_s for each in samples),
               rss_bytes=statistics.median(each.rss_bytes for each in samples),
               pss_bytes=statistics.median(each.pss_bytes for each in samples),
               rounds=len(samples))


def spread(values):
    return (max(values) - min(values)) / statistics.median(values)


def ratio(rounds, figure, one, other):
    """The median of the rounds' own ratios; not a number where they never met."""
    shared = [samples for samples in rounds if one in samples and other in samples]
    if not shared:
        return float("nan")
    return statistics.median(getattr(samples[one], figure) / getattr(samples[other], figure)
                             for samples in shared)


def best(rows, figure, least=False, **wanted):
    """The row with the best figure among contenders whose attributes are as wanted, or None."""
    fit = [row for row in rows if row.contender.like_for_like
           and all(getattr(row.contender, key) == value for key, value in wanted.items())]
    return (min if least else max)(fit, key=lambda row: getattr(row, figure), default=None)


def goals(rounds, rows):
    """(what is compared, what was reached, what is wished, whether it was): lines of RESULTS.md."""
    ours, folder = best(rows, "rate", kind=OURS, data="packed"), best(rows, "rate", kind=OURS,
                                                                      data="folder")
    peer, loop = best(rows, "rate", kind=PEER), best(rows, "rate", kind=LOOP)
    thrifty = best(rows, "cpu_ms", least=True, kind=PEER)
    plain_peer = best(rows, "rate", kind=PEER, data="folder")
    wishes = (("rate", ours, peer, ">=", 4), ("rate", ours, loop, ">=", 3),
              ("cpu_ms", ours, thrifty, "<=", 0.3), ("rate", folder, plain_peer, ">=", 1.5))
    for figure, one, other, sign, wish in wishes:
        if one and other:
            reached = ratio(rounds, figure, one.name, other.name)
            yield (f"{WORDS[figure]}: {one.contender.title} / {other.contender.title}",
                   f"{reached:.2f}", f"{sign} {wish}",
                   reached >= wish if sign == ">=" else reached <= wish)
    for figure in ("rss_bytes", "first_batch_s"):
        others = best([row for row in rows if row.contender.kind in (PEER, LOOP)], figure, True)
        if ours and others:
            reached = ratio(rounds, figure, ours.name, others.name)
            yield (f"{WORDS[figure]}: {ours.contender.title} / {others.contender.title}",
                   f"{reached:.2f}", "< 1", reached < 1)


WORDS = {"rate": "images/s", "cpu_ms": "CPU time an image", "rss_bytes": "peak memory",
         "first_batch_s": "time to the first batch"}


def table(rows):
    """Rows as Markdown, the quickest first."""
    lines = ["| | reads | resize | images/s | spread | rounds | CPU s / 1,000 images |"
             " first batch s | peak RSS MB | PSS MB |", "|---|---|---|---|---|---|---|---|---|---|"]
    for row in sorted(rows, key=lambda each: -each.rate):
        title = row.contender.title
        lines.append(
            f"| {f'**{title}**' if row.contender.kind == OURS else title} | {row.contender.data} |"
            f" {row.contender.resize} | {row.rate:,.0f} | {row.spread:.0%} | {row.rounds} |"
            f" {row.cpu_ms:.3f} | {row.first_batch_s:.2f} | {row.rss_bytes / 1e6:,.0f} |"
            f" {row.pss_bytes / 1e6:,.0f} |")
    return "\n".join(lines)


def json_form(machine, settings, rounds, rows):
    """The project's one form for benchmarks, with every round's samples beside the rows."""
    base = best(rows, "rate", kind=PEER) or (rows[0] if rows else None)
    return {"bench": "peers", "machine": machine, "settings": settings,
            "rows": [{"name": row.name, "value": row.rate, "unit": "images/s",
                      "spread": row.spread, "rounds": row.rounds,
                      "cpu_us_an_item": row.cpu_ms * 1e3,
                      "first_batch_s": row.first_batch_s, "rss_bytes": row.rss_bytes,
                      "pss_bytes": row.pss_bytes,
                      "ratio": {"of": base.name,
                                "value": number(ratio(rounds, "rate", row.name, base.name))}}
                     for row in rows],
            "samples": [{name: dataclasses.asdict(sample) for name, sample in samples.items()}
                        for samples in rounds]}


def number(value):
    return None if math.isnan(value) else value


def rounds_of(document):
    """What json_form() was made of: so a run goes on where another ended."""
    return [{name: Sample(**sample) for name, sample in samples.items()}
            for samples in document["samples"]]


def check_looks(samples, batch):
    """Whether each first batch is what all were asked for; yields (name, what is wrong)."""
    reference = next((samples[name].look["mean"] for name in samples
                      if BY_NAME[name].kind == OURS), None)
    for name, sample in samples.items():
        contender = BY_NAME[name]
        if contender.kind == DECODE or not contender.like_for_like:
            continue
        if sample.look["shape"] != [batch, 3, 224, 224] or sample.look["type"] != "float32":
            yield name, f"{sample.look['type']} of {sample.look['shape']}"
        elif reference and any(abs(mine - its) > MEAN_SLACK
                               for mine, its in zip(reference, sample.look["mean"])):
            yield name, f"means {sample.look['mean']}, where Headrace has {reference}"
