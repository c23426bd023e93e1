"""Schemas of a person's pages: who it is, and one thing about them."""

from __future__ import annotations

from pydantic import Field

from serving.schemas.people import (
    IdentityAnswer,
    NamedScore,
    PersonScore,
    RelationAnswer,
)
from serving.schemas.records import ChronologyAnswer, EvidenceAnswer, RecordAnswer
from serving.schemas.strict import Schema
from serving.schemas.work import DecisionAnswer, OpinionAnswer


class HeadAnswer(Schema):
    """What stands at the head of each page about a person.

    Attributes:
        person: The opaque id.
        scores: Those that have something to say of them, a state too.
        may_report: The caller may tell who looked at them.
    """

    person: str
    identity: IdentityAnswer
    relation: RelationAnswer
    scores: list[NamedScore]
    may_report: bool


class OpenedChronology(Schema):
    """A person, and a stretch of their records.

    Attributes:
        wrong: Records said to be wrong of somebody without a score; newest first.
    """

    head: HeadAnswer
    chronology: ChronologyAnswer
    wrong: list[OpinionAnswer]


class OpenedScore(Schema):
    """A person, one score of theirs, and what people did and said about it.

    Attributes:
        place: The place's title.
        about: Whom the score is about, in plain words; null where nobody wrote them.
        decisions: Newest first.
        opinions: Newest first, with the answers that they were given.
        record: The one of theirs that was named, if it may be shown.
        next_batch: When a new score takes up what changes, in words.

    While the caller's own view is asked for first, nothing else is told.
    """

    head: HeadAnswer
    place: str
    about: str | None
    score: PersonScore
    decisions: list[DecisionAnswer] = Field(default_factory=list)
    opinions: list[OpinionAnswer] = Field(default_factory=list)
    record: RecordAnswer | None = None
    next_batch: str = ""


class OpenedRecord(Schema):
    """A person with one record of theirs; null where there is none of that number."""

    head: HeadAnswer
    record: RecordAnswer | None


class OpenedEvidence(Schema):
    """A person, and the records behind one reason."""

    head: HeadAnswer
    evidence: EvidenceAnswer
