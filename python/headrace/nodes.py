"""torchdata.nodes: a Loader as the source of a graph. `reset(state)` goes on exactly from there.

    from headrace.nodes import Batches
    node = tn.Loader(Batches(hr.Loader("packed", ...)))
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torchdata.nodes import BaseNode

from headrace.loader import Batch, Loader


class Batches(BaseNode[Batch]):  # type: ignore[misc, unused-ignore]
    """One epoch a reset; the state is the loader's."""

    def __init__(self, loader: Loader) -> None:
        super().__init__()
        self._loader = loader
        self._loop: Iterator[Batch] = iter(())

    def reset(self, initial_state: dict[str, Any] | None = None) -> None:
        super().reset(initial_state)
        if initial_state is not None:
            self._loader.load_state_dict(initial_state)
        self._loop = iter(self._loader)

    def next(self) -> Batch:
        return next(self._loop)

    def get_state(self) -> dict[str, Any]:
        return self._loader.state_dict()
