"""
The C++ library as the headrace package uses it; not a public interface.
"""

from collections.abc import Sequence
import enum
from typing import Any


version: str = '0.1.0'

class Framework(enum.Enum):
    """Whose tensors a batch holds."""

    numpy = 0

    torch = 1

    dlpack = 2

class Source:
    """One opened job and the loader that runs from a place on."""

    def __init__(self, text: str, name: str, changes: str) -> None: ...

    def start(self, epoch: int, position: int, on_device: bool) -> None: ...

    def close(self) -> None: ...

    def next(self, framework: Framework, ids_name: str, stream: int | None) -> dict[str, object] | None: ...

    def mark(self) -> None: ...

    def verdict(self, stages: Sequence[Stage], more_wait_s: float) -> dict[str, Any]: ...

    def batch_count(self, position: int) -> int: ...

    def skip(self, place: tuple[int, int], count: int) -> tuple[int, int]: ...

    def resume(self, state: str) -> tuple[int, int]: ...

    def state_at(self, epoch: int, position: int) -> str: ...

    @property
    def place(self) -> tuple[int, int]: ...

    @property
    def running(self) -> bool: ...

    @property
    def device(self) -> str | None: ...

    @property
    def device_ordinal(self) -> int | None: ...

    @property
    def device_shares(self) -> dict[str, float]: ...

    @property
    def why_not_on_device(self) -> str: ...

    def end_trace(self) -> None: ...

    @property
    def fields(self) -> list[tuple[str, str, list[int]]]: ...

    @property
    def job(self) -> str: ...

    @property
    def batch_size(self) -> int: ...

    @property
    def share(self) -> dict[str, int]: ...

    @property
    def memory_bytes(self) -> int: ...

    @property
    def skipped_count(self) -> int: ...

class DeviceTensor:
    """A tensor in a CUDA device's memory."""

    def __dlpack__(self, *, stream: int | None = None, max_version: tuple[int, int] | None = None, dl_device: tuple[int, int] | None = None, copy: bool | None = None) -> object: ...

    def __dlpack_device__(self) -> tuple[int, int]: ...

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> str: ...

class Stage:
    """One thread's work in a window."""

    def __init__(self, name: str, busy_s: float, items: int) -> None: ...

class Loop:
    """What a trainer's loop did in a window."""

    def __init__(self, window_s: float, wait_s: float, steps: int, samples: int) -> None: ...

def judge(loop: Loop, stages: Sequence[Stage]) -> dict[str, Any]:
    """The verdict on a loop."""

def run_command(arguments: Sequence[str]) -> int:
    """Runs the command with these words, its own name first."""
