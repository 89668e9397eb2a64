"""Loader: batches of one data set, epoch after epoch, as dicts of tensors.

Thread safety: one thread at a time takes batches. A batch's memory lives until its tensors die.
Place and state: `place` is (epoch, samples of the epoch that all ranks have consumed), counted
after the last batch that was yielded, whatever is read ahead.
"""
from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Union

from headrace import job as jobs
from headrace._headrace import Framework, Source
from headrace.account import Isolation, Stopwatch, Verdict, collect_and_retry, isolate
from headrace.errors import Error
from headrace.fields import Field
from headrace.ranks import Ranks, ranks

if TYPE_CHECKING:
    from typing_extensions import Self

Path = Union[str, "os.PathLike[str]"]
Batch = dict[str, Any]  #: a tensor a field: torch's where torch is installed, else NumPy's


class Loader:
    """Re-iterable: each `for` is one epoch of this rank, reshuffled; `break` ends it early."""

    def __init__(self, path: Path | Sequence[Path] | Mapping[str, float], *, batch: int,
                 seed: int = 0, fields: Mapping[str, Field] | str | None = None,
                 shuffle: str | None = None, window: int | None = None, last: str | None = None,
                 rank: int | None = None, world_size: int | None = None, partition: str = "rank",
                 tensors: str = "auto", device: object = None, ids: str = "", hold: int = 2,
                 workers: int | None = None, prefetch: int | None = None, engine: str | None = None,
                 depth: int | None = None, read_ahead: int | str | None = None,
                 cache: str | None = None, sequence: int | None = None, samples: int | None = None,
                 on_error: str | None = None, max_skipped: int | None = None,
                 verify_checksums: bool | None = None) -> None:
        """docs/python.md says what each means; those that headrace.toml has too are its keys."""
        where = _where(rank, world_size, partition)
        blend = path if isinstance(path, Mapping) else None
        tables: dict[str, jobs.Table] = {
            "dataset": {"path": None if isinstance(path, Mapping) else _paths(path),
                        "cache": cache, "sequence": sequence, **where.dataset},
            "order": {"shuffle": shuffle, "seed": seed, "window": window, "samples": samples},
            "batch": {"size": batch, "last": last or where.last, **where.batch},
            "loader": {"workers": workers, "prefetch": prefetch, "hold": hold, "engine": engine,
                       "depth": depth, "read_ahead": read_ahead, "on_error": on_error,
                       "max_skipped": max_skipped, "verify_checksums": verify_checksums},
            "device": {"name": _cuda_name(device)}}
        self._open("", "the arguments", jobs.write(tables, fields, blend), tensors, device, ids)

    @classmethod
    def from_job(cls, path: str | os.PathLike[str], *, rank: int | None = None,
                 world_size: int | None = None, partition: str = "rank", tensors: str = "auto",
                 device: object = None, ids: str = "", hold: int = 2) -> Self:
        """The job that headrace.toml describes; its rank and epochs are left to the trainer."""
        name = os.fspath(path)
        try:
            with open(name, encoding="utf-8") as file:
                text = file.read()
        except OSError as cause:
            raise Error(f"cannot read job {name}: {cause.strerror}", "not_found", name) from cause
        where = _where(rank, world_size, partition)
        tables: dict[str, jobs.Table] = {"dataset": where.dataset, "batch": where.batch,
                                         "loader": {"hold": hold},
                                         "device": {"name": _cuda_name(device)}}
        made = cls.__new__(cls)
        made._open(text, name, jobs.write(tables, None), tensors, device, ids)
        return made

    def _open(self, *arguments: Any) -> None:
        text, name, changes, tensors, device, ids = self._arguments = arguments
        self._source = Source(text, name, changes)
        if ids and any(ids == field for field, _, _ in self._source.fields):
            raise Error(f'cannot put ids under "{ids}": a field has that name; hint: another name')
        self._tensors, self._device, self._ids = tensors, device, ids
        self._framework: Framework | None = None  # chosen at the first batch
        self._pending: tuple[int, int] | None = None  # where the next loop begins
        self._loop: _Loop | None = None
        self._on_device = True  # as the job says; not while the loader alone is timed
        by_torch = device is not None and _cuda_name(device) is None
        self._maps = [Stopwatch("copy", _ToDevice(device))] if by_torch else []
        self.sampler = _Sampler(self)

    # What a loop sees.

    def __iter__(self) -> Iterator[Batch]:
        place = self._pending
        if place is None:
            epoch, position = self.place
            place = (epoch + 1, 0) if position else (epoch, 0)
        if not self._source.running or self._source.place != place:
            self._source.start(*place, self._on_device)
        self._pending = None
        self._loop = _Loop(self, self._source.batch_count(place[1]))
        return self._loop

    def __len__(self) -> int:
        """Batches of a whole epoch on this rank."""
        return self._source.batch_count(0)

    def map(self, function: Callable[[Batch], Batch], *, per: str = "batch") -> Self:
        """Runs a Python function on each batch, or on each sample, in the trainer's thread; it is
        timed, and the verdict names it."""
        if per not in ("batch", "sample"):
            raise Error(f'cannot map per "{per}"; hint: per="batch" or per="sample"')
        whole = function if per == "batch" else _EachSample(function)
        self._maps.append(Stopwatch("map " + getattr(function, "__name__", "function"), whole))
        return self

    def close(self) -> None:
        """Ends the threads; the next loop starts them again. Batches stay good."""
        self._pending = self.place
        self._loop = None
        self._source.close()

    # Where a run stands.

    @property
    def place(self) -> tuple[int, int]:
        if self._pending is not None:
            return self._pending
        return self._source.place if self._source.running else (0, 0)

    @property
    def epoch(self) -> int:
        return self.place[0]

    def set_epoch(self, epoch: int) -> None:
        """The next loop is this epoch: from its beginning, or from where a state or skip() put it.
        Nothing is thrown away when that is where the loader stands anyway."""
        if epoch < 0:
            raise Error(f"there is no epoch {epoch}")
        stands_there = self.place[0] == epoch and (self._pending or self.place[1] == 0)
        if not stands_there:
            self._pending = (epoch, 0)

    def skip(self, batches: int) -> None:
        """Leaves out this many batches of each rank, in O(1)."""
        if batches < 0:
            raise Error(f"cannot skip {batches} batches")
        self._pending = self._source.skip(self.place, batches)
        self._loop = None

    def state_dict(self) -> dict[str, Any]:
        """After the last batch yielded: data set, plan, order, seed, epoch, samples consumed by all
        ranks. The same on every rank, and good for any number of them."""
        state: dict[str, Any] = json.loads(self._source.state_at(*self.place))
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The next loop goes on from there. Raises Error that names each difference when the state
        is of another data set, plan, order or seed."""
        self._pending = self._source.resume(json.dumps(dict(state)))
        self._loop = None

    # What it says of itself.

    def verdict(self) -> Verdict:
        """Who waited for whom since the loop began, and what to do about it."""
        wait_s = sum(watch.busy_s for watch in self._maps)
        return Verdict(**self._source.verdict([watch.stage() for watch in self._maps], wait_s))

    def isolate(self, batches: int = 100, *, step: Callable[[Batch], object] | None = None,
                copy: Callable[[Batch], Batch] | None = None) -> Isolation:
        """Times the loader alone, the loader with copies (to `device`, or as told), and the step
        without data, as people do by hand; the place is afterwards as before."""
        place, maps = self.place, self._maps
        if copy is None and maps and isinstance(maps[0].function, _ToDevice):
            copy = maps[0].function
        self._maps = [watch for watch in maps if not isinstance(watch.function, _ToDevice)]
        try:
            if self._source.device is None:
                return isolate(self, batches, step, copy)
            self._restart(on_device=False)
            alone = isolate(self, batches, None, None)
            self._restart(on_device=True)
            copied = isolate(self, batches, step, copy)
            return replace(copied, loader_per_s=alone.loader_per_s,
                           copy_per_s=copied.copy_per_s or copied.loader_per_s)
        finally:
            self._maps, self._on_device = maps, True
            self._pending = place
            self._loop = None

    def _restart(self, on_device: bool) -> None:
        self._on_device = on_device
        self.close()

    @property
    def job(self) -> str:
        """This job as headrace.toml."""
        return self._source.job

    @property
    def share(self) -> dict[str, int]:
        """Who reads what: this process's part of the data set."""
        return self._source.share

    @property
    def batch_size(self) -> int:
        return self._source.batch_size

    @property
    def skipped(self) -> int:
        """Samples left out so far with on_error="skip"."""
        return self._source.skipped_count

    def __repr__(self) -> str:
        epoch, position = self.place
        share = self._source.share
        return (f"<headrace.Loader: {share['samples']} samples, batch {self.batch_size}, rank "
                f"{share['rank']} of {share['world_size']}, epoch {epoch}, position {position}>")

    def __getstate__(self) -> dict[str, Any]:
        """For processes that are spawned: the job and the place, no threads."""
        return {"arguments": self._arguments, "state": self.state_dict(), "maps": self._maps}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._open(*state["arguments"])
        self._maps = state["maps"]
        self.load_state_dict(state["state"])

    def _choose_framework(self) -> Framework:
        wanted, there = self._tensors, self._source.device
        if wanted == "auto":
            without_torch = "numpy" if there is None else "dlpack"
            wanted = "torch" if importlib.util.find_spec("torch") else without_torch
        if wanted not in ("torch", "numpy", "dlpack"):
            raise Error(f'there are no tensors "{wanted}"; hint: "auto", "torch", "numpy" or '
                        '"dlpack"')
        if there is not None and wanted == "numpy":
            raise Error(f'NumPy has no arrays on {there}; hint: tensors="torch" or "dlpack"')
        if self._maps and isinstance(self._maps[0].function, _ToDevice) and wanted != "torch":
            raise Error(f"cannot copy to {self._device}: that takes torch; hint: pip install torch")
        if wanted != "dlpack":
            importlib.import_module(wanted)
        return getattr(Framework, wanted)  # type: ignore[no-any-return]


