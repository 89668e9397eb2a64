"""Which part of the data is this process's: from torchrun, Slurm or MPI, or as told."""
from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from headrace.errors import Error


class Ranks(NamedTuple):
    """This process among all, and among those of its node."""

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0
    local_world_size: int = 1

    @property
    def node(self) -> int:
        return self.rank // self.local_world_size

    @property
    def node_count(self) -> int:
        return -(-self.world_size // self.local_world_size)


# Who started the processes: rank, world size, rank and size within the node.
_LAUNCHERS = {
    "torchrun": ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
    "Open MPI": ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
                 "OMPI_COMM_WORLD_LOCAL_SIZE"),
    "MPICH": ("PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"),
    # Of a step: a batch script that is run without srun has SLURM_NTASKS too, and is one process.
    "Slurm": ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID",
              "SLURM_STEP_TASKS_PER_NODE"),
}


def ranks(environment: Mapping[str, str] | None = None) -> Ranks:
    """What the launcher of this process says; one process of one where there is none."""
    environment = os.environ if environment is None else environment
    for launcher, names in _LAUNCHERS.items():
        if names[0] in environment and names[1] in environment:
            return _read(environment, launcher, names)
    return Ranks()


def _read(environment: Mapping[str, str], launcher: str, names: tuple[str, ...]) -> Ranks:
    try:
        rank, world_size = int(environment[names[0]]), int(environment[names[1]])
        local_rank = int(environment.get(names[2], rank))
        # Slurm writes "4(x2)", or "4,3" where nodes differ.
        local_size = int(re.split(r"[(,]", environment.get(names[3], str(world_size)))[0])
    except ValueError as cause:
        raise Error(f"cannot tell this process's rank: {launcher}'s variables are no numbers "
                    f"({cause}); hint: give rank= and world_size=",
                    hint="give rank= and world_size=") from cause
    if not (0 <= rank < world_size and 0 <= local_rank < local_size <= world_size):
        raise Error(f"cannot tell this process's rank: {launcher} says rank {rank} of {world_size},"
                    f" {local_rank} of {local_size} on this node; hint: give rank= and world_size=",
                    hint="give rank= and world_size=")
    return Ranks(rank, world_size, local_rank, local_size)
