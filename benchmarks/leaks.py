"""Leaks: ten are planted, each to be caught; clean runs are to be let through.

Small made-up cohorts, of people in households who are asked about on four dates. Labels
are drawn from some of the indicators, so the clean runs hold true signal too.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.report import Report, progress
from features.definitions.outcomes import EVENT, NO_EVENT, Calendar, Cohort, Outcome
from features.faults import Fault, Refusal
from features.store.manifest import RecordingLag
from models.definitions.definition import Approval, Band, ScoreDefinition
from models.judging.incidence import Endings
from models.judging.judgement import Judgement
from training.checks.leaks import Hindsight, encoded, refuse_leaks
from training.checks.shuffles import Encode
from training.cohort import Cases
from training.judging.splits import Split, later_and_new, split_by_date


CLEAN_RUNS = 200
PEOPLE = 400
KIN = 2
DATES = ("2023-01-01", "2023-02-01", "2024-01-01", "2024-02-01")
FIRST = dt.date(2024, 1, 1)
KEYS = ("entity_id",)
TARGETS = {"caught": (">=", 10.0), "clean_refused": ("<=", 2.0)}


@dataclass(frozen=True)
class Run:
    """What a training run would look at."""

    cases: Cases
    split: Split
    score: ScoreDefinition
    hindsight: Hindsight
    encode: Encode = encoded
    parts: tuple[Split, ...] | None = None

    def refuse(self) -> None:
        """Look for leaks.

        Raises:
            Refusal: With those found.
        """
        refuse_leaks(
            self.cases,
            self.split,
            self.score,
            hindsight=self.hindsight,
            encode=self.encode,
            parts=self.parts,
        )

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The leaks found."""
        try:
            self.refuse()
        except Refusal as refusal:
            return refusal.faults
        return ()