def _cuda_name(device: object) -> str | None:
    """What we copy to ourselves; to any other device torch copies."""
    name = str(device)
    return name if name == "cuda" or name.startswith("cuda:") else None


def _paths(path: Path | Sequence[Path]) -> str | list[str]:
    """One data set, or several that are one."""
    if isinstance(path, (str, os.PathLike)):
        return os.fspath(path)
    return [os.fspath(one) for one in path]


class _Loop:
    """One pass over what is left of an epoch."""

    __slots__ = ("_framework", "_left", "_loader", "_next")

    def __init__(self, loader: Loader, left: int) -> None:
        if loader._framework is None:
            loader._framework = loader._choose_framework()
        self._loader, self._left, self._framework = loader, left, loader._framework
        self._next = loader._source.next

    def __iter__(self) -> _Loop:
        return self

    def __next__(self) -> Batch:
        loader = self._loader
        if self._left == 0:
            raise StopIteration
        if loader._loop is not self:
            raise Error("this loop has ended: its loader began another one, was closed, or was "
                        "put elsewhere; hint: one loop at a time, or a loader each")
        try:
            batch = self._next(self._framework, loader._ids, self._stream())
        except Error as error:
            batch = collect_and_retry(
                error, lambda: self._next(self._framework, loader._ids, self._stream()))
        if batch is None:
            raise StopIteration
        self._left -= 1
        for watch in loader._maps:
            batch = watch.run(batch)
        return batch

    def _stream(self) -> int | None:
        """The stream that reads the batch, as far as it is known: torch's current one."""
        ordinal = self._loader._source.device_ordinal
        if ordinal is None or self._framework != Framework.torch:
            return None
        stream: int = sys.modules["torch"].cuda.current_stream(ordinal).cuda_stream
        return stream or 1  # the legacy default stream's handle

    def __length_hint__(self) -> int:
        return self._left


