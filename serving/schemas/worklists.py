"""Schemas of worklists: what is drawn, who is on it, and to whom each was given."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from serving.schemas.leading import AccountName, Line, MemberAnswer
from serving.schemas.people import IdentityAnswer
from serving.schemas.scores import StateAnswer
from serving.schemas.strict import Schema


class DrawBody(Schema):
    """A worklist to be drawn.

    Attributes:
        size: How many at most; null takes the score's capacity.
    """

    score: Line
    size: Annotated[int, Field(ge=1, le=10_000)] | None = None


class DrawnAnswer(Schema):
    """A worklist that was drawn, by its number; `people` may be none."""

    worklist: int
    people: int
    expires: dt.datetime


class AllocationBody(Schema):
    """Who on a worklist is given to whom.

    Attributes:
        number: The line of the worklist.
        account: A caseworker of the team, by the account's name; null takes back.
    """

    number: Annotated[int, Field(ge=1, le=10_000)]
    account: AccountName | None


class WorklistAnswer(Schema):
    """A worklist, without anybody on it.

    Attributes:
        is_live: Until it expires; after that it gives no right and is not shown.
        people: How many are on it; `allocated`, `opened` and `decided` are of these.
    """

    id: int
    score: str
    question: str
    as_of: dt.date
    drawn_by: str
    drawn_at: dt.datetime
    expires: dt.datetime
    is_live: bool
    people: int
    allocated: int
    opened: int
    decided: int


class DrawableAnswer(Schema):
    """A score that a worklist can be drawn of.

    Attributes:
        capacity: How many can be drawn; null where nobody has declared it.
        state: Why it cannot be drawn now; null if it can.
    """

    score: str
    question: str
    as_of: dt.date
    capacity: int | None
    state: StateAnswer | None


class WorklistsAnswer(Schema):
    """The worklists of a team, newest first, and what can be drawn."""

    worklists: list[WorklistAnswer]
    drawable: list[DrawableAnswer]


class WorklistLine(Schema):
    """One person on a worklist.

    Attributes:
        person: An opaque id; null while it is nobody's, as nobody may look then.
        band: The band's label when it was drawn; null where a state stands for it.
        view_first: The caller's own view is asked for before the band, and what was
            done, are told.
        state: If the score cannot be given any more; null if it can.
        account: To whom it was given, by the account's name; null if to nobody yet.
        worker: The same as people are called.
        decided: What was done last; null if nothing yet, or with `view_first`.
    """

    number: int
    person: str | None
    identity: IdentityAnswer
    band: str | None
    view_first: bool = False
    state: StateAnswer | None
    account: str | None
    worker: str | None
    allocated_at: dt.datetime | None
    opened_at: dt.datetime | None
    decided: str | None


class WorklistPeopleAnswer(Schema):
    """A worklist with everybody on it, and whom they can be given to.

    Attributes:
        is_ranked: The highest come first; not where one's own view does.
    """

    worklist: WorklistAnswer
    is_ranked: bool
    lines: list[WorklistLine]
    team: list[MemberAnswer]


class AllocationAnswer(Schema):
    """What an allocation came to."""

    worklist: int
    number: int
    account: str | None
