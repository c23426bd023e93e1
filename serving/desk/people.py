"""My people: whom a worker has open or was given, and whom a manager supervises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from features.faults import Fault, Misuse
from models.definitions.frozen_place import FrozenPlace
from models.definitions.states import State
from models.ledger.access_tables import worklist_people
from models.ledger.cases import BatchRow, ScoreRow
from models.ledger.people_tables import entity_records
from serving.access.rights import RELATIONS, Right, rights
from serving.access.roles import Caller
from serving.answers.scores import state_answer
from serving.audit import Look
from serving.desk.desk import Desk
from serving.desk.found import Found, as_shown
from serving.desk.identities import UNKNOWN, identities_of
from serving.desk.newest import (
    band_labels,
    bare_rows,
    first_score,
    named_scores,
    two_dates,
    viewed,
)
from serving.desk.shown_records import Sight, is_not_withheld, open_sources, sights_of
from serving.desk.teams import workers_by_person
from serving.schemas.people import (
    ListedPerson,
    ListedScore,
    NamedScore,
    PeopleAnswer,
    RelationAnswer,
)


Order = Literal["band", "change", "freshness", "name"]

_CHANGES = ("higher", "new", "lower", "same")
# After everybody who has a score or a state.
_LAST = 1_000


@dataclass(frozen=True)
class Choice:
    """Which of them, in which order.

    Attributes:
        score: Which score stands beside them; None takes the first by name.
        relation: Only those of this relation; None all.
        band: Only those of this band, by its label or the state's name; None all.
    """

    order: Order = "band"
    score: str | None = None
    relation: str | None = None
    band: str | None = None
    limit: int = 50
    offset: int = 0


def my_people(desk: Desk, caller: Caller, choice: Choice) -> PeopleAnswer:
    """Return those whom a caller has a right to look at, on record for each.

    Raises:
        Misuse: There is no such score; with what may be asked for.
        Forbidden: The role has no people.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> PeopleAnswer:
        place = desk.place(connection)
        held = _closest(connection, caller, desk, place)
        there = named_scores(desk, connection)
        name = _chosen_score(choice, there) or first_score(connection)
        lines = _lines(desk, connection, caller, place, held, name)
        chosen = [line for line in lines if _is_chosen(line, choice)]
        chosen.sort(key=_key(choice.order))
        page = chosen[choice.offset : choice.offset + choice.limit]
        look.score, look.purpose = name, place.care_purpose
        by = {desk.ids.seal(caller, right.entity_id): right for right in held}
        look.listed = [by[line.person].entity_id for line in page]
        return PeopleAnswer(
            score=name,
            scores=there,
            bands=band_labels(desk, connection, name),
            total=len(chosen),
            limit=choice.limit,
            offset=choice.offset,
            new=sum(line.is_new for line in lines),
            people=page,
        )

    return desk.asked(caller, "people", read)


def relation_answer(right: Right, place: FrozenPlace) -> RelationAnswer:
    """Return why somebody may be looked at, as it is shown."""
    return RelationAnswer(
        kind=right.relation,
        reference=right.reference,
        until=right.until,
        purpose=place.purposes.get(right.purpose, right.purpose),
    )


def _chosen_score(choice: Choice, there: Sequence[NamedScore]) -> str | None:
    """Return the score that is asked for, which will stand in the audit for good."""
    names = [score.name for score in there]
    if choice.score is None or choice.score in names:
        return choice.score
    use = f"use: {', '.join(names)}" if names else "leave it out"
    raise Misuse([Fault("query.score", "a score that people have", "another", use)])


def _closest(
    connection: sa.Connection, caller: Caller, desk: Desk, place: FrozenPlace
) -> list[Right]:
    """Return each person once, by the closest relation."""
    held = rights(caller, desk.moment(place))
    found: dict[str, Right] = {}
    for row in connection.execute(sa.select(held)):
        right = Right(*row)
        kept = found.setdefault(right.entity_id, right)
        if RELATIONS.index(right.relation) < RELATIONS.index(kept.relation):
            found[right.entity_id] = right
    return list(found.values())


def _lines(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    place: FrozenPlace,
    held: list[Right],
    name: str | None,
) -> list[ListedPerson]:
    everybody = [right.entity_id for right in held]
    named = identities_of(connection, everybody)
    newest = _newest_records(desk, connection, place, held)
    unopened = _unopened(connection, caller)
    workers = workers_by_person(connection, caller, desk.moment(place))
    two = two_dates(connection, name) if name else []
    rows = [(batch, bare_rows(connection, batch, everybody)) for batch in two]
    sights = sights_of(connection, held, place, desk.on())
    waits = set(everybody) if place.rules.view_first else set()
    if waits and two:
        waits -= viewed(connection, caller, two[0])
    return [
        ListedPerson(
            person=desk.ids.seal(caller, right.entity_id),
            identity=named.get(right.entity_id, UNKNOWN),
            relation=relation_answer(right, place),
            worker=workers.get(right.entity_id),
            is_new=right.entity_id in unopened,
            newest_record=newest.get(right.entity_id),
            score=_unseen(
                _listed_score(desk, connection, rows, sight),
                is_unseen=right.entity_id in waits,
            ),
        )
        for right, sight in zip(held, sights, strict=True)
    ]


