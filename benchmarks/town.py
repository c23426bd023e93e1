"""The simulated town against what is published, and what making it costs.

Every published figure is measured in a town of 100,000 people of 65 and over, before
anything is written down; `NAME_distance_percent` is how far the town lies from it. With
`--write` the table of docs/town.md is written anew. A plain model is fitted on what the
partners took part in, with nobody missed or mixed up: what it reaches is the most that
records can give, and police notices must not help it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Report, Target, progress
from features.town.blocks import Block, blocks
from features.town.days import Flags, Floats, Ints, day_number
from features.town.exposure import among, home_on, of_age, present_on
from features.town.figures import measure
from features.town.published import FIGURES, Figure


PAGE = Path(__file__).parents[1] / "docs" / "town.md"
SMALL, LARGE, SEED = 5_000, 100_000, 1
BLOCKS_TO_MODEL = 3
FITTED, JUDGED = ("2020-04-01", "2021-04-01", "2022-04-01"), "2024-04-01"
DAYS_IN_YEAR = 365
TARGETS: dict[str, Target] = {
    "cpu_seconds_100k": ("<=", 30.0),
    "peak_gb": ("<=", 4.0),
    "auc_low": (">=", 0.75),
    "auc_high": ("<=", 0.85),
    "police_auc_gain": ("<=", 0.002),
}


def run(arguments: list[str]) -> Report:
    """Make a town of 5,000 and one of 100,000, and measure the larger one."""
    options = _options(arguments)
    clock = _Clock()
    for _ in clock.timed(blocks(SMALL, SEED)):
        pass
    figures: dict[str, float | None] = {"seconds_5k": clock.seconds}
    clock, samples = _Clock(), _Samples()
    got = measure(samples.taken(clock.timed(blocks(options.people, SEED))))
    thousands = options.people // 1_000
    figures[f"seconds_{thousands}k"] = clock.seconds
    figures[f"cpu_seconds_{thousands}k"] = clock.cpu_seconds
    figures["peak_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    figures |= samples.judged()
    for figure in FIGURES:
        figures[figure.name] = got[figure.name]
        figures[f"{figure.name}_distance_percent"] = _distance(figure, got[figure.name])
    if options.write:
        write_table(got, options.people)
    return Report("town", figures, TARGETS | _tolerances())


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks town")
    parser.add_argument("--people", type=int, default=LARGE)
    parser.add_argument(
        "--write", action="store_true", help="write docs/town.md's table"
    )
    return parser.parse_args(arguments)


def _distance(figure: Figure, got: float) -> float:
    return 100 * abs(got - figure.target) / figure.target


def _tolerances() -> dict[str, Target]:
    return {
        f"{figure.name}_distance_percent": (
            "<=",
            100 * figure.tolerance / figure.target,
        )
        for figure in FIGURES
    }


class _Clock:
    """Counts the time that a town's blocks take, and not what is done with them."""

    def __init__(self) -> None:
        self.seconds = self.cpu_seconds = 0.0

    def timed(self, made: Iterator[Block]) -> Iterator[Block]:
        """Pass blocks on."""
        while True:
            wall, cpu = time.perf_counter(), time.process_time()
            block = next(made, None)
            self.seconds += time.perf_counter() - wall
            self.cpu_seconds += time.process_time() - cpu
            if block is None:
                return
            progress(f"block {block.part.number + 1} of {block.part.of}")
            yield block


class _Samples:
    """What a plain model learns from and is judged on, of the first blocks."""

    def __init__(self) -> None:
        self.fitted: list[Floats] = []
        self.judging: list[Floats] = []

    def taken(self, made: Iterator[Block]) -> Iterator[Block]:
        """Pass blocks on, keeping rows of some."""
        for block in made:
            if block.part.number < BLOCKS_TO_MODEL:
                self.fitted += [_rows(block, _day(text)) for text in FITTED]
                self.judging.append(_rows(block, _day(JUDGED)))
            yield block

    def judged(self) -> dict[str, float | None]:
        """Fit with and without police notices; both outcome and notices stand last."""
        train, test = np.concatenate(self.fitted), np.concatenate(self.judging)
        auc = _auc(train[:, :-2], train[:, -1], test[:, :-2], test[:, -1])
        with_police = _auc(train[:, :-1], train[:, -1], test[:, :-1], test[:, -1])
        return {
            "auc_low": auc,
            "auc_high": auc,
            "police_auc_gain": with_police - auc,
            "outcome_share": float(test[:, -1].mean()),
        }