def run(arguments: list[str]) -> Report:
    """Plant each leak, then look at clean runs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks leaks")
    parser.add_argument("--clean", type=int, default=CLEAN_RUNS, help="clean runs")
    clean = parser.parse_args(arguments).clean
    caught = 0
    for number, (name, leak) in enumerate(PLANTED.items()):
        faults = leak.plant(clean_run(seed=10_000 + number)).faults
        is_named = any(leak.named in fault.where for fault in faults)
        caught += is_named
        progress(f"{name}: {'caught' if is_named else 'MISSED'}")
    refused = 0
    for seed in range(clean):
        if faults := clean_run(seed=seed).faults:
            refused += 1
            progress(f"clean run {seed} was refused: {faults[0].rule}")
    figures = {"caught": caught, "planted": len(PLANTED), "clean_refused": refused}
    return Report("leaks", figures, TARGETS)


def clean_run(seed: int) -> Run:
    """Return a run without a leak."""
    draw = np.random.default_rng(seed)
    cases = _cases(draw)
    score = _score(list(cases.table.columns))
    return Run(cases, split_by_date(cases, score), score, _as_known(cases))


def _cases(draw: np.random.Generator) -> Cases:
    rows = PEOPLE * len(DATES)
    person = np.tile(np.arange(PEOPLE), len(DATES))
    need = draw.normal(size=PEOPLE)[person]
    visits = draw.poisson(np.exp(0.4 * need)).astype(float)
    waited = np.where(draw.random(rows) < 0.3, np.nan, draw.exponential(90, rows))
    area = np.array([f"area {n}" for n in draw.integers(0, 30, PEOPLE)])[person]
    age = (65 + draw.integers(0, 30, PEOPLE))[person].astype(float)
    log_odds = -2 + 0.9 * need + 0.03 * (age - 80)
    outcome = (draw.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(float)
    noise = {f"noise_{n}": draw.normal(size=rows) for n in range(6)}
    table = pd.DataFrame(
        {"visits": visits, "waited": waited, "area": area, "age": age, **noise}
    )
    status = np.where(outcome == 1, EVENT, NO_EVENT).astype(object)
    return Cases(
        table=table,
        outcome=outcome,
        as_of=np.repeat(np.array(DATES, dtype="datetime64[D]"), PEOPLE),
        linked_group=np.array([f"home {n // KIN}" for n in person], dtype=object),
        groups={},
        endings=Endings(status, np.full(rows, 90), (EVENT,), ()),
        recording_lag=RecordingLag(days=30, declared_days=30),
    )


def _score(indicators: list[str]) -> ScoreDefinition:
    day = dt.date(2023, 1, 1)
    calendar = Calendar(first=day, every_months=1)
    return ScoreDefinition(
        name="made_up",
        question="?",
        purpose="planning",
        forbidden_uses=["refuse", "reduce", "ration"],
        limits=["Nobody is meant."],
        contact_role="nobody",
        cohort=Cohort(entity="person", source="visits", calendar=calendar),
        outcome=Outcome(
            source="visits",
            filter="true",
            horizon_days=90,
            recording_lag_days=30,
            label="An outcome",
        ),
        indicators=indicators,
        families=["additive"],
        judgement=Judgement(first=FIRST, capacity=20, rule="visits"),
        bands=[Band(name="all", label="All", from_rank=0.0)],
        approvals=[Approval(role="nobody", approved_on=day, expires=day)],
    )


def _as_known(cases: Cases) -> Hindsight:
    ids = pd.Series(np.arange(len(cases)), name=KEYS[0])
    stored = pd.concat([ids, cases.table], axis=1)
    return Hindsight(stored, stored.copy(), KEYS)


Plant = Callable[[Run], Run]


@dataclass(frozen=True)
class Leak:
    """A leak to be planted.

    Attributes:
        named: What the message must name: an indicator or the linked group.
    """

    plant: Plant
    named: str


def _stored(name: str, values: Callable[[Run], NDArray[np.float64]]) -> Plant:
    """Plant values of an indicator that were not known on the as-of date."""

    def plant(run: Run) -> Run:
        table = run.cases.table.assign(**{name: values(run)})
        stored = run.hindsight.stored.assign(**{name: table[name]})
        return replace(
            run,
            cases=replace(run.cases, table=table),
            hindsight=replace(run.hindsight, stored=stored),
        )

    return plant


def _next_date(run: Run) -> NDArray[np.float64]:
    """The count of the next as-of date, one horizon ahead."""
    return np.roll(run.cases.table["visits"].to_numpy(), -PEOPLE)


def _written_late(run: Run) -> NDArray[np.float64]:
    """A few visits more, of records that came after the date."""
    visits = run.cases.table["visits"].to_numpy(copy=True)
    visits[::100] += 1
    return visits


def _filled_in_later(run: Run) -> NDArray[np.float64]:
    waited = run.cases.table["waited"].to_numpy()
    return np.where(np.isnan(waited), 400.0, waited)


def _proxy(run: Run) -> Run:
    """An indicator that is the outcome under another name, known as it is."""
    draw = np.random.default_rng(1)
    return _known(run, "proxy", run.cases.outcome + draw.normal(0, 0.2, len(run.cases)))


def _told_by_missing(run: Run) -> Run:
    """An indicator that is only written down of whoever had no outcome."""
    return _known(run, "last_letter", np.where(run.cases.outcome == 1, np.nan, 1.0))


def _known(run: Run, name: str, values: NDArray[np.float64]) -> Run:
    table = run.cases.table.assign(**{name: values})
    cases = replace(run.cases, table=table)
    return replace(
        run, cases=cases, score=_score(list(table.columns)), hindsight=_as_known(cases)
    )


def _kin_at_one_date(run: Run) -> Run:
    """A random split of the rows, dates or none."""
    fitted = np.random.default_rng(1).random(len(run.cases)) < 0.5
    early = run.cases.as_of < np.datetime64(FIRST)
    return replace(run, split=Split(fitted & early, ~fitted & early))


def _folds_by_person(run: Run) -> Run:
    """New people, but of households that were fitted on."""
    persons = np.tile(np.arange(PEOPLE), len(DATES))
    lone = replace(run.cases, linked_group=persons.astype(str).astype(object))
    return replace(run, parts=tuple(later_and_new(lone, run.split)))


def _area_by_outcome(cases: Cases, fitted: NDArray[np.bool_]) -> pd.DataFrame:
    """Replace the area by its share of outcomes, the judged rows' among them."""
    shares = pd.Series(cases.outcome).groupby(cases.table["area"]).transform("mean")
    return encoded(cases, fitted).assign(area=shares.to_numpy())


def _best_three(cases: Cases, fitted: NDArray[np.bool_]) -> pd.DataFrame:
    """Keep what goes best with the outcome, over the judged rows too."""
    table = encoded(cases, fitted)
    strength = table.corrwith(pd.Series(cases.outcome)).abs()
    return table[list(strength.sort_values(ascending=False).index[:3])]


def _mean_of_all(cases: Cases, fitted: NDArray[np.bool_]) -> pd.DataFrame:
    """Fill what is missing with the mean of all rows."""
    table = encoded(cases, fitted)
    return table.assign(waited=table["waited"].fillna(table["waited"].mean()))


def _encoded_by(encode: Encode) -> Plant:
    return lambda run: replace(run, encode=encode)


PLANTED: Mapping[str, Leak] = {
    "a count that reads the next date": Leak(_stored("visits", _next_date), "visits"),
    "records written down late": Leak(_stored("visits", _written_late), "visits"),
    "a gap filled later": Leak(_stored("waited", _filled_in_later), "waited"),
    "kin on both sides at one date": Leak(_kin_at_one_date, "linked_group"),
    "folds by person": Leak(_folds_by_person, "linked_group"),
    "areas by their outcomes": Leak(_encoded_by(_area_by_outcome), "area"),
    "selection over all rows": Leak(_encoded_by(_best_three), "indicators: "),
    "a mean of all rows": Leak(_encoded_by(_mean_of_all), "waited"),
    "the outcome by another name": Leak(_proxy, "proxy"),
    "missing tells the outcome": Leak(_told_by_missing, "last_letter"),
}
