"""What was written under a pseudonym, after a linking took it away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from features.definitions.contracts import Contract
from models.audit.access_report import accesses_of
from models.ledger.access_tables import alerts, grants, worklist_people, worklists
from models.ledger.cases import newest_batch
from models.ledger.former_names import FOLLOWING, Followed
from models.ledger.ledger import Ledger
from models.ledger.people_tables import former_names
from models.ledger.tables import views_unchained
from models.ledger.work_tables import decisions, opinions, rights_requests
from serving.batch import Stores
from serving.people_batch import WrittenPeople, write_people
from tests.features.people import rules
from tests.features.small_place import COLUMNS, Row, Store, contract, day, place
from tests.made_up_score import AS_OF, NOW, TODAY, clock, filled_ledger
from tests.serving.made_up_people import write_accounts


pytestmark = pytest.mark.usefixtures("each_database")

NAME = {"name": "forename", "type": "text", "meaning": "m", "sensitivity": "identifier"}
VISITS: Contract = contract(
    "visits",
    columns=[*COLUMNS, NAME],
    about=[{"kind": "person", "identifiers": {"forename": "forename"}}],
)
SOME = {"score": "care", "purpose": "care", "team": "adults"}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Return a ledger in which all was done about `person-2` that can be done."""
    ledger = filled_ledger(tmp_path)
    with ledger.writing() as connection:
        write_accounts(connection)
        _write_list(connection)
        who = {"entity_id": "person-2", "at": NOW, "account": 1}
        connection.execute(
            sa.insert(decisions), [{**who, "kind": "called", "relation": "own case"}]
        )
        connection.execute(sa.insert(opinions), [{**who, "kind": "agree"}])
        asked = {"kind": "access", "received_on": TODAY, "due_on": TODAY}
        asked |= {"owner": "o", "entered_by": "e", "entity_id": "person-2"}
        connection.execute(sa.insert(rights_requests), [asked])
        given = {"kind": "contact", "account": 1, "entity_id": "person-2"}
        given |= {"purpose": "care", "given_by": 1, "begins": NOW}
        connection.execute(sa.insert(grants), [given])
        told = {"at": NOW, "kind": "break-glass", "about": 1, "entity_id": "person-2"}
        connection.execute(sa.insert(alerts), [told])
        seen = {"at": NOW, "token_name": "cara", "action": "score", "outcome": "shown"}
        connection.execute(
            sa.insert(views_unchained), [seen | {"entity_id": "person-2"}]
        )
    return ledger


def _write_list(connection: sa.Connection) -> None:
    batch = newest_batch(connection, "care")
    assert batch is not None
    drawn = {**SOME, "batch": batch.id, "as_of": AS_OF, "drawn_by": 1}
    drawn |= {"drawn_at": NOW, "expires": NOW, "id": 1}
    connection.execute(sa.insert(worklists), [drawn])
    one = {"worklist": 1, "number": 1, "entity_id": "person-2", "allocated_to": 1}
    connection.execute(sa.insert(worklist_people), [one])


def visit(record: int, person: int, **more: Any) -> Row:
    said = {"forename": f"F{record}", "kind": "a", "on": "2024-01-01"}
    return {"record": record, "person": person, **said, **more}


def write(store: Store, ledger: Ledger) -> WrittenPeople:
    here = place([VISITS], [])
    here = type(here)(**{**vars(here), "linkage": {"person": rules()}})
    stores = Stores(store.warehouse, ledger)
    return write_people(stores, here, [], on=day("2024-06-01"), clock=clock)


def about(ledger: Ledger) -> dict[str, set[str]]:
    """Return, by table, whom its rows are about."""
    with ledger.reading() as connection:
        return {
            table.name: set(connection.execute(sa.select(table.c.entity_id)).scalars())
            for table in (*FOLLOWING, views_unchained)
        }


def former(ledger: Ledger) -> list[tuple[str, str]]:
    with ledger.reading() as connection:
        return [tuple(row) for row in connection.execute(sa.select(former_names))]


def standing(ledger: Ledger) -> list[bool]:
    """Return, by number on the worklist, whether that place has not ended."""
    query = sa.select(worklist_people.c.ended_at).order_by(worklist_people.c.number)
    with ledger.reading() as connection:
        return [ended is None for ended in connection.execute(query).scalars()]


def looks_at(ledger: Ledger, entity_id: str) -> list[str]:
    with ledger.reading() as connection:
        return [access.by for access in accesses_of(connection, entity_id)]


