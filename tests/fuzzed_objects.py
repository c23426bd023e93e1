"""What is other people's: names, records, cases and opaque ids that nobody may be told.

Two teams look at people of their own. Requests are pointed at the people of both, under
one's own name for them and under somebody else's, in addresses and in what is sent.
Rights that a request gives end when it was answered, so that it is always as at first.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from models.ledger.access_tables import alerts, grants, worklist_people, worklists
from models.ledger.ledger import Ledger
from tests.serving.conftest import Service
from tests.serving.made_up_people import ACCOUNTS, MINE, NAMES, THEIRS


# Who asks, and whom they may look at: Ann's people are also those of who leads her.
ANNS = frozenset({*MINE, "p02", "p04"})
OWN = {"ann": ANNS, "mia": ANNS, "ben": frozenset({"p03"})}
CASES = {person: f"C-{1000 + n}" for n, person in enumerate([*MINE, "p03"])}
OTHERS_PERSON = {"ann": "p03", "mia": "p03", "ben": "p05"}
OWN_PERSON = {"ann": "p05", "mia": "p04", "ben": "p03"}
# By these somebody may name whom they have no relation to, and say why.
NAMES_STRANGERS = ("/v1/contacts", "/v1/break-glass", "/v1/cases")


class Objects:
    """Points requests at people, and finds in answers what is others'.

    Args:
        service: Whose people they are.
        draw: Draws whom a request is about.
    """

    def __init__(self, service: Service, draw: random.Random) -> None:
        self._ledger = service.ledger
        self._draw = draw
        self._sealed = {
            name: {person: service.person(person, name) for person in NAMES}
            for name in ACCOUNTS
        }
        self._hidden = {name: _hidden(own) for name, own in OWN.items()}

    def point(self, case: Any, name: str) -> None:
        """Let a request be about somebody: the caller's own, another's, or no one's."""
        for part, value in (case.path_parameters or {}).items():
            if part == "person" and self._draw.random() < 0.7:
                value = self._some_id(name)
            elif part == "worklist" and self._draw.random() < 0.7:
                value = 1
            case.path_parameters = {**case.path_parameters, part: value}
        if isinstance(case.body, dict) and self._draw.random() < 0.7:
            case.body = {**case.body, **self._body(case, name)}

    def shown_of_others(self, case: Any, name: str, answer: Any) -> list[str]:
        """Return what an answer tells of whom the caller may not look at."""
        text = answer.text
        found = sorted({hit.lower() for hit in self._hidden[name].findall(text)})
        others = (self._sealed[one] for one in ACCOUNTS if one != name)
        found += ["another's id" for ids in others for i in ids.values() if i in text]
        if case.operation.path == "/v1/links" and name == "mia":
            # She may ask for an address for whom she leads; it gives no right.
            found = [one for one in found if one != "another's id"]
        if answer.status_code < 300 and self._is_about_a_stranger(case, name):
            found += ["was let at somebody else's"]
        return found

    def end_rights(self) -> None:
        """Take back all that a request gave, drew or told."""
        end_rights(self._ledger)

    def _some_id(self, name: str) -> str:
        other = self._draw.choice([one for one in ACCOUNTS if one != name])
        own, others = OWN_PERSON[name], OTHERS_PERSON[name]
        about = ((own, name), (own, name), (others, name), (others, other))
        person, whose = self._draw.choice([*about, (own, other)])
        return self._sealed[whose][person]

    def _body(self, case: Any, name: str) -> Mapping[str, Any]:
        person = self._draw.choice([OWN_PERSON[name], OTHERS_PERSON[name]])
        path = case.operation.path
        if path == "/v1/find":
            return _sought(person, self._draw.randrange(2))
        if path == "/v1/links":
            reference = CASES.get(person, "C-0000")
            return {"account": self._draw.choice([*OWN]), "reference": reference}
        given: dict[str, Any] = {"person": self._some_id(name)}
        given |= {"account": self._draw.choice([*OWN]), "reference": "CALL-78"}
        given |= {"reason": "a reason that is long enough", "purpose": "prevention"}
        given |= {"score": "care", "record": self._draw.choice(["1-1", "201-1"])}
        return {part: value for part, value in given.items() if part in case.body}

    def _is_about_a_stranger(self, case: Any, name: str) -> bool:
        """Say whether an id is another account's, or stands for another's person."""
        in_path = (case.path_parameters or {}).get("person")
        in_body = case.body.get("person") if isinstance(case.body, dict) else None
        foreign = {
            sealed
            for one in ACCOUNTS
            if one != name
            for sealed in self._sealed[one].values()
        }
        if {in_path, in_body} & foreign:
            return True
        strangers = {self._sealed[name][person] for person in NAMES.keys() - OWN[name]}
        if case.operation.path in NAMES_STRANGERS:
            in_body = None
        return bool({in_path, in_body} & strangers)


def end_rights(ledger: Ledger) -> None:
    """Leave the rights of the made-up ledger and no other."""
    line = {"allocated_to": 1, "opened_at": None, "ended_at": None}
    with ledger.writing() as connection:
        connection.execute(sa.delete(alerts))
        connection.execute(sa.delete(grants).where(grants.c.id > 1))
        more = worklist_people.c.worklist > 1
        connection.execute(sa.delete(worklist_people).where(more))
        connection.execute(sa.delete(worklists).where(worklists.c.id > 1))
        connection.execute(sa.update(worklist_people).values(line))


def _hidden(own: frozenset[str]) -> re.Pattern[str]:
    """Return what matches each name, record and case of whom one may not look at."""
    strangers = NAMES.keys() - own
    words = {NAMES[person][1] for person in strangers}
    words |= {CASES[person] for person in strangers & CASES.keys()}
    mine = {record.record_id for person, record, _ in THEIRS if person in own}
    numbers = {
        f'"{record.record_id}-{record.load}"'
        for person, record, _ in THEIRS
        if person in strangers and record.record_id not in mine
    }
    each = [rf"\b{word}\b" for word in sorted(words)] + sorted(numbers)
    return re.compile("|".join(each), re.IGNORECASE)


def _sought(person: str, way: int) -> dict[str, Any]:
    """Return a search for somebody, by name or by their case."""
    none = dict.fromkeys(("forename", "postcode", "identifier", "number"))
    if way and person in CASES:
        named = {"birth_date": None, "surname": None}
        return {**none, **named, "case_reference": CASES[person]}
    _, surname, born = NAMES[person]
    return {**none, "case_reference": None, "birth_date": born, "surname": surname}
