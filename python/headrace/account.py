"""Stall accounting: who waited for whom, for our loader and for any other loop.

Thread safety: the trainer's thread.
"""
from __future__ import annotations

import gc
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from headrace._headrace import Loop, Stage, judge
from headrace.errors import Error

T = TypeVar("T")


@dataclass(frozen=True)
class Verdict:
    """What a window of a loop shows; docs/verdict.md says how it is drawn."""

    kind: str  #: "fed", "short", "unsure" or "too_brief"
    stage: str  #: the one that is short, or the tightest
    sentence: str
    wait_share: float
    demand_per_s: float  #: samples/s that the trainer would take; 0 = does no work of its own
    supply_per_s: float  #: of the tightest stage; 0 = not known
    headroom: float
    cpu_bound: bool
    evidence: list[str]
    advice: list[str]
    steps: int
    samples: int
    window_s: float
    wait_s: float
    link: dict[str, Any] = field(default_factory=dict)  #: copies to a device, by its own events

    def __str__(self) -> str:
        lines = [self.sentence, *("  " + line for line in self.evidence),
                 *("  try: " + line for line in self.advice)]
        return "\n".join(lines)


class Stopwatch:
    """A function in the loop that is counted and timed."""

    def __init__(self, name: str, function: Callable[[Any], Any]) -> None:
        self.name, self.function, self.busy_s, self.items = name, function, 0.0, 0

    def run(self, batch: Any) -> Any:
        begin = time.perf_counter()
        self.items += rows_of(batch)
        made = self.function(batch)
        self.busy_s += time.perf_counter() - begin
        return made

    def stage(self) -> Stage:
        return Stage(self.name, self.busy_s, self.items)

    def reset(self) -> None:
        self.busy_s, self.items = 0.0, 0


def rows_of(batch: Any) -> int:
    """Samples in a batch of any shape that loaders give; 1 where that cannot be told."""
    if isinstance(batch, Mapping):
        return rows_of(next(iter(batch.values()))) if batch else 0
    if isinstance(batch, (list, tuple)) and batch and not isinstance(batch[0], (int, float, str)):
        return rows_of(batch[0])
    shape = getattr(batch, "shape", None)
    if shape is not None:
        return int(shape[0]) if len(shape) else 1
    return len(batch) if isinstance(batch, Sized) and not isinstance(batch, (str, bytes)) else 1


class Wrapped(Generic[T]):
    """Somebody's loader, with the time in its next() counted. All else is the loader's own."""

    def __init__(self, loader: Iterable[T], clock: Callable[[], float] = time.perf_counter) -> None:
        self._loader, self._clock = loader, clock
        self.reset()

    def reset(self) -> None:
        """Forgets what was counted: call it after the warm-up."""
        self._begin: float | None = None
        self._last = self._wait_s = 0.0
        self._steps = self._samples = 0

    def __iter__(self) -> Iterator[T]:
        source = iter(self._loader)
        while True:
            begin = self._clock()
            if self._begin is None:
                self._begin = begin
            try:
                batch = next(source)
            except StopIteration:
                return
            self._last = self._clock()
            self._wait_s += self._last - begin
            self._steps += 1
            self._samples += rows_of(batch)
            yield batch
            del batch
            self._last = self._clock()

    def __len__(self) -> int:
        return len(self._loader)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        if name == "_loader":  # not yet there while it is unpickled
            raise AttributeError(name)
        return getattr(self._loader, name)

    def verdict(self) -> Verdict:
        """Fed, or short of the loader: what it supplied is its capacity while it was waited for."""
        window_s = self._last - self._begin if self._begin is not None else 0.0
        stages = []
        if window_s > 0 and self._wait_s > 0.01 * window_s:
            stages.append(Stage("loader", window_s, self._samples))
        loop = Loop(window_s, self._wait_s, self._steps, self._samples)
        verdict = Verdict(**judge(loop, stages))
        return _of_somebodys(self._loader, verdict) if verdict.kind == "short" else verdict

    def __repr__(self) -> str:
        return f"<headrace.wrap of {type(self._loader).__name__}: {self.verdict().sentence}>"


