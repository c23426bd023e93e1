"""The town from its files to a trained model, with what each stage costs."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import progress
from features.extracts.deliveries import Delivery
from features.town import write_town
from lamppost import jobs
from lamppost.demo import TODAY, shipped_place
from lamppost.opened import Open, open_place
from lamppost.settings import read_settings
from training.job import Trained, train


_SELF, _CHILDREN = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
_KB_IN_GB = 2**20


@dataclass
class Stages:
    """What was done, and what it cost.

    Attributes:
        figures: By stage: seconds, processor seconds and the most memory, in GB.
    """

    figures: dict[str, float | None] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Measure what is done inside, this process and its children together."""
        _forget_peak()
        wall, cpu = time.perf_counter(), _cpu_seconds()
        yield
        seconds, cpu_seconds = time.perf_counter() - wall, _cpu_seconds() - cpu
        peak = _peak_gb()
        self.figures[f"{name}_seconds"] = round(seconds, 1)
        self.figures[f"{name}_cpu_seconds"] = round(cpu_seconds, 1)
        self.figures[f"{name}_peak_gb"] = round(peak, 2)
        told = f"{seconds:.1f} s, {cpu_seconds:.1f} s of processor, {peak:.2f} GB"
        progress(f"{name}: {told}")


@dataclass(frozen=True)
class TownRun:
    """A town whose snapshot is built.

    Attributes:
        opened: Its place and stores.
        truth: The folder of what is true of it.
        stages: What it cost so far; training is added.
    """

    opened: Open
    truth: Path
    stages: Stages


def built_town(folder: Path, people: int, seed: int) -> TownRun:
    """Write a town into a folder, load and link its files, and build the snapshot."""
    stages = Stages()
    store = folder / "store"
    opened = open_place(read_settings(shipped_place("avonmere"), store))
    with stages.timed("write"):
        town = write_town(folder / "town", people=people, seed=seed)
    with stages.timed("load"):
        for each in town.extracts:
            delivery = Delivery(each.received, each.history, each.period)
            jobs.load(opened, each.source, each.path, delivery)
    with stages.timed("link"):
        jobs.link(opened, progress)
    with stages.timed("build"):
        jobs.build(opened, None, on=TODAY)
    return TownRun(opened, town.truth, stages)


def trained_town(town: TownRun) -> Trained:
    """Train on the town; imports and the registry's first creation are not counted."""
    opened = town.opened
    score, registry = opened.score(None), opened.registry()
    registry.prepare(score.name)
    with town.stages.timed("train"):
        return train(opened.warehouse, opened.place, score, registry, on=TODAY)


def _cpu_seconds() -> float:
    used = (resource.getrusage(_SELF), resource.getrusage(_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _forget_peak() -> None:
    """Measure the most memory from now on, where the system can."""
    resets = Path("/proc/self/clear_refs")
    if resets.exists():
        resets.write_text("5")


def _peak_gb() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(_SELF).ru_maxrss / _KB_IN_GB
    lines = status.read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(peak) / _KB_IN_GB
