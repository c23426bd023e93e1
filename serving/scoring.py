"""Scoring: from indicator values to scores, contributions, ranks, bands and states.

Pure functions over arrays; no HTTP, no file, no database.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.faults import Fault, refuse_if_any
from models.definitions.bundle import Bundle
from models.definitions.doubt import LinkDoubt, Withheld
from models.definitions.states import State
from models.ledger.cases import CaseFile, Evidence, Scored, ScoreRow
from models.shown.wording import is_missing
from models.tables.table import Contributions
from models.tables.terms import Value
from serving.doubt import DrawnCohort, crosses, doubts


Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class CohortValues:
    """A snapshot's rows as plain columns of equal length.

    Attributes:
        entity_ids: Pseudonyms.
        as_of: Each row's as-of date.
        index_records: The event that each row stands for; None in a calendar cohort.
        states: Why a row is not scored, where the snapshot says so; else None.
        values: By indicator: numbers with NaN where missing, or texts with None.
        evidence: By indicator: the records behind each row's value. An indicator may
            be left out, and a row may have None.
    """

    entity_ids: Sequence[str]
    as_of: Sequence[dt.date]
    index_records: Sequence[int | None]
    states: Sequence[State | None]
    values: Mapping[str, NDArray[Any]]
    evidence: Mapping[str, Sequence[Evidence | None]]


@dataclass(frozen=True)
class Rank:
    """Share of those scored on the same as-of date that score lower, of how many."""

    share: float
    among: int


def score_cohort(
    bundle: Bundle,
    cohort: CohortValues,
    *,
    on: dt.date,
    stale: frozenset[str] = frozenset(),
    drawn: DrawnCohort | None = None,
) -> list[ScoreRow]:
    """Score every row that can be scored, and name the state of every other.

    Args:
        bundle: The promoted score.
        cohort: The rows, in any order.
        on: The day of the run: an approval that has ended by then pauses the score.
        stale: The bundle's sources that are older than promised.
        drawn: What rows would hold under drawn links; None if nobody asked.

    Returns:
        One row each, by as-of date, then entity, then index record.

    Raises:
        Refusal: A column is missing, or the columns differ in length or type.
    """
    refuse_if_any(_faults_of(cohort))
    found = bundle.model.contributions(cohort.values)
    states = _states(bundle, cohort, found, state_now=stop_of(bundle, on, stale))
    ranks = _ranks(cohort, found, states)
    shares = [rank.share if rank else None for rank in ranks]
    doubt = doubts(bundle, found, cohort.as_of, shares, drawn) if drawn else {}
    rows = _Rows(bundle, cohort, found, ranks, doubt)
    return [rows.row(i, states[i]) for i in _order(cohort)]


def score_values(bundle: Bundle, row: Mapping[str, Value]) -> Scored | State:
    """Score one row of values, wherever they come from; it has no rank.

    Args:
        bundle: The promoted score.
        row: Values by indicator; those left out, None and NaN are missing.

    Returns:
        The score, or "not enough data" where the tables can say nothing.

    Raises:
        Refusal: An indicator's value is a text where the model takes a number.
    """
    given = {name: row.get(name) for name in bundle.model.names}
    parts = bundle.model.contributions_of(given)
    log_odds = bundle.model.log_odds_of(given)
    if np.isnan(log_odds) or all(map(is_missing, given.values())):
        return State.NOT_ENOUGH_DATA
    contributions = dict(zip(bundle.model.term_names, parts, strict=True))
    return _scored(bundle, log_odds, given, contributions, {})


def with_rank(bundle: Bundle, given: Scored, rank: Rank) -> Scored:
    """Return a score with its rank, and the band that the rank lies in."""
    return replace(
        given,
        rank_share=rank.share,
        band=bundle.band_of(rank.share).name,
        case_file=given.case_file.model_copy(update={"ranked_among": rank.among}),
    )


def state_of(
    bundle: Bundle, given: Scored | State, *, on: dt.date, stale: frozenset[str]
) -> State | None:
    """Return the state that stands for a score on a day; None where it may be given.

    A pause comes first: without approval nothing is said of anyone. What the records
    say of the entity comes before what is wrong with the records.
    """
    stop = stop_of(bundle, on, stale)
    if isinstance(given, Scored) or stop is State.PAUSED:
        return stop
    return given


def stop_of(bundle: Bundle, on: dt.date, stale: frozenset[str]) -> State | None:
    """Return why nobody gets this score on that day; None if nothing is against it."""
    if bundle.is_paused(on):
        return State.PAUSED
    rests_on_stale = stale & bundle.source_by_name.keys()
    return State.STALE_SOURCE if rests_on_stale else None


def _states(
    bundle: Bundle,
    cohort: CohortValues,
    found: Contributions,
    *,
    state_now: State | None,
) -> list[State | None]:
    if state_now is State.PAUSED:
        return [State.PAUSED] * len(cohort.states)
    too_little = found.unseen | _has_nothing(bundle, cohort)
    return [
        own or state_now or (State.NOT_ENOUGH_DATA if little else None)
        for own, little in zip(cohort.states, too_little.tolist(), strict=True)
    ]


def _has_nothing(bundle: Bundle, cohort: CohortValues) -> Truths:
    nothing: Truths = np.ones(len(cohort.states), dtype=bool)
    for name in bundle.model.names:
        nothing &= _is_missing(cohort.values[name])
    return nothing


def _is_missing(column: NDArray[Any]) -> Truths:
    return np.fromiter(map(is_missing, column.tolist()), bool, len(column))


def _ranks(
    cohort: CohortValues, found: Contributions, states: Sequence[State | None]
) -> list[Rank | None]:
    """Rank each scored row among those scored on its as-of date; ties share a rank."""
    dates = np.array(cohort.as_of, dtype="datetime64[D]")
    is_scored = np.array([state is None for state in states], dtype=bool)
    ranks: list[Rank | None] = [None] * len(states)
    for date in np.unique(dates[is_scored]):
        rows = np.flatnonzero(is_scored & (dates == date))
        log_odds = found.log_odds[rows]
        below = np.searchsorted(np.sort(log_odds), log_odds, side="left")
        for row, lower in zip(rows.tolist(), below.tolist(), strict=True):
            ranks[row] = Rank(lower / len(rows), len(rows))
    return ranks


def _order(cohort: CohortValues) -> list[int]:
    events = [-1 if event is None else event for event in cohort.index_records]
    keys = list(zip(cohort.as_of, cohort.entity_ids, events, strict=True))
    return sorted(range(len(keys)), key=keys.__getitem__)


@dataclass(frozen=True)
class _Rows:
    """All that is known of a cohort, to be read row by row."""

    bundle: Bundle
    cohort: CohortValues
    found: Contributions
    ranks: Sequence[Rank | None]
    doubt: Mapping[int, LinkDoubt]

    def row(self, i: int, state: State | None) -> ScoreRow:
        cohort = self.cohort
        who = (cohort.entity_ids[i], cohort.as_of[i], cohort.index_records[i])
        doubt = self.doubt.get(i)
        if state is State.NOT_ENOUGH_DATA:
            return ScoreRow(*who, given=state, withheld=self._unseen(i))
        if state or doubt is None:
            return ScoreRow(*who, given=state or self._given(i))
        given = self._given(i).with_doubt(doubt)
        if not self.bundle.doubt.withhold_across_bands or not crosses(doubt):
            return ScoreRow(*who, given=given)
        why = _withheld(doubt, given)
        return ScoreRow(*who, given=State.LINK_UNCERTAIN, withheld=why)

    def _unseen(self, i: int) -> Withheld | None:
        """Say which indicators hold what training never saw; None if none does."""
        by_term = self.bundle.model.indicators_by_term
        parts = zip(self.found.names, np.isnan(self.found.values[i]), strict=True)
        unseen = [name for term, is_new in parts if is_new for name in by_term[term]]
        return Withheld(unseen=unseen) if unseen else None

    def _given(self, i: int) -> Scored:
        names = self.bundle.model.names
        values = {name: self.cohort.values[name][i] for name in names}
        parts = dict(zip(self.found.names, self.found.values[i].tolist(), strict=True))
        log_odds = float(self.found.log_odds[i])
        given = _scored(self.bundle, log_odds, values, parts, self._evidence(i))
        rank = self.ranks[i]
        return with_rank(self.bundle, given, rank) if rank else given

    def _evidence(self, i: int) -> dict[str, Evidence]:
        columns = self.cohort.evidence
        names = self.bundle.model.names
        named = ((n, columns[n][i]) for n in names if n in columns)
        return {name: evidence for name, evidence in named if evidence is not None}


def _scored(
    bundle: Bundle,
    log_odds: float,
    values: Mapping[str, Value],
    contributions: dict[str, float],
    evidence: dict[str, Evidence],
) -> Scored:
    case_file = CaseFile(
        values={name: _plain(value) for name, value in values.items()},
        contributions=contributions,
        evidence=evidence,
    )
    return Scored(log_odds, float(bundle.model.risk(log_odds)), None, None, case_file)


def _withheld(doubt: LinkDoubt, given: Scored) -> Withheld:
    return Withheld(
        draws=doubt.draws,
        bands=doubt.bands,
        unscored=doubt.unscored,
        lowest_link=given.case_file.lowest_link,
    )


def _plain(value: Any) -> float | str | None:
    """A cell of a column as JSON can hold it."""
    if is_missing(value):
        return None
    return str(value) if isinstance(value, str) else float(value)


def _faults_of(cohort: CohortValues) -> Iterator[Fault]:
    rows = len(cohort.entity_ids)
    columns: dict[str, int] = {
        "as_of": len(cohort.as_of),
        "index_records": len(cohort.index_records),
        "states": len(cohort.states),
        **{f"values: {name}": len(c) for name, c in cohort.values.items()},
        **{f"evidence: {name}": len(c) for name, c in cohort.evidence.items()},
    }
    for name, length in columns.items():
        if length != rows:
            what, do = f"a cohort's columns have {rows} rows", "give every row a value"
            yield Fault(f"cohort: {name}", what, f"{length}", do)
    keys = zip(cohort.as_of, cohort.entity_ids, cohort.index_records, strict=False)
    doubles = sum(times - 1 for times in Counter(keys).values())
    if doubles:
        what = "a row stands once for its entity, as-of date and event"
        do = "build the snapshot again"
        yield Fault("cohort: rows", what, f"{doubles} more", do)
