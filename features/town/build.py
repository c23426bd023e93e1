"""The simulated town, written: extracts for the place, and the truth apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.town import files
from features.town.blocks import Block, live_block
from features.town.deliveries import Extract, Sheet, dates_as_text, deliver, write_csv
from features.town.life import Lives
from features.town.mess import Filed, put_on_file
from features.town.people import FIRST, NEVER, Strings


# Sources in the order in which those of one day are loaded.
ORDER = ("opt_outs", "gp_register", "gp_events", "hospital_events", "social_care")


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


def write_town(folder: Path, *, people: int = 5_000, seed: int = 1) -> Town:
    """Write a made-up town: partners' extracts, and the truth apart from them.

    Args:
        folder: Gets `extracts/` and `truth/`; files of the same names are replaced.
        people: About how many people are 65 and over on the first day. With fewer than
            100 a delivery may have no rows, which loading refuses.
        seed: The same seed gives the same bytes.

    Returns:
        What was written. `truth/people.csv` says which person each source's local
        number stands for; `truth/outcomes.csv` holds what no partner can see.
    """
    block = live_block(people, seed)
    lives = block.lives
    # Its own stream: how records are kept does not change what happened.
    rng = np.random.default_rng([seed, 2])
    sheets, filed = _kept(lives, rng)
    (folder / "extracts").mkdir(parents=True, exist_ok=True)
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    extracts = [e for s in sheets for e in deliver(s, folder / "extracts", rng)]
    extracts.sort(key=lambda e: (e.received, ORDER.index(e.source)))
    _write_truth(folder / "truth", block, filed)
    return Town(folder, tuple(extracts), folder / "truth")


def _kept(
    lives: Lives, rng: np.random.Generator
) -> tuple[list[Sheet], dict[str, Filed]]:
    """Return every source's sheet, and whom each source holds on file."""
    town, diary, ever = lives.people, lives.diary, np.full(len(lives.people), -NEVER)
    seen = {
        "gp": diary.events("gp", ever, lives.end),
        "hospital": diary.events("hospital", ever, lives.end),
        "council": diary.events("council", np.maximum(town.joined, FIRST), lives.end),
    }
    known = {name: np.unique(events.person) for name, events in seen.items()}
    known["gp"] = np.arange(len(town))
    on_file = {name: put_on_file(town, who, name, rng) for name, who in known.items()}
    gp, hospital, council = (on_file[name] for name in ("gp", "hospital", "council"))
    objections, objectors = files.opt_outs(town, rng)
    sheets = [
        objections,
        files.gp_register(lives, gp, rng),
        files.gp_events(seen["gp"], gp, rng),
        files.hospital_events(seen["hospital"], town, hospital, rng),
        files.social_care(seen["council"], council, rng),
    ]
    return sheets, dict(zip(ORDER, (objectors, gp, gp, hospital, council), strict=True))


def _write_truth(folder: Path, block: Block, filed: dict[str, Filed]) -> None:
    lives = block.lives
    write_csv(
        folder / "people.csv",
        {
            "source": np.repeat(list(filed), [len(f.person) for f in filed.values()]),
            "local_id": _joined(f.local_id for f in filed.values()),
            "person": _joined(f.person for f in filed.values()),
        },
    )
    town, numbers = lives.people, np.arange(len(lives.people))
    never = {
        "joined_on": town.joined,
        "moved_on": lives.moved,
        "died_on": np.where(lives.moved == NEVER, lives.died, NEVER),
        "package_on": block.package,
        "self_funded_on": block.self_funded,
    }
    write_csv(
        folder / "outcomes.csv",
        {
            "person": numbers,
            "home": town.home,
            "sex": town.sex,
            "ethnicity": town.ethnicity,
            "born_on": dates_as_text(town.born, files.ISO),
            "frailty_at_end": np.round(lives.frailty, 3),
            **{name: dates_as_text(days, files.ISO) for name, days in never.items()},
        },
    )


def _joined(parts: Iterable[Strings]) -> Strings:
    return np.concatenate(list(parts))