def _newest_records(
    desk: Desk, connection: sa.Connection, place: FrozenPlace, held: list[Right]
) -> Mapping[str, dt.date]:
    """Return the date of each one's newest event, of those that may be shown."""
    found: dict[str, dt.date] = {}
    for purpose in {right.purpose for right in held}:
        theirs = [right.entity_id for right in held if right.purpose == purpose]
        newest = sa.func.max(entity_records.c.event_date).label("newest")
        query = (
            sa.select(entity_records.c.entity_id, newest)
            .where(entity_records.c.entity_id.in_(theirs), is_not_withheld(purpose))
            .where(entity_records.c.source.in_(open_sources(place, purpose, desk.on())))
            .group_by(entity_records.c.entity_id)
        )
        found |= {row.entity_id: row.newest for row in connection.execute(query)}
    return found


def _unopened(connection: sa.Connection, caller: Caller) -> frozenset[str]:
    query = sa.select(worklist_people.c.entity_id).where(
        worklist_people.c.allocated_to == caller.account,
        worklist_people.c.opened_at.is_(None),
        worklist_people.c.ended_at.is_(None),
    )
    return frozenset(connection.execute(query).scalars())


def _listed_score(
    desk: Desk,
    connection: sa.Connection,
    rows: list[tuple[BatchRow, dict[str, ScoreRow]]],
    sight: Sight,
) -> ListedScore | None:
    """Return the newest score in one line, beside that of the date before."""
    entity_id = sight.right.entity_id
    found = [
        as_shown(desk, connection, batch, theirs[entity_id], sight)
        for batch, theirs in rows
        if entity_id in theirs
    ]
    if not found or found[0].batch != rows[0][0]:
        return None
    now, then = found[0], (found[1] if len(found) > 1 else None)
    is_state = isinstance(now.given, State)
    bands = {band.name: band.label for band in now.bundle.bands}
    return ListedScore(
        name=now.bundle.score,
        as_of=now.row.as_of,
        state=state_answer(now.given) if isinstance(now.given, State) else None,
        band=None if is_state else bands.get(_band(now) or ""),
        band_order=_order(now),
        change=_change(now, then),
    )


def _unseen(score: ListedScore | None, *, is_unseen: bool) -> ListedScore | None:
    """Return a line's score without what would give it away, where it must not."""
    if score is None or score.state or not is_unseen:
        return score
    hidden = {"band": None, "band_order": 0, "change": "new", "view_first": True}
    return score.model_copy(update=hidden)


def _band(found: Found) -> str | None:
    return None if isinstance(found.given, State) else found.given.band


def _order(found: Found) -> int:
    """Return the band's place, the highest first; states come last."""
    ranked = sorted(found.bundle.bands, key=lambda band: -band.from_rank)
    names = [band.name for band in ranked]
    band = _band(found)
    return names.index(band) if band in names else len(names)


def _change(
    now: Found, then: Found | None
) -> Literal["higher", "lower", "same", "new"]:
    if then is None:
        return "new"
    if isinstance(now.given, State):
        return "same"
    if isinstance(then.row.given, State):
        return "new"
    before = Found(then.bundle, then.batch, then.row, then.row.given)
    order, was = _order(now), _order(before)
    if order == was:
        return "same"
    return "higher" if order < was else "lower"


def _is_chosen(line: ListedPerson, choice: Choice) -> bool:
    label = None
    if line.score:
        label = line.score.state.name.value if line.score.state else line.score.band
    return choice.relation in (None, line.relation.kind) and choice.band in (
        None,
        label,
    )


def _key(order: Order) -> Callable[[ListedPerson], tuple[object, ...]]:
    return {
        "band": _by_band,
        "change": _by_change,
        "freshness": _by_freshness,
        "name": _by_name,
    }[order]


def _by_band(line: ListedPerson) -> tuple[object, ...]:
    place = line.score.band_order if line.score else _LAST
    return (not line.is_new, place, line.identity.name)


def _by_change(line: ListedPerson) -> tuple[object, ...]:
    change = _CHANGES.index(line.score.change) if line.score else _LAST
    return (change, *_by_band(line))


def _by_freshness(line: ListedPerson) -> tuple[object, ...]:
    newest = line.newest_record or dt.date.min
    return (-newest.toordinal(), line.identity.name)


def _by_name(line: ListedPerson) -> tuple[object, ...]:
    return (line.identity.name,)
