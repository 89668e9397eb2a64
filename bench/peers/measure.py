"""Starts one contender, reads its lines, and measures it from outside: time to the first batch,
CPU time and memory of all its processes.

1. A contender is ended with its whole process group, whatever happens.
2. CPU time is user + system of every process of the tree, those that ended in between included.
3. A contender that fails or is silent too long is a Failure with its last words, never a number.
"""
import dataclasses
import json
import os
import signal
import subprocess
import threading
import time

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
SILENCE_S = 90.0  # a contender that has not come to its next line by then is ended
LAST_WORDS_BYTES = 2000


class Failure(Exception):
    pass


@dataclasses.dataclass(frozen=True)
class Sample:
    """One run of one contender."""
    images: int
    wall_s: float
    cpu_s: float
    first_batch_s: float  # from the start of its process
    rss_bytes: int        # each process's peak, summed: pages that they share count in each
    pss_bytes: int        # at the window's end: a shared page counts once
    look: dict            # of the first batch: shape, type, mean of each color
    waits_ms: list        # for each batch

    @property
    def rate(self):
        return self.images / self.wall_s

    @property
    def cpu_ms(self):
        """CPU milliseconds an image, which is CPU seconds a thousand images."""
        return 1e3 * self.cpu_s / self.images


def run(command, cores, log, silence_s=SILENCE_S):
    """One window of `command`, held to these cores; its errors go to the file `log`."""
    begin_s = time.monotonic()
    with open(log, "wb") as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
            start_new_session=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    try:
        return _follow(_Lines(process, silence_s), process.pid, begin_s)
    except Failure as failure:
        raise Failure(f"{failure}; {last_words(log)}") from None
    finally:
        end(process)


def _follow(lines, pid, begin_s):
    lines.expect("first")
    first_batch_s = time.monotonic() - begin_s
    look = lines.figures()
    lines.expect("begin")
    cpu_s = cpu_seconds(tree(pid))
    lines.expect("end")
    cpu_s = cpu_seconds(tree(pid)) - cpu_s
    window = lines.figures()
    rss_bytes, pss_bytes = memory_bytes(tree(pid))
    return Sample(images=window["images"], wall_s=window["wall_s"], cpu_s=cpu_s,
                  first_batch_s=first_batch_s, rss_bytes=rss_bytes, pss_bytes=pss_bytes,
                  look=look, waits_ms=window["waits_ms"])


class _Lines:
    """What the contender prints; anything that is not of the protocol is passed over."""

    def __init__(self, process, silence_s):
        self.process, self.silence_s = process, silence_s

    def expect(self, word):
        for line in self._lines():
            if line.strip() == word:
                return
        raise Failure(f"it ended, or was ended after {self.silence_s:.0f} s, before '{word}'")

    def figures(self):
        for line in self._lines():
            if line.startswith("{"):
                return json.loads(line)
        raise Failure("it ended before its figures")

    def _lines(self):
        timer = threading.Timer(self.silence_s, _kill, [self.process])
        timer.start()
        try:
            while line := self.process.stdout.readline():
                yield line
        finally:
            timer.cancel()


def end(process):
    """Kills it and waits until none of its processes is left to take time from the next one."""
    while any(stat[0] != "Z" for _, stat in group(process.pid)):
        _kill(process)
        time.sleep(0.01)
    process.stdin.close()
    process.stdout.close()
    process.wait()


def _kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def last_words(log):
    with open(log, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LAST_WORDS_BYTES))
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    said = f"its last line: {lines[-1].strip()}" if lines else "it said nothing"
    return f"{said} ({log})"


def group(pid):
    return [(each, stat) for each, stat in all_stats().items() if int(stat[2]) == pid]


def all_stats():
    """The fields of each process's stat, by pid."""
    stats = {int(name): read_stat(name) for name in os.listdir("/proc") if name.isdigit()}
    return {pid: stat for pid, stat in stats.items() if stat}


def tree(pid):
    """The process and all that descend from it, as (pid, fields of its stat)."""
    stats = all_stats()
    found = [pid] if pid in stats else []
    for parent in found:  # grows while it is walked
        found += [child for child, stat in stats.items() if int(stat[1]) == parent]
    return [(each, stats[each]) for each in found]


def read_stat(pid):
    """/proc/PID/stat from the state on; the name before it may hold spaces and brackets."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None  # it ended in between


def cpu_seconds(processes):
    return sum(int(ticks) for _, stat in processes for ticks in stat[11:15]) * TICK_S


def memory_bytes(processes):
    """The sum of the peaks of resident memory, and of proportional memory now."""
    return (sum(field_kib(f"/proc/{pid}/status", "VmHWM") for pid, _ in processes) << 10,
            sum(field_kib(f"/proc/{pid}/smaps_rollup", "Pss") for pid, _ in processes) << 10)


def field_kib(path, name):
    try:
        with open(path) as file:
            return next(int(line.split()[1]) for line in file if line.startswith(f"{name}:"))
    except (FileNotFoundError, ProcessLookupError, StopIteration):
        return 0
