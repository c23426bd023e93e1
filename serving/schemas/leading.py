"""Schemas of finding and leading: who is sought, why, worklists, cases, alerts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from serving.schemas.people import IdentityAnswer, RelationAnswer
from serving.schemas.strict import Schema


Line = Annotated[str, Field(max_length=200)]
Ref = Annotated[str, Field(max_length=400)]
Reason = Annotated[str, Field(max_length=1_000)]
AccountName = Annotated[str, Field(max_length=200)]


class FindQuery(Schema):
    """Who is sought: by one of three ways, each exact.

    Attributes:
        birth_date: As 1948-02-27, with `surname`; `forename` and `postcode` narrow it.
        identifier: The name of a public number, such as `nhs_number`, with `number`.
        case_reference: A case's number in the caseload.
    """

    birth_date: Line | None = None
    surname: Line | None = None
    forename: Line | None = None
    postcode: Line | None = None
    identifier: Line | None = None
    number: Line | None = None
    case_reference: Line | None = None


class FindAnswer(Schema):
    """What a search found: never who, unless there is a relation already.

    Attributes:
        found: With `several`, something must be added.
        person: An opaque id of the one who was found. Without a relation it serves to
            say why they must be looked at, and nothing else.
        relation: Why the caller may look at once; null if they must say why.
    """

    found: Literal["nobody", "one person", "several"]
    person: str | None
    relation: RelationAnswer | None


class ContactBody(Schema):
    """That somebody is in contact with the service today.

    Attributes:
        reference: What tells which contact, such as a call's number.
    """

    person: Ref
    reference: Line


class BreakGlassBody(Schema):
    """That somebody must be looked at although there is no relation to them.

    Attributes:
        reason: In at least 15 characters; whoever leads is told.
        purpose: One of the place's purposes, by its name.
    """

    person: Ref
    reason: Reason
    purpose: Line


class RightAnswer(Schema):
    """A right that was given."""

    person: str
    relation: RelationAnswer


class MemberAnswer(Schema):
    """A caseworker of the team."""

    account: str
    name: str


class KeepCaseBody(Schema):
    """A case that a manager keeps for one of the team.

    Attributes:
        person: As the finder gave it.
        account: A caseworker of the team, by the account's name.
        reference: The case's number.
    """

    person: Ref
    account: AccountName
    reference: Line


class KeptCaseAnswer(Schema):
    """A case that a manager keeps."""

    id: int
    person: str
    identity: IdentityAnswer
    account: str
    worker: str
    reference: str | None
    begun: dt.datetime


class KeptCasesAnswer(Schema):
    """The open cases that a team's managers keep, newest first."""

    cases: list[KeptCaseAnswer]
    team: list[MemberAnswer]


class CaseDoneAnswer(Schema):
    """What became of a case that a manager keeps."""

    id: int
    is_open: bool


class AlertAnswer(Schema):
    """Something that whoever leads must know.

    Attributes:
        worker: Whose doing; null for those who may only know that it happened.
        person: An opaque id, and who they are; null where it is about nobody, or not
            to be known.
    """

    id: int
    at: dt.datetime
    kind: str
    worker: str | None
    person: str | None
    identity: IdentityAnswer | None
    reason: str | None
    is_seen: bool


class AlertsAnswer(Schema):
    """Alerts, newest first."""

    unseen: int
    alerts: list[AlertAnswer]


class SeenAnswer(Schema):
    """An alert that was seen."""

    id: int


class LookAnswer(Schema):
    """One look at a person.

    Attributes:
        by: The account's name; `name` as people are called, null if it is gone.
        action: What was done, in words.
        purpose: What for, in words.
        relation: Why they might; null of looks of before that was kept, of refusals,
            and of lists.
        outcome: `shown`, or what came of it instead.
    """

    at: dt.datetime
    by: str
    name: str | None
    action: str
    score: str | None
    purpose: str | None
    relation: str | None
    reference: str | None
    reason: str | None
    outcome: str


class LooksAnswer(Schema):
    """A person's own access report: who looked, when and why, newest first."""

    person: str
    identity: IdentityAnswer
    total: int
    limit: int
    offset: int
    looks: list[LookAnswer]


class LinkBody(Schema):
    """Whose page another program wants to open, and for whom.

    Attributes:
        account: Who will open it: the token's own account, or one of its team.
        reference: A case's number in the caseload.
    """

    account: AccountName
    reference: Line


class LinkAnswer(Schema):
    """An address that gives no right: whoever opens it is asked for theirs."""

    address: str