def _auc(known: Floats, outcome: Floats, new: Floats, truth: Floats) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    risk: Any = model.fit(known, outcome).predict_proba(new)[:, 1]
    return float(roc_auc_score(truth, risk))


def _day(text: str) -> int:
    return day_number(dt.date.fromisoformat(text))


def _rows(block: Block, day: int) -> Floats:
    """Return what is known of each in the cohort, police notices, and the outcome."""
    people = block.lives.people
    home = home_on(block, day)
    columns = [
        people.ages_on(day),
        people.sex == "F",
        people.homes.deprivation[home],
        people.homes.rented[home],
        _latest(block, day),
        *(_count(block, day, *what) for what in _COUNTED),
        _count(block, day, "police", "vulnerability notice", DAYS_IN_YEAR),
        _package(block, day),
    ]
    return np.column_stack(columns).astype(np.float64)[cohort_on(block, day)]


_COUNTED = (
    ("gp", "appointment kept", 365),
    ("gp", "fall", 365),
    ("gp", "diagnosis", 40_000),
    ("hospital", "A&E attendance", 90),
    ("hospital", "A&E attendance", 365),
    ("hospital", "emergency admission", 90),
    ("hospital", "emergency admission", 365),
    ("council", "Request", 90),
    ("council", "Request", 365),
    ("council", "Assessment", 365),
    ("housing", "repair", 730),
    ("housing", "arrears", 730),
)


def cohort_on(block: Block, day: int) -> Flags:
    """Return who of 65 and over has no long-term support that the council knows."""
    spells = block.spells
    running = spells.known & spells.long_term
    running &= (spells.began < day) & (spells.ended >= day)
    served = among(len(block.lives.people), spells.person[running])
    return present_on(block, day) & ~served


def _package(block: Block, day: int) -> Flags:
    from features.town.books import is_new
    from features.town.council import COUNCIL

    spells = block.spells
    begins = is_new(spells) & (spells.payer == COUNCIL)
    begins &= (spells.began >= day) & (spells.began < day + DAYS_IN_YEAR)
    return among(len(block.lives.people), spells.person[begins])


def _count(block: Block, day: int, channel: str, kind: str, days: int) -> Ints:
    count = len(block.lives.people)
    before = np.full(count, day - 1)
    events = block.lives.diary.events(channel, before - days + 1, before)
    return np.bincount(events.person[events.kind == kind], minlength=count)


def _latest(block: Block, day: int) -> Floats:
    """Return the practice's latest frailty score; their mean where there is none."""
    count = len(block.lives.people)
    since = of_age(block).since
    events = block.lives.diary.events("gp", since, np.full(count, day - 1))
    scored = events.kind == "frailty score"
    score = np.full(count, events.value[scored].mean())
    score[events.person[scored]] = events.value[scored]
    return score


def write_table(got: dict[str, float], people: int) -> None:
    """Write the page's table anew, between its two marks."""
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    table = f"{BEGIN}\n{table_of(got, people)}\n{END}"
    PAGE.write_text(head + table + tail, encoding="utf-8")


BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def table_of(got: dict[str, float], people: int) -> str:
    """Return the table of what is published, and what the town has."""
    rows = [
        f"Measured in a town of {people:,} people, seed {SEED}.",
        "",
        "| figure | published | may be | got | source |",
        "|---|---|---|---|---|",
    ]
    rows += [
        f"| {figure.meaning} <!-- {figure.name} --> | {figure.target:.4g} "
        f"| {figure.low:.4g} to {figure.high:.4g} | {got[figure.name]:.4g} "
        f"| {figure.source} |"
        for figure in FIGURES
    ]
    return "\n".join(rows)
