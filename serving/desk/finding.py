"""Finding: whether somebody is known, by what is known of them, and no more than that.

What was typed is compared and forgotten: it is in no address, no log, no audit row.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from features.faults import Fault, Misuse
from models.definitions.frozen_place import FrozenPlace
from models.ledger.people_tables import cases
from models.ledger.tables import identities
from serving.access.rights import right_to
from serving.access.roles import Caller
from serving.audit import Forbidden, Look
from serving.desk.desk import Desk
from serving.desk.pace import keep_pace, keep_search_pace
from serving.desk.people import relation_answer
from serving.desk.teams import team_of
from serving.schemas.leading import FindAnswer, FindQuery, MemberAnswer


# Given a connection and the place, the ids of those who are meant.
Search = Callable[[sa.Connection, FrozenPlace], Iterable[str]]

_BIRTH = "birth_date"


def find(desk: Desk, caller: Caller, query: FindQuery) -> FindAnswer:
    """Say whether exactly one person is meant; it counts as a look at them.

    Raises:
        Misuse: It does not say who is sought; with all that is wrong.
        Unseen: The caller may not search, or has searched too often.
        LedgerUnavailable: Nothing is told without a record of it.
    """
    search = search_of(query)

    def read(connection: sa.Connection, look: Look) -> FindAnswer:
        place = desk.place(connection)
        keep_search_pace(connection, caller, desk.clock(), place.rules)
        found = set(search(connection, place))
        if len(found) != 1:
            how: Literal["several", "nobody"] = "several" if found else "nobody"
            return FindAnswer(found=how, person=None, relation=None)
        return _one(desk, connection, caller, look, found.pop())

    return desk.asked(caller, "find", read)


@dataclass(frozen=True)
class Choices:
    """What can be chosen around a search; nothing of it is about anybody.

    Attributes:
        identifiers: Public numbers that somebody can be found by, with their labels.
        purposes: What somebody can be looked at for, with its meaning.
        team: For whom a case can be kept; empty for whoever leads nobody.
    """

    identifiers: Mapping[str, str]
    purposes: Mapping[str, str]
    team: tuple[MemberAnswer, ...]


def choices(desk: Desk, caller: Caller) -> Choices:
    """Return what can be chosen around a search.

    Raises:
        Forbidden: The caller may not search.
        LedgerUnavailable: It cannot be told.
    """
    if not caller.may("find"):
        raise Forbidden
    with desk.audit.ledger.reading() as connection:
        place = desk.place(connection)
        leads = caller.may("keep case")
        team = team_of(connection, caller) if leads else []
        names = tuple(member.answer for member in team)
        return Choices(place.identifiers, place.purposes, names)


def search_of(query: FindQuery) -> Search:
    """Return the search that is meant.

    Raises:
        Misuse: None is, or more than one; with all that is wrong.
    """
    given = {k: v.strip() for k, v in vars(query).items() if v and v.strip()}
    if faults := list(_faults(given)):
        raise Misuse(faults)
    if "case_reference" in given:
        return _by_case(given["case_reference"])
    if "number" in given:
        return _by_number(given["identifier"], given["number"])
    return _by_name(given)


def by_case(connection: sa.Connection, reference: str) -> set[str]:
    """Return whom the cases of a number are about, open or not."""
    same = plain_sql(cases.c.reference) == plain(reference)
    query = sa.select(cases.c.entity_id).where(same)
    return set(connection.execute(query).scalars())


def plain(text: str) -> str:
    """Return a number as it is compared.

    >>> plain(" 943 476-5919 ")
    '9434765919'
    """
    return text.strip().upper().replace(" ", "").replace("-", "")


def plain_sql(column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Return a column as `plain` returns a text."""
    bare = sa.func.upper(column)
    for letter in (" ", "-"):
        bare = sa.func.replace(bare, letter, "")
    return bare


def plain_name(text: str) -> str:
    """Return a name as it is compared: letters alone.

    >>> plain_name("O'Neill-Bràdy")
    'ONEILLBRADY'
    """
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if letter.isalpha()).upper()


def _one(
    desk: Desk, connection: sa.Connection, caller: Caller, look: Look, entity_id: str
) -> FindAnswer:
    look.entity_id = entity_id
    place, at = desk.place(connection), desk.clock()
    keep_pace(connection, caller, entity_id, at, place.rules)
    right = right_to(connection, caller, entity_id, desk.moment(place))
    if right:
        look.purpose, look.detail = right.purpose, {"relation": right.relation}
    return FindAnswer(
        found="one person",
        person=desk.ids.seal(caller, entity_id),
        relation=relation_answer(right, place) if right else None,
    )


def _by_case(reference: str) -> Search:
    return lambda connection, _: by_case(connection, reference)


def _by_number(identifier: str, number: str) -> Search:
    def search(connection: sa.Connection, place: FrozenPlace) -> Iterable[str]:
        if identifier not in place.identifiers:
            use = ", ".join(sorted(place.identifiers)) or "none is declared"
            what = "the number must be one that the place declares"
            raise Misuse([Fault("identifier", what, "another", f"use: {use}")])
        held = plain_sql(identities.c.display[identifier].as_string())
        query = sa.select(identities.c.entity_id).where(held == plain(number))
        return connection.execute(query).scalars()

    return search


def _by_name(given: Mapping[str, str]) -> Search:
    """Those who were born that day are few: their names are compared here."""

    def search(connection: sa.Connection, _: FrozenPlace) -> Iterable[str]:
        born = identities.c.display[_BIRTH].as_string() == given["birth_date"]
        rows = connection.execute(sa.select(identities).where(born))
        return [row.entity_id for row in rows if _is_meant(row.display, given)]

    return search


def _is_meant(display: Mapping[str, str], given: Mapping[str, str]) -> bool:
    """What narrows a search leaves out only whoever is known to differ."""
    surname = plain_name(display.get("surname", ""))
    if not surname or surname != plain_name(given["surname"]):
        return False
    ways: dict[str, Callable[[str], str]] = {"forename": plain_name, "postcode": plain}
    return all(
        way(display[name]) == way(given[name])
        for name, way in ways.items()
        if name in given and display.get(name)
    )


def _faults(given: Mapping[str, str]) -> Iterator[Fault]:
    ways = [way for way in _WAYS if way & given.keys()]
    if len(ways) != 1:
        got = "none of them" if not ways else "several of them"
        what = "give a birth date and a surname, or a number, or a case's number"
        yield Fault("query", what, got, "fill in one of the three")
        return
    for name in sorted(_NEEDED[ways[0]] - given.keys()):
        do = f"fill in {name}"
        yield Fault(name, "it is needed for this search", "nothing", do)
    if "birth_date" in given and not _is_date(given["birth_date"]):
        what = "a birth date is a day of the calendar"
        yield Fault("birth_date", what, "something else", "write it as 1948-02-27")
    if "surname" in given and not plain_name(given["surname"]):
        yield Fault("surname", "a surname has letters", "none", "write the surname")


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_NAMED = frozenset({"birth_date", "surname", "forename", "postcode"})
_NUMBERED = frozenset({"identifier", "number"})
_CASE = frozenset({"case_reference"})
_WAYS = (_NAMED, _NUMBERED, _CASE)
_NEEDED = {
    _NAMED: frozenset({"birth_date", "surname"}),
    _NUMBERED: _NUMBERED,
    _CASE: _CASE,
}
