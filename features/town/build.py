"""The simulated town, written: extracts for the place, and the truth apart."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from features.town.blocks import Block, blocks
from features.town.client_level_data import client_level_data
from features.town.council_files import carers, caseloads, opt_outs
from features.town.days import day_number
from features.town.deliveries import (
    HISTORY_UNTIL,
    RECEIVED,
    Extract,
    deliver,
    deliveries_of,
)
from features.town.desk import Desk, open_desk
from features.town.filing import Filed
from features.town.health_files import gp_events, gp_register, hospital_events, seen
from features.town.other_files import housing_events, police_notices
from features.town.plant import Plant
from features.town.sheets import Numbers, Sheet
from features.town.truth import write_causes, write_truth


# The stream of chance of how records are kept: it does not change what happened.
_RECORDING: Final = 2


@dataclass(frozen=True)
class Town:
    """What was written.

    Attributes:
        extracts: The partners' files, in the order in which to load them.
        truth: The folder that only a test or a benchmark may read.
    """

    folder: Path
    extracts: tuple[Extract, ...]
    truth: Path


def write_town(
    folder: Path, *, people: int = 5_000, seed: int = 1, plant: Plant | None = None
) -> Town:
    """Write a made-up town: partners' extracts, and the truth apart from them.

    Args:
        folder: Gets `extracts/` and `truth/`; what these held before is removed.
        people: About how many people are 65 and over on the first day.
        seed: The same seed gives the same bytes.
        plant: One fault to plant on purpose.

    Returns:
        What was written. A delivery without rows is not sent.
    """
    extracts, truth = folder / "extracts", folder / "truth"
    for part in (extracts, truth):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
    numbers = Numbers()
    for number, block in enumerate(blocks(people, seed, plant)):
        rng = np.random.default_rng([seed, _RECORDING, number])
        _write_block(block, open_desk(block, plant, numbers, rng), folder)
    write_causes(truth, plant)
    return Town(folder, tuple(_sent(extracts, plant)), truth)


def _write_block(block: Block, desk: Desk, folder: Path) -> None:
    sheets, filed = write_down(desk)
    for sheet in sheets:
        deliver(sheet, folder / "extracts", desk.plant)
    write_truth(folder / "truth", desk, filed)


def write_down(desk: Desk) -> tuple[list[Sheet], dict[str, Filed]]:
    """Return every source's sheet of a block, and whom each source holds on file."""
    cut = day_number(HISTORY_UNTIL)
    everyone = np.arange(len(desk.people))
    gp = desk.file(everyone, "gp", "G")
    hospital = desk.file(np.unique(seen(desk, "hospital").person), "hospital", "H")
    clients = [seen(desk, "council").person, desk.block.cases.person]
    council = desk.file(np.unique(np.concatenate(clients)), "council", "C")
    housing = desk.file(np.unique(seen(desk, "housing").person), "housing", "T")
    police = desk.file(np.unique(seen(desk, "police").person), "police", "P")
    objections, objectors = opt_outs(desk)
    caring, carers_filed = carers(desk)
    sheets = [
        objections,
        gp_register(desk, gp, cut),
        gp_events(desk, gp, cut),
        hospital_events(desk, hospital, cut),
        client_level_data(desk, council, cut),
        caring,
        caseloads(desk, council),
        housing_events(desk, housing, cut),
        police_notices(desk, police),
    ]
    on_file = (objectors, gp, gp, hospital, council, carers_filed, council)
    names = (sheet.source for sheet in sheets)
    return sheets, dict(zip(names, (*on_file, housing, police), strict=True))


def _sent(folder: Path, plant: Plant | None) -> list[Extract]:
    """Return the files that were sent, by the day on which they came."""
    due = [
        d.extract(folder) for source in RECEIVED for d in deliveries_of(source, plant)
    ]
    sent = [extract for extract in due if extract.path.exists()]
    order = list(RECEIVED)
    return sorted(sent, key=lambda e: (e.received, order.index(e.source)))
