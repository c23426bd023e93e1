"""Schemas of work: what was done, what people think, and what stewards answer."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from serving.schemas.records import FieldAnswer
from serving.schemas.strict import Schema


LONGEST_TEXT = 4_000

DecisionKind = Literal[
    "no action",
    "offered",
    "referred",
    "visited",
    "already known",
    "not appropriate",
]
OpinionKind = Literal[
    "agree",
    "disagree",
    "the record is wrong",
    "I know something it does not",
    "view first",
]
RecordVerdict = Literal["corrected by the partner", "right as it is", "cannot tell"]
# The same words as those of linking, which the service does not import.
LinkVerdict = Literal["same", "different", "cannot tell"]
LinkReason = Literal[
    "identifiers agree",
    "identifiers differ",
    "partner confirmed",
    "person confirmed",
    "not enough to tell",
]

ScoreName = Annotated[str, Field(max_length=63)]
FreeText = Annotated[str, Field(max_length=LONGEST_TEXT)]


class Decision(Schema):
    """What was done after looking at a score.

    Attributes:
        score: The score's name.
        what: What was offered, or where to; needed with `offered` and `referred`.
    """

    score: ScoreName
    kind: DecisionKind
    what: FreeText | None = None


class DecisionAnswer(Schema):
    """A decision as it stands beside the score.

    Attributes:
        as_of: The date of the score that it was made beside.
        by: The name of who decided; `role` is what they are here.
        relation: Why they were looking.
    """

    score: str
    as_of: dt.date | None
    kind: DecisionKind
    what: str | None
    at: dt.datetime
    by: str
    role: str
    relation: str


class DecisionsAnswer(Schema):
    """What was done for a person, newest first."""

    person: str
    decisions: list[DecisionAnswer]


class Opinion(Schema):
    """What somebody thinks of a score.

    Attributes:
        score: The score's name; null only where a record is wrong of somebody who has
            no score.
        text: Needed with `the record is wrong` and `I know something it does not`; with
            `view first` the label of a band.
        record: Which record is wrong, such as `1042-7`.
    """

    score: ScoreName | None = None
    kind: OpinionKind
    text: FreeText | None = None
    record: Annotated[str, Field(max_length=40)] | None = None


class StewardAnswer(Schema):
    """What a steward found out about a record that was said to be wrong."""

    verdict: RecordVerdict
    text: str
    at: dt.datetime
    by: str


class OpinionAnswer(Schema):
    """An opinion as it stands beside the score.

    Attributes:
        score: Null where it is about a record of somebody without a score.
        as_of: The date of the score that it was given beside.
        said_beside: That score's band or state, in words; null if it is gone.
        partner: Whose steward must answer; null where no record is said to be wrong.
        answer: Null while it waits, or where none is needed.
        newer_as_of: The date of the newest score that was made after the answer, and
            `newer` its band or state; null while there is none.
    """

    score: str | None
    as_of: dt.date | None
    said_beside: str | None
    kind: OpinionKind
    text: str | None
    record: str | None
    partner: str | None
    at: dt.datetime
    by: str
    role: str
    answer: StewardAnswer | None
    newer_as_of: dt.date | None = None
    newer: str | None = None


class OpinionsAnswer(Schema):
    """What people think of a person's scores, newest first.

    Attributes:
        next_batch: By score: when opinions and corrections can show in it, in words.
    """

    person: str
    opinions: list[OpinionAnswer]
    next_batch: dict[str, str]


class WrongRecord(Schema):
    """A record that is said to be wrong, as its partner's steward sees it.

    Attributes:
        record: Its number and its load's.
        said: What is said about it.
        fields: What the record says, in words.
    """

    record: str
    source: str
    event_date: dt.date
    known_date: dt.date
    said: str
    by: str
    role: str
    fields: list[FieldAnswer]


class BothSides(Schema):
    """One identifier as either side of an uncertain link writes it."""

    identifier: str
    left: list[str]
    right: list[str]


class UncertainLink(Schema):
    """Two groups of records that may be about one person; identifiers only.

    Attributes:
        entity: The kind of entity, such as `person`.
        why: Why linking left it open.
        holds_scores_back: Neither side is scored until somebody decides.
    """

    entity: str
    why: str
    holds_scores_back: bool
    sides: list[BothSides]


class QueueItem(Schema):
    """Something that waits for a steward: either a record or a link.

    Attributes:
        item: The opaque id, for this account.
        since: When it was said or asked.
    """

    item: str
    since: dt.datetime
    record: WrongRecord | None
    link: UncertainLink | None


class QueueAnswer(Schema):
    """What waits for a steward of one partner: records first, the oldest first."""

    partner: str
    total: int
    limit: int
    offset: int
    items: list[QueueItem]


class Verdict(Schema):
    """A steward's answer.

    Attributes:
        verdict: About a record, or about a link.
        text: What was found out; needed for a record.
        reason: Why, for a link; left out it is the verdict's usual one.
    """

    verdict: RecordVerdict | LinkVerdict
    text: FreeText | None = None
    reason: LinkReason | None = None


class AnsweredItem(Schema):
    """What became of an item of the queue.

    Attributes:
        next: What happens now, in words.
    """

    item: str
    verdict: str
    at: dt.datetime
    next: str
