"""The job behind `lamppost town`: a simulated town's files, for trying things out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from features.faults import Fault, Misuse
from lamppost.answers import Answer


if TYPE_CHECKING:
    from features.town import Extract, Plant

MOST_PEOPLE = 1_000_000


def make_town(
    folder: Path,
    *,
    people: int = 5_000,
    seed: int = 1,
    plant: str | None = None,
    size: float | None = None,
) -> Answer:
    """Write a town's extracts, and the truth about it apart from them.

    Args:
        folder: Gets `extracts/` and `truth/`; what these held is replaced.
        people: How many are 65 and over, 100 to 1,000,000.
        seed: The same seed makes the same bytes.
        plant: The kind of fault to plant, or None.
        size: Its size; needed with `plant`, and only then.

    Raises:
        Misuse: Something asked for cannot be.
    """
    from features.town import write_town

    wrong = [*_faults_of_size(people), *_faults_of_plant(plant, size)]
    wrong += list(_faults_of_folder(folder))
    if wrong:
        raise Misuse(wrong)
    town = write_town(folder, people=people, seed=seed, plant=_plant(plant, size))
    return {
        "extracts": [_extract(extract) for extract in town.extracts],
        "truth": f"{town.truth} (only for tests: keep it out of every place)",
        "planted": f"{plant} of size {size:g}" if plant and size else "nothing",
    }


def _extract(extract: Extract) -> Answer:
    return {
        "source": extract.source,
        "file": extract.path.name,
        "received": str(extract.received),
        "history": "yes" if extract.history else "no",
        "period": "..".join(map(str, extract.period)) if extract.period else "",
    }


def _plant(kind: str | None, size: float | None) -> Plant | None:
    from features.town.plant import KINDS, Plant

    known = {name: name for name in KINDS}
    return Plant(known[kind], size) if kind in known and size is not None else None


def _faults_of_size(people: int) -> Iterator[Fault]:
    if not 100 <= people <= MOST_PEOPLE:
        what = f"a town has 100 to {MOST_PEOPLE:,} people of 65 and over"
        yield Fault("--people", what, f"{people:,}", "ask for another number")


def _faults_of_plant(kind: str | None, size: float | None) -> Iterator[Fault]:
    from features.town.plant import PlantKind

    kinds = get_args(PlantKind)
    if kind is not None and kind not in kinds:
        do = f"use one of: {', '.join(kinds)}"
        yield Fault("--plant", "the fault must be one that can be planted", kind, do)
    if (kind is None) != (size is None):
        got = "only --size" if kind is None else "only --plant"
        do = "give both, or neither"
        yield Fault("--size", "a planted fault has a size", got, do)
    if size is not None and size <= 0:
        yield Fault("--size", "a size is above 0", f"{size:g}", "give another")
    if kind == "label-bias" and size is not None and size > 1:
        what = "the size of label-bias is a share, up to 1"
        yield Fault("--size", what, f"{size:g}", "give another")


def _faults_of_folder(folder: Path) -> Iterator[Fault]:
    """A place's own folder must never hold the truth about it."""
    for part in (folder, *folder.resolve().parents):
        if (part / "place.toml").is_file():
            what = "the truth is never written into a place's folder"
            yield Fault(str(folder), what, f"{part / 'place.toml'}", "name another")
            return
