from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from lamppost.cli.app import app
from models.audit.audit import Audit
from models.ledger.access_tables import grants
from models.ledger.append_only import guard, unguard
from models.ledger.frozen_places import keep_place
from models.ledger.tables import views
from tests.made_up_score import NOW, audit_files, filled_ledger
from tests.models.made_up_audit import look
from tests.serving.made_up_people import place as made_up_place
from tests.serving.made_up_people import write_accounts


@pytest.fixture
def place(tmp_path):
    """A starter place, whose store is a made-up ledger with three looks."""
    assert CliRunner().invoke(app, ["init", str(tmp_path / "place")]).exit_code == 0
    store = tmp_path / "store"
    store.mkdir()
    audit = Audit(filled_ledger(store), audit_files(store))
    for number in (4, 5, 6):
        look(audit, number)
    audit.anchor(at=NOW)
    return tmp_path


def _audit(place, *arguments):
    where = ["--place", str(place / "place"), "--store", str(place / "store")]
    return CliRunner().invoke(app, ["audit", *arguments, *where])


def _change(place, *statements):
    with filled_ledger(place / "store").writing() as connection:
        unguard(connection, views)
        for statement in statements:
            connection.execute(statement)
        guard(connection)


def test_verify_says_that_all_is_whole(place):
    shown = _audit(place, "verify", "--json")

    assert shown.exit_code == 0, shown.stderr
    answer = json.loads(shown.stdout)
    assert (answer["audit"], answer["rows"]) == ("whole", 3)
    assert answer["rows since the last anchor"] == 0


def test_verify_names_what_is_wrong_and_ends_with_status_1(place):
    _change(place, sa.update(views).values(token_name="x").where(views.c.id == 2))

    shown = _audit(place, "verify")

    assert shown.exit_code == 1
    assert "views: row 2: a row is as it was written, got content" in shown.stderr
    assert "next: keep the database as it is" in shown.stderr


def test_verify_changes_nothing_so_it_says_the_same_again(place):
    assert _audit(place, "verify").stdout == _audit(place, "verify").stdout


def test_a_person_is_told_who_looked_in_words_and_in_json(place):
    first = _audit(place, "person", "p04")
    again = json.loads(_audit(place, "person", "p04", "--json").stdout)

    assert first.exit_code == 0, first.stderr
    assert "desk 0" in first.stdout
    assert "read a score" in first.stdout
    assert "p06" not in first.stdout
    looks = again["who looked"]
    assert [row["what"] for row in looks] == [
        "read a score",
        "read who had looked",
    ]
    assert looks[1]["who"].startswith("command line: ")
    assert again["looks"] == 2


def test_a_person_is_told_as_on_the_page_why_each_might_look(place):
    store = place / "store"
    audit = Audit(filled_ledger(store), audit_files(store))
    glass = {"kind": "break-glass", "account": 1, "given_by": 1, "begins": NOW}
    glass |= {"id": 7, "entity_id": "p04", "purpose": "x", "reason": "A call at night"}
    with audit.ledger.writing() as connection:
        write_accounts(connection)
        connection.execute(sa.insert(grants).values(glass))
        keep_place(connection, made_up_place(), at=NOW)
    own = json.dumps({"relation": "own case", "reference": "C-9"})
    hurry = json.dumps({"relation": "break-glass", "grant": 7})
    about = {"token_name": "ann", "entity_id": "p04"}
    look(audit, 4, **about, action="opine", detail=own)
    look(audit, 4, **about, action="break glass", detail=hurry)

    found = json.loads(_audit(place, "person", "p04", "--json").stdout)["who looked"]

    names = ("name", "what", "why they might", "reference", "reason", "what for")
    assert [[row[name] for name in names] for row in found[1:]] == [
        [
            *("Ann Example", "wrote down what they think", "Their own case", "C-9"),
            *("", "to offer help early"),
        ],
        [
            *("Ann Example", "looked without a relation, for a reason", "Emergency"),
            *("", "A call at night", "to offer help early"),
        ],
    ]


def test_an_id_that_nobody_has_is_refused_without_repeating_it(place):
    shown = _audit(place, "person", "9434765919")

    assert shown.exit_code == 1
    assert "9434765919" not in shown.stdout + shown.stderr
    assert json.loads(_audit(place, "verify", "--json").stdout)["rows"] == 4


def test_a_restored_ledger_is_told_to_say_so_and_can(place):
    _change(place, sa.delete(views).where(views.c.id > 1))
    assert "lamppost audit restored" in _audit(place, "verify").stderr

    shown = _audit(place, "restored", "--because", "the disk failed", "--json")

    assert shown.exit_code == 0, shown.stderr
    assert json.loads(shown.stdout)["lost"].startswith("rows 2 to 3")


def test_what_guards_the_audit_can_be_put_back(place):
    with filled_ledger(place / "store").writing() as connection:
        unguard(connection, views)
    assert "lamppost audit guard" in _audit(place, "verify").stderr

    assert _audit(place, "guard").exit_code == 0

    assert _audit(place, "verify").exit_code == 0
