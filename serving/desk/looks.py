"""Looks: who looked at a person, when and why, for those who may look themselves."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import sqlalchemy as sa

from models.audit.access_report import Access, accesses_of
from serving.access.roles import Caller
from serving.audit import Look
from serving.desk.desk import Desk
from serving.desk.identities import UNKNOWN, identities_of
from serving.desk.look_words import told
from serving.local_time import day_of
from serving.schemas.leading import LookAnswer, LooksAnswer
from serving.schemas.people import IdentityAnswer


class Page(NamedTuple):
    """Which of them."""

    limit: int = 50
    offset: int = 0


@dataclass(frozen=True)
class DayOfLooks:
    """What one worker looked at on one day for one reason.

    Attributes:
        looks: Each of them, newest first; one at least.
    """

    looks: Sequence[LookAnswer]

    @property
    def last(self) -> LookAnswer:
        """The newest of them, which says for all who it was and why."""
        return self.looks[0]

    @property
    def first(self) -> LookAnswer:
        """The oldest of them."""
        return self.looks[-1]

    @property
    def actions(self) -> Mapping[str, int]:
        """What was done, in words, and how often; in the order it was first done."""
        return Counter(look.action for look in reversed(self.looks))


@dataclass(frozen=True)
class LooksByDay:
    """A person's own access report as people read it.

    Attributes:
        identity: Whom it is about.
        total: How many looks there are in all.
        lines: How many lines they make.
        days: Those of the page that is asked for, newest first.
    """

    identity: IdentityAnswer
    total: int
    lines: int
    days: Sequence[DayOfLooks]


def looks(
    desk: Desk, caller: Caller, person: str, page: Page | None = None
) -> LooksAnswer:
    """Return who looked at somebody, newest first; that this was asked is one too.

    Raises:
        Unseen: There is nobody, or no right to look, or the role may not ask.
        LedgerUnavailable: Nothing is told without a record of it.
    """
    page = page or Page()

    def read(connection: sa.Connection, look: Look) -> LooksAnswer:
        right, place = desk.person(connection, caller, look, person)
        found = accesses_of(connection, right.entity_id)[::-1]
        shown = found[page.offset : page.offset + page.limit]
        return LooksAnswer(
            person=person,
            identity=_identity(connection, right.entity_id),
            total=len(found),
            limit=page.limit,
            offset=page.offset,
            looks=told(connection, place.purposes, shown),
        )

    return desk.asked(caller, "report", read)


def looks_by_day(
    desk: Desk, caller: Caller, person: str, page: Page | None = None
) -> LooksByDay:
    """Return the same with a line for each worker, day and reason.

    Args:
        desk: Where it is asked.
        caller: Who asks.
        person: About whom.
        page: Which of the lines.

    Raises:
        Unseen: There is nobody, or no right to look, or the role may not ask.
        LedgerUnavailable: Nothing is told without a record of it.
    """
    page = page or Page()

    def read(connection: sa.Connection, look: Look) -> LooksByDay:
        right, place = desk.person(connection, caller, look, person)
        found = accesses_of(connection, right.entity_id)[::-1]
        lines = _lines(found)
        shown = lines[page.offset : page.offset + page.limit]
        each = [one for line in shown for one in line]
        words = iter(told(connection, place.purposes, each))
        return LooksByDay(
            identity=_identity(connection, right.entity_id),
            total=len(found),
            lines=len(lines),
            days=[DayOfLooks(list(islice(words, len(line)))) for line in shown],
        )

    return desk.asked(caller, "report", read)


def _lines(found: Sequence[Access]) -> list[list[Access]]:
    """Return looks by who, on which day, and why; in the order of the first of each."""
    lines: dict[tuple[str | int | dt.date | None, ...], list[Access]] = {}
    for one in found:
        day = day_of(one.at)
        why = (one.relation, one.reference, one.grant, one.purpose)
        lines.setdefault((one.by, day, *why, one.outcome), []).append(one)
    return list(lines.values())


def _identity(connection: sa.Connection, entity_id: str) -> IdentityAnswer:
    return identities_of(connection, [entity_id]).get(entity_id, UNKNOWN)