class _Sampler:
    """What trainers look for: `loader.sampler.set_epoch(epoch)`."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def set_epoch(self, epoch: int) -> None:
        self._loader.set_epoch(epoch)

    def __len__(self) -> int:
        return self._loader.share["rows_an_epoch"]


class _EachSample:
    def __init__(self, function: Callable[[Batch], Batch]) -> None:
        self._function = function

    def __call__(self, batch: Batch) -> Batch:
        count = len(next(iter(batch.values())))
        rows = [self._function({name: tensor[row] for name, tensor in batch.items()})
                for row in range(count)]
        return {name: _stack([row[name] for row in rows]) for name in rows[0]}


def _stack(rows: list[Any]) -> Any:
    if type(rows[0]).__module__ == "torch":
        return importlib.import_module("torch").stack(rows)
    return importlib.import_module("numpy").stack(rows)


class _ToDevice:
    def __init__(self, device: object) -> None:
        self._device = device

    def __call__(self, batch: Batch) -> Batch:
        return {name: tensor.to(self._device, non_blocking=True) for name, tensor in batch.items()}


class _Where:
    """The part of the data set that is this process's, as keys of a job."""

    def __init__(self, here: Ranks, part: int = 0, parts: int = 1) -> None:
        self.dataset: dict[str, Any] = {"part": part, "parts": parts} if parts > 1 else {}
        self.batch: dict[str, Any] = {"rank": here.rank, "world_size": here.world_size}
        # Ranks that have a batch less than others would hang a collective: on many, the rest that
        # does not fill a batch everywhere is left out unless asked otherwise.
        self.last = None if here.world_size * parts == 1 else "drop"


def _where(rank: int | None, world_size: int | None, partition: str) -> _Where:
    here = ranks()
    if (rank is None) != (world_size is None):
        raise Error("cannot place this process: of rank and world_size only one is given; hint: "
                    "give both, or neither under torchrun, Slurm or MPI")
    if rank is not None and world_size is not None:
        here = Ranks(rank, world_size)
    if partition == "rank":
        return _Where(here)
    if partition == "replicate":
        return _Where(Ranks())
    if partition == "node" and rank is None:
        return _Where(Ranks(here.local_rank, here.local_world_size), here.node, here.node_count)
    if partition == "node":
        raise Error("cannot place this process on its node: only rank and world_size are given; "
                    "hint: neither under torchrun, Slurm or MPI")
    raise Error(f'there is no partition "{partition}"; hint: "rank", "node" or "replicate"')
