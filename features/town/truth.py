"""The truth about the town: written apart, and read only by tests and benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from features.town import recording_parameters as recording
from features.town.blocks import Block
from features.town.causes import causes
from features.town.days import NEVER, Ints, Strings
from features.town.desk import Desk
from features.town.filing import Filed
from features.town.people import People
from features.town.plant import Plant, PlantKind
from features.town.sheets import ISO, append_csv, dates_as_text


_WHERE: Final[dict[PlantKind, str]] = {
    "drift": f"frailty scores of gp_events from {recording.DRIFTING_FROM} on",
    "label-bias": f"payers of group {recording.BIASED_GROUP} in asc_cld",
    "link-bias": f"names and NHS numbers of group {recording.BIASED_GROUP}",
    "stale": f"the last days of {recording.STALE_SOURCE}",
    "calibration": "how need turns to packages",
}


def write_truth(folder: Path, desk: Desk, filed: dict[str, Filed]) -> None:
    """Add what is true of a block to the files of the truth.

    `people.csv` says which person each source's local number stands for; a minus sign
    marks an identity that was closed, and that nothing may link with the new one.
    `outcomes.csv` holds what became of everybody, `traps.csv` the pairs that look
    alike and are not, `never_recorded.csv` what no partner wrote down.
    """
    first = desk.people.part.first_person
    for source, known in filed.items():
        numbers = known.person + first
        columns = {
            "source": np.full(len(numbers), source),
            "local_id": known.local_id,
            "person": np.where(known.is_former, -numbers, numbers),
        }
        append_csv(folder / "people.csv", columns)
    append_csv(folder / "outcomes.csv", _outcomes(desk.block))
    append_csv(folder / "traps.csv", _traps(desk, filed))
    append_csv(folder / "never_recorded.csv", _never_recorded(desk))


def write_causes(folder: Path, plant: Plant | None) -> None:
    """Write what causes the outcome, how strongly, and the fault that is planted."""
    append_csv(folder / "causes.csv", causes())
    planted = [plant] if plant else []
    columns = {
        "kind": np.array([p.kind for p in planted], dtype=object),
        "size": np.array([p.size for p in planted], dtype=object),
        "where": np.array([_WHERE[p.kind] for p in planted], dtype=object),
    }
    append_csv(folder / "plant.csv", columns)


def _outcomes(block: Block) -> dict[str, Strings]:
    lives, people = block.lives, block.lives.people
    days = {
        "born_on": people.born,
        "joined_on": people.joined,
        "moved_on": np.where(lives.moved <= lives.died, lives.moved, NEVER),
        "died_on": np.where(lives.died < lives.moved, lives.died, NEVER),
        "package_on": block.package,
        "self_funded_on": block.self_funded,
        "nhs_funded_on": block.nhs_funded,
    }
    numbers = np.arange(len(people)) + people.part.first_person
    return {
        "person": numbers,
        "home": people.home + people.part.first_home,
        "sex": people.sex,
        "ethnicity": people.ethnicity,
        "deprivation": people.homes.deprivation[people.home],
        "frailty_at_end": np.round(lives.frailty, 3),
        "need_at_end": np.round(lives.need, 3),
        **{name: dates_as_text(day, ISO) for name, day in days.items()},
    }


def _traps(desk: Desk, filed: dict[str, Filed]) -> dict[str, Strings]:
    people, former = desk.people, desk.restricted.former
    first = people.part.first_person
    pairs = {
        "twins": _alike(people, ("born",), unlike="forename"),
        "father and son": _alike(people, ("forename", "surname"), unlike="born"),
    }
    rows = [
        (kind, "", str(one + first), str(other + first))
        for kind, found in pairs.items()
        for one, other in found
    ]
    for source, known in filed.items():
        for row in np.flatnonzero(known.number_of != known.person):
            owner, holder = known.number_of[row] + first, known.person[row] + first
            rows.append(("reused number", source, str(owner), str(holder)))
    rows += [("closed identity", "", str(p + first), str(-p - first)) for p in former]
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    names = ("kind", "source", "person", "other")
    return {n: np.array(c, dtype=object) for n, c in zip(names, columns, strict=True)}


def _alike(people: People, same: tuple[str, ...], unlike: str) -> list[tuple[int, int]]:
    """Return pairs of one home that agree in some things and differ in another."""
    parts = [getattr(people, name).tolist() for name in ("home", *same)]
    others: Ints | Strings = getattr(people, unlike)
    held: dict[tuple[object, ...], int] = {}
    pairs = []
    for person, key in enumerate(zip(*parts, strict=True)):
        other = held.setdefault(key, person)
        if other != person and others[other] != others[person]:
            pairs.append((other, person))
    return pairs


def _never_recorded(desk: Desk) -> dict[str, Strings]:
    """Return care that people paid for unseen, and whose practice shares nothing."""
    spells, people = desk.block.spells, desk.people
    unseen = np.flatnonzero(~spells.known)
    silent = np.flatnonzero(
        ~np.asarray(desk.shares(np.arange(len(people))), dtype=bool)
    )
    person = np.concatenate([spells.person[unseen], silent])
    day = np.concatenate([spells.began[unseen], np.full(len(silent), NEVER)])
    what = ["care that the council does not know of", "what the GP practice knows"]
    return {
        "person": person + people.part.first_person,
        "what": np.repeat(what, [len(unseen), len(silent)]),
        "since": dates_as_text(day, ISO),
    }