def test_what_was_done_about_one_of_two_who_are_merged_is_about_both(
    tmp_path: Path, ledger: Ledger
) -> None:
    store = Store(tmp_path).load(VISITS, [visit(1, 1), visit(2, 2), visit(3, 2)])
    before = write(store, ledger)
    store.load(VISITS, [visit(n, 1, known="2024-02-01") for n in (2, 3)])

    after = write(store, ledger)

    assert (before.followed, after.followed) == (Followed(), Followed(moved=6))
    stays = {"views_unchained": {"person-2"}}
    assert about(ledger) == {t.name: {"person-1"} for t in FOLLOWING} | stays
    assert former(ledger) == [("person-2", "person-1")]
    assert looks_at(ledger, "person-1") == ["cara"]


def test_a_second_run_finds_nothing_more_to_move(
    tmp_path: Path, ledger: Ledger
) -> None:
    with ledger.writing() as connection:
        connection.execute(sa.delete(views_unchained))
    store = Store(tmp_path).load(VISITS, [visit(1, 1), visit(2, 2)])
    store.load(VISITS, [visit(2, 1, known="2024-02-01")])
    write(store, ledger)

    again = write(store, ledger)

    assert again.followed == Followed()
    assert former(ledger) == [("person-2", "person-1")]


ANN, BEN = 1, 2


@pytest.mark.parametrize(
    ("given_to", "stay"),
    [
        ([None, None], [True, False]),
        ([None, ANN], [False, True]),
        ([ANN, ANN], [True, False]),
        ([ANN, BEN], [True, True]),
    ],
)
def test_two_who_are_one_stand_on_a_worklist_once_for_each_who_was_told_of_them(
    tmp_path: Path, ledger: Ledger, given_to: list[int | None], stay: list[bool]
) -> None:
    with ledger.writing() as connection:
        connection.execute(sa.delete(worklist_people))
        rows = [
            {"worklist": 1, "number": n, "entity_id": f"person-{n}", "allocated_to": to}
            for n, to in enumerate(given_to, start=1)
        ]
        connection.execute(sa.insert(worklist_people), rows)
    store = Store(tmp_path).load(VISITS, [visit(1, 1), visit(2, 2), visit(3, 1)])
    store.load(VISITS, [visit(2, 1, known="2024-02-01")])

    write(store, ledger)

    assert about(ledger)["worklist_people"] == {"person-1"}
    assert standing(ledger) == stay
    write(store, ledger)
    assert standing(ledger) == stay


def test_rows_follow_through_two_merges_between_two_runs(
    tmp_path: Path, ledger: Ledger
) -> None:
    store = Store(tmp_path)
    store.load(VISITS, [visit(1, 1), visit(2, 2), visit(3, 0)])
    store.load(VISITS, [visit(2, 1, known="2024-02-01")])
    store.load(VISITS, [visit(n, 0, known="2024-03-01") for n in (1, 2)])

    write(store, ledger)

    assert about(ledger)["decisions"] == {"person-0"}
    assert looks_at(ledger, "person-0") == ["cara"]


@pytest.mark.parametrize("split", [[(2, 1), (3, 4)], [(2, 4), (3, 5)]])
def test_rows_stay_where_the_records_went_several_ways(
    tmp_path: Path, ledger: Ledger, split: list[tuple[int, int]]
) -> None:
    store = Store(tmp_path).load(VISITS, [visit(1, 1), visit(2, 2), visit(3, 2)])
    moved = [visit(record, person, known="2024-02-01") for record, person in split]
    store.load(VISITS, moved)

    written = write(store, ledger)

    assert written.followed == Followed(moved=0, left=6, left_names=1)
    assert set.union(*about(ledger).values()) == {"person-2"}
    assert former(ledger) == []


def test_a_name_that_stands_for_somebody_again_has_its_own_looks(
    tmp_path: Path, ledger: Ledger
) -> None:
    store = Store(tmp_path).load(VISITS, [visit(1, 1), visit(2, 2)])
    for person in (1, 2):
        store.load(VISITS, [visit(2, person, known=f"2024-02-0{person}")])
        written = write(store, ledger)

    # What was done stays with whom it was moved to: nothing says that it was not both.
    assert written.followed == Followed()
    assert about(ledger)["decisions"] == {"person-1"}
    assert (former(ledger), looks_at(ledger, "person-1")) == ([], [])
    assert looks_at(ledger, "person-2") == ["cara"]
