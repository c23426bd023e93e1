"""What a pack holds: all that the ledger has about one person, each thing an item.

Nothing is left out here. What must be looked at before it is given out is flagged: by
what the place's contracts declare of a source, and where a text may name others.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

import sqlalchemy as sa

from models.audit.access_report import accesses_of
from models.definitions.frozen_place import SPECIAL, FrozenPlace, ShownSource
from models.ledger.access_tables import (
    accounts,
    alerts,
    grants,
    worklist_people,
    worklists,
)
from models.ledger.people_tables import cases, entity_records
from models.ledger.promotions import BundleShelf
from models.ledger.register import requests_of
from models.ledger.tables import identities, records
from models.ledger.work_tables import decisions, opinions
from serving.answers.records import record_answer
from serving.desk.look_words import RELATIONS
from serving.desk.look_words import told as looks_told
from serving.desk.pack_parts import THIRD_PARTY, WHY, Part
from serving.desk.pack_scores import scores_of
from serving.desk.shown_records import stored
from serving.schemas.rights import PackContent, PackFlag, PackItem


_NOBODYS = dt.date(1, 1, 1)


def content_of(
    shelf: BundleShelf, connection: sa.Connection, place: FrozenPlace, entity_id: str
) -> PackContent:
    """Return all that the ledger holds about somebody, by part and then by day.

    Args:
        shelf: The bundles that say what scores mean.
        connection: The transaction that reads.
        place: Says what sources and columns mean.
        entity_id: Whom it is about.
    """
    parts: list[Part] = []
    for found in (
        _who(connection, entity_id),
        _records(connection, place, entity_id),
        scores_of(shelf, connection, place, entity_id),
        _done(connection, entity_id),
        _thought(connection, entity_id),
        _held(connection, entity_id),
        _asked(connection, entity_id),
        _looks(connection, place, entity_id),
    ):
        parts += sorted(found, key=lambda part: part.on or _NOBODYS)
    return PackContent(items=[_item(n, part) for n, part in enumerate(parts, 1)])


def numbered(items: Iterable[PackItem]) -> list[PackItem]:
    """Return items under new numbers: 1, 2, 3 ..."""
    return [i.model_copy(update={"number": n}) for n, i in enumerate(items, 1)]


def _item(number: int, part: Part) -> PackItem:
    flags = [PackFlag(name=name) for name in dict.fromkeys(part.flags)]
    return PackItem(
        number=number,
        part=part.part,
        on=part.on,
        title=part.title,
        lines=part.lines,
        flags=flags,
    )


def _who(connection: sa.Connection, entity_id: str) -> Iterator[Part]:
    query = sa.select(identities).where(identities.c.entity_id == entity_id)
    for row in connection.execute(query):
        lines = [(name.replace("_", " "), str(v)) for name, v in row.display.items()]
        yield Part("identity", None, "How you are named here", lines)


def _records(
    connection: sa.Connection, place: FrozenPlace, entity_id: str
) -> Iterator[Part]:
    same = records.c.record_id == entity_records.c.record_id
    query = (
        sa.select(*records.c, entity_records.c.probability.label("link"))
        .join(entity_records, same)
        .where(entity_records.c.entity_id == entity_id)
        .order_by(records.c.event_date, records.c.record_id, records.c.load)
    )
    for row in connection.execute(query):
        source = place.source_by_name.get(row.source)
        yield _record(place, source, row) if source else _of_old_source(row)


def _record(place: FrozenPlace, source: ShownSource, row: Any) -> Part:
    told = record_answer(place, stored(row), row.link)
    lines = [(field.label, field.value) for field in told.fields]
    lines += _undescribed(row.content, {column.name for column in source.columns})
    lines += [
        ("known since", str(told.known_date)),
        ("how sure it is that this is about you", _in_100(told.link)),
        ("record", told.record),
    ]
    flags = (*source.flags, *_flags_of(source, row.content))
    title = f"{told.source}, from {told.partner}"
    return Part("record", told.event_date, title, lines, flags)


def _in_100(link: float) -> str:
    """Return how sure a link is, never rounded up: .29 of 100 is a little less."""
    return f"{math.floor(round(100 * link, 6))} in 100"


def _flags_of(source: ShownSource, content: dict[str, Any]) -> Iterator[str]:
    for column in source.columns:
        value = content.get(column.name)
        if column.is_sensitive and value is not None:
            yield SPECIAL
        if not column.values and isinstance(value, str) and " " in value.strip():
            yield THIRD_PARTY


def _of_old_source(row: Any) -> Part:
    """A source that the place has no more: nobody can say what its columns mean."""
    lines = _undescribed(row.content, set())
    lines += [("record", f"{row.record_id}-{row.load}")]
    return Part("record", row.event_date, row.source, lines, (THIRD_PARTY,))


def _undescribed(
    content: Mapping[str, Any], described: Set[str]
) -> list[tuple[str, str]]:
    """Return what a record says in columns that the place does not describe (now)."""
    return [
        (name, str(value))
        for name, value in content.items()
        if value is not None and name not in described
    ]


def _done(connection: sa.Connection, entity_id: str) -> Iterator[Part]:
    for row in _with_account(connection, decisions, entity_id):
        lines = [("score", row.score or ""), ("by", _by(row))]
        lines += [("what", row.what)] if row.what else []
        yield Part("decision", row.at.date(), row.kind, lines, _written(row.what))


def _thought(connection: sa.Connection, entity_id: str) -> Iterator[Part]:
    for row in _with_account(connection, opinions, entity_id):
        said = [("said", row.text), ("answer", row.answer), ("verdict", row.verdict)]
        lines = [("by", _by(row)), *((name, text) for name, text in said if text)]
        flags = _written(row.text, row.answer)
        yield Part("opinion", row.at.date(), row.kind, lines, flags)


def _with_account(
    connection: sa.Connection, table: sa.Table, entity_id: str
) -> Iterable[Any]:
    query = (
        sa.select(*table.c, accounts.c.display_name, accounts.c.role)
        .join(accounts, accounts.c.id == table.c.account)
        .where(table.c.entity_id == entity_id)
        .order_by(table.c.at, table.c.id)
    )
    return connection.execute(query)


def _held(connection: sa.Connection, entity_id: str) -> Iterator[Part]:
    """Yield why somebody might look: cases, worklists, rights given, alerts."""
    for row in connection.execute(_where(cases, entity_id)):
        lines = [("reference", row.reference), ("worker", row.worker)]
        lines += [("closed on", str(row.closed_on))] if row.closed_on else []
        yield Part("case", row.opened_on, "A case was opened", lines)
    listed = sa.select(worklists.c.score, worklists.c.drawn_at, worklists.c.team).join(
        worklist_people, worklist_people.c.worklist == worklists.c.id
    )
    for row in connection.execute(
        listed.where(worklist_people.c.entity_id == entity_id)
    ):
        lines = [("score", row.score), ("team", row.team)]
        yield Part("worklist", row.drawn_at.date(), "On a team's worklist", lines)
    for row in connection.execute(_where(grants, entity_id)):
        told = (("for", row.purpose), ("reference", row.reference), ("why", row.reason))
        lines = [(name, text) for name, text in told if text]
        yield Part(
            "right to look", row.begins.date(), row.kind, lines, _written(row.reason)
        )
    for row in connection.execute(_where(alerts, entity_id)):
        lines = [("why", row.reason)] if row.reason else []
        yield Part("alert", row.at.date(), row.kind, lines, _written(row.reason))


def _asked(connection: sa.Connection, entity_id: str) -> Iterator[Part]:
    for one in requests_of(connection, entity_id):
        told = (("asked", one.what), ("outcome", one.outcome), ("answer", one.answer))
        lines = [("owner", one.owner), *((n, text) for n, text in told if text)]
        flags = _written(one.what, one.answer)
        yield Part("request", one.received_on, one.kind, lines, flags)


def _looks(
    connection: sa.Connection, place: FrozenPlace, entity_id: str
) -> Iterator[Part]:
    looks = accesses_of(connection, entity_id)
    for look in looks_told(connection, place.purposes, looks):
        why = RELATIONS.get(look.relation or "", look.relation)
        # A reason that was given may name others: it stands with the right, flagged.
        told = (
            *(("by", look.name or look.by), ("score", look.score)),
            *(("for", look.purpose), (WHY, why)),
            *(("outcome", look.outcome), ("at (UTC)", f"{look.at:%H:%M}")),
        )
        lines = [(name, text) for name, text in told if text]
        yield Part("look", look.at.date(), look.action, lines)


def _where(table: sa.Table, entity_id: str) -> sa.Select[Any]:
    return sa.select(table).where(table.c.entity_id == entity_id)


def _by(row: Any) -> str:
    return f"{row.display_name}, {row.role}"


def _written(*texts: str | None) -> tuple[str, ...]:
    return (THIRD_PARTY,) if any(texts) else ()
