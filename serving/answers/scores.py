"""Answers: what the ledger holds, in the words of the bundle. No HTTP, no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from models.definitions.bundle import Bundle, Rate
from models.definitions.doubt import Withheld
from models.definitions.states import State
from models.ledger.cases import (
    BatchRow,
    CaseFile,
    Scored,
    ScoreRow,
)
from models.shown.wording import is_missing, rests_on
from models.tables.explanation import method_of
from serving.answers.doubt import doubt_answer, why_withheld
from serving.answers.reasons import part_value, reasons_answer
from serving.schemas.scores import (
    BandAnswer,
    DataAnswer,
    ExplanationAnswer,
    ModelAnswer,
    PartAnswer,
    RankAnswer,
    RateAnswer,
    ScoreAnswer,
    StateAnswer,
    UnknownAnswer,
)


@dataclass(frozen=True)
class Subject:
    """What an answer is about.

    Attributes:
        person: The opaque id; None for values that the caller supplied.
        received: The day of each source's newest load.
        withheld: Why, where doubt in links withholds the score.
        hidden: The sources that nothing may be told from to who asks.
    """

    person: str | None
    as_of: dt.date
    received: Mapping[str, dt.date]
    withheld: Withheld | None = None
    hidden: frozenset[str] = frozenset()


def subject_of(
    person: str, row: ScoreRow, batch: BatchRow, hidden: frozenset[str]
) -> Subject:
    """Return what an answer about a row of a batch is about."""
    return Subject(person, row.as_of, batch.received, row.withheld, hidden)


def score_answer(
    bundle: Bundle, subject: Subject, given: Scored | State
) -> ScoreAnswer:
    """Return a score with its reasons and explanation, or the state that stands for it.

    Args:
        bundle: What the score means.
        subject: What it is about.
        given: The score, or why there is none.
    """
    if isinstance(given, Scored):
        found = {"state": None, **_scored(bundle, given, subject.hidden)}
    else:
        because = why_withheld(bundle, given, subject.withheld, subject.hidden)
        found = {"state": state_answer(given, because)}
    same = ("question", "purpose", "forbidden_uses", "limits", "caveat", "contact_role")
    return ScoreAnswer(
        name=bundle.score,
        person=subject.person,
        as_of=subject.as_of,
        **found,
        base_rate=_rate(bundle.base_rate),
        data_as_of=_data(bundle, subject.received),
        model=_model(bundle),
        outcome=bundle.outcome,
        horizon_days=bundle.horizon_days,
        **{name: getattr(bundle, name) for name in same},
    )


def state_answer(state: State, because: str | None = None) -> StateAnswer:
    """Return a state with its sentence, what gave it, and what to do next."""
    words = {"sentence": state.sentence, "next": state.next_step}
    return StateAnswer(name=state, because=because, **words)


def rank_sentence(share: float, among: int) -> str:
    """Return a rank in words.

    >>> rank_sentence(1050 / 1200, 1200)
    'higher than 87 in 100 on this list of 1,200'
    >>> rank_sentence(0.29, 100)
    'higher than 29 in 100 on this list of 100'
    """
    # Never rounded up: nobody is put above those who score the same. The share is a
    # count over `among`, so that 29 of 100 is not 28.999... of 100.
    lower = round(share * among)
    return f"higher than {100 * lower // among} in 100 on this list of {among:,}"


def _scored(bundle: Bundle, given: Scored, hidden: Set[str]) -> dict[str, Any]:
    case_file = given.case_file
    return {
        "score": given.probability,
        "log_odds": given.log_odds,
        "band": _band(bundle, given),
        "rank": _rank(given),
        "observed": _observed(bundle, given),
        "reasons": reasons_answer(bundle, case_file, hidden),
        "unknown": _unknown(bundle, case_file, hidden),
        "explanation": _explanation(bundle, case_file, hidden),
        "lowest_link": case_file.lowest_link,
        "doubt": case_file.doubt and doubt_answer(bundle, case_file.doubt),
    }


def _band(bundle: Bundle, given: Scored) -> BandAnswer | None:
    named = (band for band in bundle.bands if band.name == given.band)
    return next((BandAnswer(name=b.name, label=b.label) for b in named), None)


def _rank(given: Scored) -> RankAnswer | None:
    share, among = given.rank_share, given.case_file.ranked_among
    if share is None or among is None:
        return None
    words = rank_sentence(share, among)
    return RankAnswer(share_below=share, among=among, sentence=words)


def _observed(bundle: Bundle, given: Scored) -> RateAnswer | None:
    rate = bundle.observed_at(given.probability)
    return _rate(rate) if rate else None


def _rate(rate: Rate) -> RateAnswer:
    return RateAnswer(share=rate.share, low=rate.low, high=rate.high)


def _unknown(bundle: Bundle, case_file: CaseFile, hidden: Set[str]) -> UnknownAnswer:
    told = [one for one in bundle.indicators if one.source not in hidden]
    known = {n for n, value in case_file.values.items() if not is_missing(value)}
    absent = [one for one in told if one.name not in known]
    heard = {one.source for one in told if one.name in known} | hidden
    return UnknownAnswer(
        indicators=[one.label for one in absent],
        sources=[s.title for s in bundle.sources if s.name not in heard],
    )


def _explanation(
    bundle: Bundle, case_file: CaseFile, hidden: Set[str]
) -> ExplanationAnswer:
    parts = case_file.contributions
    left_out = [name for name in parts if rests_on(bundle, name, hidden)]
    values = [
        PartAnswer(
            indicator=name,
            value=part_value(bundle, case_file, name),
            contribution=part,
        )
        for name, part in parts.items()
        if name not in left_out
    ]
    return ExplanationAnswer(
        method=method_of(bundle.model),
        base_value=bundle.model.base,
        values=values,
        not_shown=sum(parts[name] for name in left_out) if left_out else None,
    )


def _data(bundle: Bundle, received: Mapping[str, dt.date]) -> DataAnswer:
    used = {name: received[name] for name in bundle.source_by_name if name in received}
    return DataAnswer(oldest=min(used.values(), default=None), sources=used)


def _model(bundle: Bundle) -> ModelAnswer:
    return ModelAnswer(
        version=bundle.version,
        family=bundle.family,
        sha256=bundle.model_sha256,
        bundle_sha256=bundle.sha256,
    )
