"""Shares of what was done and said: how often people decide, depart and disagree."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Any, NamedTuple

import sqlalchemy as sa

from models.definitions.bundle import Bundle
from models.ledger.tables import batches, scores, views
from models.ledger.work_tables import decisions, opinions, rights_requests
from serving.desk.counting import Span, month_of, person_of
from serving.desk.desk import Desk
from serving.desk.opinions import WRONG_RECORD
from serving.desk.small_counts import Count, Split, share_answer, told_shares
from serving.schemas.figures import ShareAnswer, SpanAnswer


ACTED = ("offered", "referred", "visited")
# That nothing new had to be done says neither.
NEITHER = "already known"
WITHOUT_SCORE = "without a score"
# What is counted among decisions, and says nothing here.
_BESIDE = (NEITHER, WITHOUT_SCORE)
# As the counts of decisions by score have it.
_FORGOTTEN = "forgotten"


def decided(
    connection: sa.Connection, span: Span, *, most_hidden: int
) -> list[ShareAnswer]:
    """Return, by month and score: of the people opened, those decided about."""
    opened = _people(connection, span, views, _IS_OPENED)
    done = _people(connection, span, decisions, decisions.c.score.is_not(None))
    found = (
        _Said(*key, entity_id in done.get(key, set()), entity_id)
        for key, whom in opened.items()
        for entity_id in whom
    )
    return _shares(found, span, most_hidden)


def departed(
    desk: Desk, connection: sa.Connection, span: Span, *, most_hidden: int
) -> list[ShareAnswer]:
    """Return, by month and score: of decisions, those against what a band suggests."""
    found = []
    for row in _beside_scores(connection, span, decisions):
        beside = NEITHER if row.kind == NEITHER else WITHOUT_SCORE
        is_against = False
        if row.kind != NEITHER and row.band is not None:
            beside, bundle = "", desk.shelf.take(connection, row.bundle)
            is_against = (row.kind in ACTED) != _is_highest(bundle, row)
        name = row.score or _FORGOTTEN
        said = _Said(month_of(row.at), name, is_against, row.person, beside)
        found.append(said)
    return _shares(found, span, most_hidden)


def disagreed(
    desk: Desk, connection: sa.Connection, span: Span, *, most_hidden: int
) -> list[ShareAnswer]:
    """Return, by month, score and band: of agreeing and disagreeing, the latter."""
    is_clear = opinions.c.kind.in_(("agree", "disagree"))
    rows = _beside_scores(connection, span, opinions, is_clear)
    found = (
        _Said(
            month_of(row.at),
            _named(desk, connection, row),
            row.kind == "disagree",
            row.person,
        )
        for row in rows
    )
    return _shares(found, span, most_hidden)


def answer_times(
    connection: sa.Connection, span: Span, *, most_hidden: int
) -> list[SpanAnswer]:
    """Return, by month: how long it took to answer about a wrong record."""
    query = sa.select(opinions, person_of(opinions).label("person")).where(
        span.holds(opinions.c.at), opinions.c.kind == WRONG_RECORD
    )
    rows = connection.execute(query).all()
    found = (
        _Said(month_of(row.at), "", row.answered_at is not None, row.person)
        for row in rows
    )
    told = {one.month for one in _shares(found, span, most_hidden) if one.share}
    took: dict[str, list[float]] = {month: [] for month in span.months}
    for row in rows:
        if row.answered_at is not None:
            days = (row.answered_at - row.at) / dt.timedelta(days=1)
            took[month_of(row.at)].append(days)
    return [_span(month, days, month in told) for month, days in took.items() if days]


def in_time(
    connection: sa.Connection, span: Span, *, most_hidden: int
) -> list[ShareAnswer]:
    """Return, by the month in which requests fell due: those answered by then."""
    whose = person_of(rights_requests).label("person")
    due = span.holds(rights_requests.c.due_on)
    query = sa.select(rights_requests, whose).where(due)
    found = (
        _Said(
            month_of(row.due_on),
            "all requests",
            row.answered_on is not None and row.answered_on <= row.due_on,
            row.person,
        )
        for row in connection.execute(query)
    )
    return _shares(found, span, most_hidden)


class _Said(NamedTuple):
    """Something that is so of somebody, or not, in a month.

    Attributes:
        name: Of what, such as a score.
        beside: Why it is neither; empty if it is one of both.
    """

    month: str
    name: str
    is_so: bool
    person: str
    beside: str = ""


_IS_OPENED = (
    (views.c.action == "score")
    & (views.c.outcome == "shown")
    & views.c.score.is_not(None)
)


def _people(
    connection: sa.Connection,
    span: Span,
    table: sa.Table,
    which: sa.ColumnElement[bool],
) -> dict[tuple[str, str], set[str]]:
    """Return whom rows are about, by month and score; who was forgotten is nobody."""
    query = (
        sa.select(table.c.at, table.c.score, table.c.entity_id)
        .where(span.holds(table.c.at), which, table.c.entity_id.is_not(None))
        .distinct()
    )
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for at, score, entity_id in connection.execute(query):
        found[(month_of(at), score)].add(entity_id)
    return found


def _beside_scores(
    connection: sa.Connection,
    span: Span,
    table: sa.Table,
    *which: sa.ColumnElement[bool],
) -> Iterable[sa.Row[Any]]:
    """Return rows with the band that stood beside each, as the batch has it last.

    Those that no score stands beside any more are there too: others count them.
    """
    same = (scores.c.batch == table.c.batch) & (scores.c.entity_id == table.c.entity_id)
    columns = [table.c[name] for name in ("id", "at", "score", "kind")]
    person = person_of(table).label("person")
    query: sa.Select[Any] = (
        sa.select(*columns, person, scores.c.band, batches.c.bundle)
        .outerjoin(scores, same)
        .outerjoin(batches, batches.c.id == table.c.batch)
        .where(span.holds(table.c.at), *which)
        .order_by(table.c.id, scores.c.as_of, scores.c.index_record.nulls_first())
    )
    return {row.id: row for row in connection.execute(query)}.values()


def _is_highest(bundle: Bundle, row: sa.Row[Any]) -> bool:
    highest = max(bundle.bands, key=lambda band: band.from_rank)
    return bool(row.band == highest.name)


def _named(desk: Desk, connection: sa.Connection, row: sa.Row[Any]) -> str:
    """Return a score's name with the band's label."""
    if row.score is None:
        return _FORGOTTEN
    labels = {}
    if row.bundle is not None:
        bundle = desk.shelf.take(connection, row.bundle)
        labels = {band.name: band.label for band in bundle.bands}
    return f"{row.score}: {labels.get(row.band, WITHOUT_SCORE)}"


def _span(month: str, days: list[float], is_told: bool) -> SpanAnswer:
    if not is_told or not days:
        return SpanAnswer(month=month, answered=None, median_days=None)
    middle = round(median(days), 1)
    return SpanAnswer(month=month, answered=len(days), median_days=middle)


def _shares(found: Iterable[_Said], span: Span, most_hidden: int) -> list[ShareAnswer]:
    """Return what share is so, by month (the newest first) and name."""
    months: dict[str, dict[str, list[_Said]]] = {month: {} for month in span.months}
    for one in found:
        months[one.month].setdefault(one.name, []).append(one)
    answers = []
    for month, names in months.items():
        splits = {name: _split(some) for name, some in sorted(names.items())}
        told = told_shares(splits, most_hidden)
        told = {name: told[name] for name in splits if _says_something(splits[name])}
        answers += [_share_answer(month, name, split) for name, split in told.items()]
    return answers


def _split(some: list[_Said]) -> Split:
    so, not_so = (_count(some, is_so=is_so) for is_so in (True, False))
    beside = (_count(some, is_so=False, beside=why) for why in _BESIDE)
    return Split(so, not_so, tuple(beside))


def _count(some: list[_Said], *, is_so: bool, beside: str = "") -> Count:
    people = [o.person for o in some if o.is_so is is_so and o.beside == beside]
    return Count(len(people), len(set(people)))


def _says_something(split: Split) -> bool:
    """Say whether anything is so or not so: what is neither alone is no share."""
    return split.so.events + split.not_so.events > 0


def _share_answer(month: str, name: str, split: Split | None) -> ShareAnswer:
    share = share_answer(split) if split else None
    of = split.so.events + split.not_so.events if split else None
    return ShareAnswer(month=month, name=name, of=of, share=share)
