"""Figures: how the service was used, for board, managers and analysts. No person.

No figure is by a member of staff, and none tells of few people: see `small_counts`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar, get_args

import sqlalchemy as sa

from models.ledger.tables import views
from models.ledger.work_tables import decisions, opinions, rights_requests
from serving.access.rights import RELATIONS
from serving.access.roles import Caller
from serving.audit import Look
from serving.desk.counting import (
    Counts,
    Span,
    counted,
    last_months,
    merged,
    table_answer,
)
from serving.desk.desk import Desk
from serving.desk.newest import named_scores
from serving.desk.shares import answer_times, decided, departed, disagreed, in_time
from serving.local_time import day_of
from serving.schemas.figures import FiguresAnswer, TableAnswer
from serving.schemas.people import NamedScore
from serving.schemas.work import DecisionKind, OpinionKind


T = TypeVar("T")
Counting = Callable[[sa.Connection, Span], T]

# What shows something of one person.
LOOKS = ("person", "score", "evidence", "chronology", "history")
_OTHER_LOOKS = "other"


def figures(desk: Desk, caller: Caller) -> FiguresAnswer:
    """Return how the service was used in the last twelve whole months.

    Raises:
        Forbidden: The role is not shown figures.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, _: Look) -> tuple[int, list[NamedScore]]:
        few = desk.place(connection).suppression_threshold
        return few, named_scores(desk, connection)

    # On record before anything is counted, and out of everybody's way.
    few, there = desk.asked(caller, "figures", read)
    return _answer(desk, there, few)


def _answer(desk: Desk, there: list[NamedScore], few: int) -> FiguresAnswer:
    span = last_months(day_of(desk.clock()))

    def table(count: Counting[Counts], columns: Sequence[str] = ()) -> TableAnswer:
        return table_answer(merged(_by_month(desk, span, count)), span, columns, few)

    def lines(count: Counting[Sequence[T]]) -> list[T]:
        return [line for month in _by_month(desk, span, count) for line in month]

    return FiguresAnswer(
        hidden_to=few,
        first=span.first,
        end=span.end,
        scores=there,
        looks=table(_looks, RELATIONS),
        alarms=table(_alarms, ["break-glass"]),
        decisions=table(_decisions, get_args(DecisionKind)),
        decisions_by_score=table(_decisions_by_score),
        decided=lines(partial(decided, most_hidden=few)),
        departed=lines(partial(departed, desk, most_hidden=few)),
        opinions=table(_opinions, get_args(OpinionKind)),
        disagreed=lines(partial(disagreed, desk, most_hidden=few)),
        answers=lines(partial(answer_times, most_hidden=few)),
        requests=table(_requests),
        in_time=lines(partial(in_time, most_hidden=few)),
    )


def _by_month(desk: Desk, span: Span, count: Counting[T]) -> list[T]:
    """Return what is counted of each month, the newest first.

    One by one: while SQLite reads, nobody's look can be put on record.
    """
    found = []
    for month in span.each:
        with desk.audit.ledger.reading() as connection:
            found.append(count(connection, month))
    return found


def _looks(connection: sa.Connection, span: Span) -> Counts:
    """Return looks by the relation that stands in the audit's detail, which is JSON."""
    relations = [
        (views.c.detail.contains(f'"relation": "{name}"', autoescape=True), name)
        for name in RELATIONS
    ]
    by = sa.case(*relations, else_=_OTHER_LOOKS)
    was_shown = views.c.outcome == "shown"
    return counted(connection, span, views, by, was_shown, views.c.action.in_(LOOKS))


def _alarms(connection: sa.Connection, span: Span) -> Counts:
    was_given = (views.c.action == "break glass") & (views.c.outcome == "shown")
    return counted(connection, span, views, sa.literal("break-glass"), was_given)


def _decisions(connection: sa.Connection, span: Span) -> Counts:
    return counted(connection, span, decisions, decisions.c.kind)


def _decisions_by_score(connection: sa.Connection, span: Span) -> Counts:
    return counted(connection, span, decisions, decisions.c.score)


def _opinions(connection: sa.Connection, span: Span) -> Counts:
    return counted(connection, span, opinions, opinions.c.kind)


def _requests(connection: sa.Connection, span: Span) -> Counts:
    by, at = rights_requests.c.kind, "received_on"
    return counted(connection, span, rights_requests, by, at=at)
