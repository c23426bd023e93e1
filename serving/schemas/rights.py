"""Schemas of the register of rights, and of the pack for who asked for access."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from serving.schemas.people import IdentityAnswer
from serving.schemas.strict import Schema
from serving.schemas.work import FreeText


def _day(value: object) -> object:
    """Read a day as JSON has it: a text such as 2026-11-02, and nothing else."""
    try:
        day = dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return value
    return day if day and day.isoformat() == value else value


Day = Annotated[dt.date, BeforeValidator(_day)]
RequestKind = Literal[
    "access", "rectification", "objection", "restriction", "complaint"
]
RequestOutcome = Literal["granted", "granted in part", "refused", "withdrawn"]
Choice = Literal["keep", "withhold"]
Role = Annotated[str, Field(min_length=1, max_length=200)]


class NewRequest(Schema):
    """What somebody asks for.

    Attributes:
        person: The opaque id; null where it is not known who it is.
        received_on: The day it came, not after today.
        owner: The role that must answer.
    """

    kind: RequestKind
    person: str | None = None
    received_on: Day
    owner: Role
    what: FreeText | None = None


class RequestReply(Schema):
    """What is answered to a request."""

    outcome: RequestOutcome
    answer: Annotated[FreeText, Field(min_length=1)]


class RequestAnswer(Schema):
    """An entry of the register, as the caller may see it.

    Attributes:
        days_left: Until it is due; below 0 it is late.
        clock: The same in words.
        is_known: It is about somebody in particular.
        person: Their opaque id; null unless the caller may look at them.
        name: Their name; null likewise.
        what: What was asked; null unless the caller may look at them, or wrote it.
        answer: What was answered; null likewise.
    """

    number: int
    kind: RequestKind
    received_on: dt.date
    due_on: dt.date
    days_left: int
    clock: str
    owner: str
    entered_by: str
    is_known: bool
    person: str | None
    name: str | None
    what: str | None
    answered_on: dt.date | None
    answered_by: str | None
    outcome: RequestOutcome | None
    answer: str | None


class RegisterAnswer(Schema):
    """A page of the register: what waits, the most urgent first, then the answered.

    Attributes:
        waiting: How many wait.
        overdue: How many of them are late.
    """

    total: int
    waiting: int
    overdue: int
    limit: int
    offset: int
    requests: list[RequestAnswer]


class PackLine(Schema):
    """A pack in a line: who made it, and who released it."""

    number: int
    made_at: dt.datetime
    made_by: str
    released_at: dt.datetime | None
    released_by: str | None


class OpenedRequest(Schema):
    """An entry of the register with what was made for it.

    Attributes:
        may_answer: It waits, and is about nobody or somebody whom the caller may see.
        packs: The newest first; none unless the caller may look at the person.
    """

    request: RequestAnswer
    may_answer: bool
    packs: list[PackLine]


class RequestsAbout(Schema):
    """All that was asked about one person, the newest first.

    Attributes:
        person: The opaque id.
    """

    person: str
    identity: IdentityAnswer
    requests: list[RequestAnswer]


class PackFlag(Schema):
    """Why a part of a pack must be looked at before it is given out.

    Attributes:
        choice: Keep it or withhold it; null until somebody decides.
        because: Why.
    """

    name: str
    choice: Choice | None = None
    because: str | None = None
    by: str | None = None


class PackItem(Schema):
    """One thing that is held about a person.

    Attributes:
        number: 1, 2, 3 ... within the pack.
        part: Such as `record`, `score` or `look`.
        on: The day that it is about; null if it is about none.
        title: What it is, in a line.
        lines: What it says, each as a label and a text.
    """

    number: int
    part: str
    on: dt.date | None
    title: str
    lines: list[tuple[str, str]]
    flags: list[PackFlag] = Field(default_factory=list)

    @property
    def is_withheld(self) -> bool:
        """Whether anybody decided to withhold it."""
        return any(flag.choice == "withhold" for flag in self.flags)


class PackContent(Schema):
    """All that is held about one person, as it is kept."""

    items: list[PackItem]

    @property
    def undecided(self) -> int:
        """How many flags nobody has decided on."""
        return sum(flag.choice is None for item in self.items for flag in item.flags)


class FlagChoice(Schema):
    """A decision on a flag, for one item or all that have it.

    Attributes:
        item: Its number; null: every item with this flag on which nobody has decided.
    """

    flag: Annotated[str, Field(max_length=63)]
    item: int | None = None
    choice: Choice
    because: Annotated[FreeText, Field(min_length=1)]


class PackAnswer(Schema):
    """A pack: a draft until a reviewer, who did not make it, releases it.

    Attributes:
        undecided: How many flags nobody has decided on.
        text: The pack as it is printed: without what is withheld, and marked as a
            draft while it is one.
    """

    number: int
    request: int
    made_at: dt.datetime
    made_by: str
    released_at: dt.datetime | None
    released_by: str | None
    undecided: int
    items: list[PackItem]
    text: str
