"""Schemas of records: one record, those behind a reason, and all of one person."""

from __future__ import annotations

import datetime as dt

from serving.schemas.strict import Schema


class FieldAnswer(Schema):
    """One column of a record in words.

    Attributes:
        label: What the column means.
        value: Its value with its unit; a code by its meaning.
        is_first: It belongs in the one line of the record.
    """

    label: str
    value: str
    is_first: bool = False


class RecordAnswer(Schema):
    """One version of one record.

    Attributes:
        record: Its number and its load's, such as `1042-7`: how to say it is wrong.
        source: The title of the source; `source_name` is how to filter by it.
        event_date: When it happened.
        known_date: When we could first have known.
        link: How sure it is that the record is this person's, 0 to 1.
        content: The columns that are shown, as the partner gave them.
        fields: The same in words, without those that are empty.
    """

    record: str
    source: str
    source_name: str
    partner: str
    event_date: dt.date
    known_date: dt.date
    link: float
    content: dict[str, str | int | float | bool | None]
    fields: list[FieldAnswer]


class EvidenceAnswer(Schema):
    """The records behind one indicator of one score.

    Attributes:
        about: What the records are about, if not the person; null if they are.
        hidden: How many are not shown: they are about somebody else, whom the caller
            has no right to look at, or not within this hour any more; or may not be
            shown for this purpose; or there are very many.
        lowest_link: The least certain link among them; null where none was needed.
        link_product: The product of the links' probabilities, each identity (all
            records that say the same of whom they are about) once.
        total: How many there are.
        first_event: When the first of them happened; null without records.
        last_event: When the last did.
        caveat: What must be said beside every score; null where nothing must.
    """

    name: str
    caveat: str | None
    person: str
    as_of: dt.date
    indicator: str
    label: str
    sentence: str
    source: str
    partner: str
    about: str | None
    lowest_link: float | None
    link_product: float | None
    total: int
    hidden: int
    first_event: dt.date | None
    last_event: dt.date | None
    records: list[RecordAnswer]


class SourceAnswer(Schema):
    """A source, and how much of it a chronology holds.

    Attributes:
        partner_id: How to filter by the partner.
        records: How many records of this person; 0 where none.
        received: The day of the newest delivery; null if none came.
        is_stale: It is older than its partner promised.
        not_shown: Why none of it is shown; null where it is.
    """

    name: str
    title: str
    partner: str
    partner_id: str
    records: int
    received: dt.date | None
    is_stale: bool
    not_shown: str | None


class ChronologyAnswer(Schema):
    """A person's records on one line of time, newest first.

    Attributes:
        total: How many there are with this filter.
        sources: Every source of the place, also those without a record.
    """

    person: str
    total: int
    limit: int
    offset: int
    records: list[RecordAnswer]
    sources: list[SourceAnswer]
