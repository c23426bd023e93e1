"""A score as plain text, to copy into a case note."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from serving.local_time import dated, day_of
from serving.pages.spoken import in_100, not_shown, sentence, sure
from serving.schemas.opened import OpenedScore
from serving.schemas.scores import ReasonAnswer, ScoreAnswer
from serving.schemas.work import DecisionAnswer


def case_note(found: OpenedScore, on: dt.date) -> str:
    """Return a score in plain text, with what was done about it last.

    Args:
        found: A score that is shown, or the state that stands for it.
        on: The day on which it is looked at.

    Raises:
        ValueError: The score is not shown yet.
    """
    answer = found.score.score
    if answer is None:
        raise ValueError("a score that is not shown has no note")
    # A name is a partner's text, and must not make lines of its own.
    name = " ".join(found.head.identity.name.split())
    lines = [
        f"{answer.question} {name}, as of {dated(answer.as_of)}.",
        f"Lamppost, {found.place}, model version {answer.model.version}; "
        f"looked at on {dated(on)}.",
        "",
        *(_state(answer) if answer.state else _score(answer)),
        *_done(found.decisions),
        "",
        "A score is a reason to look, never a decision. It must not be used to "
        f"{_either(answer.forbidden_uses)}.",
    ]
    return "\n".join(lines)


def _state(answer: ScoreAnswer) -> Iterator[str]:
    if answer.state:
        yield f"No score: {answer.state.name.value}. {answer.state.sentence}"
        if answer.state.because:
            yield answer.state.because


def _score(answer: ScoreAnswer) -> Iterator[str]:
    if answer.band:
        yield f"Band: {answer.band.label}."
    if answer.rank:
        yield f"Rank: {answer.rank.sentence}."
    if answer.observed:
        rate = answer.observed
        yield (
            f"Of 100 people like this it came true for about {in_100(rate.share)}; "
            f"likely {in_100(rate.low)} to {in_100(rate.high)}. "
            f"Of 100 people on the whole list: about {in_100(answer.base_rate.share)}."
        )
    if answer.caveat:
        yield f"Note: {sentence(answer.caveat)}"
    if answer.reasons:
        yield from _reasons("Goes with a higher score:", answer.reasons.raises)
        yield from _reasons("Goes with a lower score:", answer.reasons.lowers)
        if left_out := not_shown(answer.reasons.not_shown):
            yield left_out
    if answer.unknown and answer.unknown.indicators:
        yield f"Not known: {'; '.join(answer.unknown.indicators)}."


def _reasons(title: str, some: list[ReasonAnswer]) -> Iterator[str]:
    if some:
        yield title
    for reason in some:
        newest = reason.latest_event
        when = f", newest record {dated(newest)}" if newest else ""
        doubt = reason.lowest_link is not None and sure(reason.lowest_link)
        link = f", on a link that is {doubt}" if doubt else ""
        yield f"- {reason.sentence} ({reason.size}; {reason.source}{when}{link})"


def _done(decisions: list[DecisionAnswer]) -> Iterator[str]:
    if not decisions:
        return
    last = decisions[0]
    what = f": {last.what}" if last.what else ""
    yield ""
    yield f"Done: {last.kind}{what} ({last.by}, {dated(day_of(last.at))})."


def _either(uses: list[str]) -> str:
    """Return uses as a list in words.

    >>> _either(["refuse", "reduce", "ration"])
    'refuse, reduce or ration'
    """
    *some, last = uses or ["decide anything by itself"]
    return f"{', '.join(some)} or {last}" if some else last
