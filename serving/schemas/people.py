"""Schemas of people: those of a worker, and one of them."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from serving.schemas.scores import ScoreAnswer, StateAnswer
from serving.schemas.strict import Schema


class RelationAnswer(Schema):
    """Why the caller may look at somebody.

    Attributes:
        reference: A case's or contact's number, or a worklist's.
        until: When the right ends; null if that is not known.
        purpose: What for, in words.
    """

    kind: Literal["own case", "allocated", "contact", "supervised", "break-glass"]
    reference: str | None
    until: dt.datetime | None
    purpose: str


class IdentityAnswer(Schema):
    """Who somebody is, as the partners write it; texts may be empty."""

    name: str
    birth_date: str
    details: dict[str, str]


class ListedScore(Schema):
    """A person's score in one line.

    Attributes:
        band: Its label; null in a state.
        view_first: The caller's own view is asked for before the band is shown.
        change: Against the as-of date before; `new` if there was none.
    """

    name: str
    as_of: dt.date
    state: StateAnswer | None
    band: str | None
    view_first: bool = False
    band_order: int
    change: Literal["higher", "lower", "same", "new"]


class ListedPerson(Schema):
    """A line of "my people".

    Attributes:
        person: The opaque id.
        worker: Whose case it is, for those who supervise.
        is_new: Newly allocated and not opened yet: the only alert there is.
        newest_record: The date of the newest linked event; null without any.
        score: The score that the list is about; null where there is none at all.
    """

    person: str
    identity: IdentityAnswer
    relation: RelationAnswer
    worker: str | None
    is_new: bool
    newest_record: dt.date | None
    score: ListedScore | None


class NamedScore(Schema):
    """A score by its name and its question; nothing of what it says."""

    name: str
    question: str


class PeopleAnswer(Schema):
    """A page of "my people".

    Attributes:
        score: The score that stands beside them; null while there is none.
        scores: All that might.
        bands: The labels of its bands, the highest first.
        new: How many of all of them are newly allocated.
    """

    score: str | None
    scores: list[NamedScore]
    bands: list[str]
    total: int
    limit: int
    offset: int
    new: int
    people: list[ListedPerson]


class StepAnswer(Schema):
    """One step of how a score moved.

    Attributes:
        band: Its label; null in a state.
        changed: In words: what moved it since the date before; empty for the first.
    """

    as_of: dt.date
    state: StateAnswer | None
    band: str | None
    rank: str | None
    model: int
    changed: list[str]


class HistoryAnswer(Schema):
    """How a person's score moved, newest first."""

    person: str
    name: str
    steps: list[StepAnswer]


class PersonScore(Schema):
    """A score on a person's page.

    Attributes:
        score: Null while the caller's own view is asked for first.
    """

    name: str
    question: str
    score: ScoreAnswer | None
    view_first: bool
    bands: list[str]
    history: list[StepAnswer]


class PersonAnswer(Schema):
    """A person: who they are, why the caller may look, and their scores."""

    person: str
    identity: IdentityAnswer
    relation: RelationAnswer
    scores: list[PersonScore]
