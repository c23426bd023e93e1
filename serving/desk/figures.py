"""Figures: how the service was used, for board, managers and analysts. No person.

No figure is by a member of staff, and none tells of few people: see `small_counts`.
"""

from __future__ import annotations

from typing import get_args

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
    table_answer,
)
from serving.desk.desk import Desk
from serving.desk.shares import answer_times, decided, departed, disagreed, in_time
from serving.local_time import day_of
from serving.schemas.figures import FiguresAnswer, TableAnswer
from serving.schemas.work import DecisionKind, OpinionKind


# What shows something of one person.
LOOKS = ("person", "score", "evidence", "chronology", "history")
_OTHER_LOOKS = "other"


def figures(desk: Desk, caller: Caller) -> FiguresAnswer:
    """Return how the service was used in the last twelve whole months.

    Raises:
        Forbidden: The role is not shown figures.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, _: Look) -> FiguresAnswer:
        span = last_months(day_of(desk.clock()))
        few = desk.place(connection).suppression_threshold
        return FiguresAnswer(
            hidden_to=few,
            first=span.first,
            end=span.end,
            looks=table_answer(_looks(connection, span), span, RELATIONS, few),
            alarms=table_answer(_alarms(connection, span), span, ["break-glass"], few),
            decisions=_decisions(connection, span, few),
            decisions_by_score=_decisions_by_score(connection, span, few),
            decided=decided(connection, span, few),
            departed=departed(desk, connection, span, few),
            opinions=_opinions(connection, span, few),
            disagreed=disagreed(desk, connection, span, few),
            answers=answer_times(connection, span, few),
            requests=_requests(connection, span, few),
            in_time=in_time(connection, span, few),
        )

    return desk.asked(caller, "figures", read)


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


def _decisions(connection: sa.Connection, span: Span, few: int) -> TableAnswer:
    found = counted(connection, span, decisions, decisions.c.kind)
    return table_answer(found, span, get_args(DecisionKind), few)


def _decisions_by_score(connection: sa.Connection, span: Span, few: int) -> TableAnswer:
    found = counted(connection, span, decisions, decisions.c.score)
    return table_answer(found, span, [], few)


def _opinions(connection: sa.Connection, span: Span, few: int) -> TableAnswer:
    found = counted(connection, span, opinions, opinions.c.kind)
    return table_answer(found, span, get_args(OpinionKind), few)


def _requests(connection: sa.Connection, span: Span, few: int) -> TableAnswer:
    by, at = rights_requests.c.kind, "received_on"
    found = counted(connection, span, rights_requests, by, at=at)
    return table_answer(found, span, [], few)