def _of_somebodys(loader: object, verdict: Verdict) -> Verdict:
    """The verdict in the terms of a loader that is not ours: its workers, not our threads."""
    workers = getattr(loader, "num_workers", None)
    where = {None: "", 0: " in the trainer's own process"}.get(workers, f" with {workers} workers")
    evidence = [*verdict.evidence[:1],
                f"loader: made {verdict.supply_per_s:,.0f} samples/s{where} while waited for."]
    cores = len(os.sched_getaffinity(0))
    if workers is None:
        advice = ["Let it make batches ahead, in more threads or processes."]
    else:
        wanted = math.ceil(1.2 * max(workers, 1) * verdict.demand_per_s / verdict.supply_per_s)
        advice = [f"Set num_workers={wanted} (now {workers})." if wanted <= cores else
                  f"num_workers={wanted} would do (now {workers}), but there are {cores} cores: "
                  "make each sample cheaper."]
    advice.append("Compare with hr.Loader on the same files: headrace pack, loader.isolate().")
    return replace(verdict, evidence=evidence, advice=advice)


def wrap(loader: Iterable[T]) -> Wrapped[T]:
    """Any DataLoader or iterable, with stall accounting: `.verdict()` after (or within) a loop."""
    return Wrapped(loader)


@dataclass(frozen=True)
class Isolation:
    """Each part of a training loop alone, in samples a second; 0 = not asked for."""

    loader_per_s: float
    copy_per_s: float  #: the loader with copies
    step_per_s: float  #: the step on one batch that is there already
    batches: int
    samples: int

    @property
    def verdict(self) -> str:
        loader = self.copy_per_s or self.loader_per_s
        if self.step_per_s == 0:
            return (f"The loader alone gives {self.loader_per_s:,.0f} samples/s; give step= to "
                    "learn what the trainer takes.")
        if loader < self.step_per_s:
            copied = self.copy_per_s and self.copy_per_s < 0.9 * self.loader_per_s
            what = "the copies" if copied else "the loader"
            return (f"Short of {what}: {loader:,.0f} samples/s where the step takes "
                    f"{self.step_per_s:,.0f}; the trainer waits at least "
                    f"{100 * (1 - loader / self.step_per_s):.0f} % of the time.")
        return (f"The step is the limit: it takes {self.step_per_s:,.0f} samples/s of "
                f"{loader:,.0f}; head-room {100 * (loader / self.step_per_s - 1):.0f} %.")

    def __str__(self) -> str:
        parts = {"loader alone": self.loader_per_s, "loader with copies": self.copy_per_s,
                 "step alone": self.step_per_s}
        lines = [f"  {name}: {per_s:,.0f} samples/s" for name, per_s in parts.items() if per_s]
        return "\n".join([self.verdict, *lines, f"  {self.batches} batches of each were timed."])


def isolate(loader: Iterable[Any], batches: int, step: Callable[[Any], object] | None,
            copy: Callable[[Any], Any] | None) -> Isolation:
    """`batches` of each: the loader alone, with copies, and the step without data."""
    if batches < 1:
        raise Error(f"cannot time {batches} batches")
    endless = _endless(loader)
    kept = next(endless)  # the first fills the queues and is not timed
    sample_count, loader_s = _time(endless, batches, None)
    copy_per_s = 0.0
    if copy is not None:
        copied_count, copy_s = _time(endless, batches, copy)
        copy_per_s = copied_count / copy_s
        kept = copy(kept)
    step_per_s = 0.0
    if step is not None:
        rows = rows_of(kept)
        step(kept)
        begin = _now_s()
        for _ in range(batches):
            step(kept)
        step_per_s = batches * rows / (_now_s() - begin)
    return Isolation(sample_count / loader_s, copy_per_s, step_per_s, batches, sample_count)


def _endless(loader: Iterable[Any]) -> Iterator[Any]:
    while True:
        empty = True
        for batch in loader:
            empty = False
            yield batch
            del batch
        if empty:
            raise Error("cannot time a loader that gives no batch")


def _time(batches: Iterator[Any], count: int,
          copy: Callable[[Any], Any] | None) -> tuple[int, float]:
    samples = 0
    begin = _now_s()
    for _ in range(count):
        batch = next(batches)
        samples += rows_of(batch)
        if copy is not None:
            copy(batch)
        del batch
    return samples, _now_s() - begin


def _now_s() -> float:
    """When all is done that was begun: a GPU takes its work without waiting for it."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return time.perf_counter()


def collect_and_retry(error: Error, again: Callable[[], T]) -> T:
    """Batches that only a reference cycle holds come back by a collection."""
    if error.code != "no_space" or gc.collect() == 0:
        raise error
    return again()
