"""How uncertain links come to stewards through the ledger, and their answers back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from lamppost import jobs, link_jobs, steward_jobs
from lamppost.opened import Open
from models.ledger.access_tables import accounts
from models.ledger.link_tables import link_answers, link_questions
from tests.features.people import person
from tests.lamppost.test_link_jobs import opened


ANN = person("Ann Smith", "1944-03-02", "AV1 1AA")
ROSE = person("Rose Smith", "1944-03-02", "AV1 1AA")
AT = dt.datetime(2030, 1, 2, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(days=1)


@pytest.fixture
def place(tmp_path: Path) -> Open:
    return opened(tmp_path, ANN, ROSE)


def rows(place: Open, table: sa.Table) -> list[dict[str, Any]]:
    ledger = place.ledger()
    with ledger.reading() as connection:
        found = [dict(row._mapping) for row in connection.execute(sa.select(table))]
    ledger.close()
    return found


def say(place: Open, pair: str, verdict: str) -> None:
    ledger = place.ledger()
    steward = {"id": 1, "name": "sam", "display_name": "Sam", "role": "steward"}
    reason = "identifiers agree" if verdict == "same" else "not enough to tell"
    answer = {"pair": pair, "partner": "council", "at": AT, "account": 1}
    with ledger.writing() as connection:
        connection.execute(sa.insert(accounts).values(**steward, created_at=AT))
        said = sa.insert(link_answers).values(**answer, verdict=verdict, reason=reason)
        connection.execute(said)
    ledger.close()


def test_a_pair_of_one_partners_records_is_asked_with_identifiers_alone(place):
    answer = steward_jobs.ask_stewards(place, at=AT)

    [question] = rows(place, link_questions)
    [pair] = link_jobs.review(place)["pairs"]
    assert answer == {"asked in the service": 1, "only in lamppost link review": 0}
    assert question["pair"] == pair["pair"]
    assert question["asked_at"] == AT
    assert question["sides"]["forename"] == [["Ann"], ["Rose"]]


def test_two_who_both_leave_something_out_are_not_shown_as_saying_the_same(tmp_path):
    place = opened(
        tmp_path,
        person("Ann Smith", "1944-03-02", ""),
        person("Rose Smith", "1944-03-02", ""),
    )

    steward_jobs.ask_stewards(place, at=AT)

    [question] = rows(place, link_questions)
    assert question["sides"]["postcode"] == [[], []]


def test_whom_both_sides_are_about_is_kept_beside_them(place):
    steward_jobs.ask_stewards(place, at=AT)

    [question] = rows(place, link_questions)
    links = place.warehouse.manifest().links_of("person")
    people = pq.read_table(place.warehouse.path(links.links))["entity_id"].to_pylist()
    both = question["left_entity_id"], question["right_entity_id"]
    assert len({*both}) == 2
    assert {*both} <= {*people}


def test_what_is_asked_again_keeps_the_day_on_which_it_was_asked_first(place):
    steward_jobs.ask_stewards(place, at=AT)

    steward_jobs.ask_stewards(place, at=LATER)

    assert [row["asked_at"] for row in rows(place, link_questions)] == [AT]


def test_linking_takes_an_answer_follows_it_and_asks_no_more(place):
    steward_jobs.ask_stewards(place, at=AT)
    [question] = rows(place, link_questions)
    say(place, question["pair"], "same")

    answer = jobs.link(place, lambda message: None)

    [taken] = rows(place, link_answers)
    [decided] = place.warehouse.manifest().decisions
    assert answer["stewards"] == [
        {
            "answers taken": 1,
            "asked in the service": 0,
            "only in lamppost link review": 0,
        }
    ]
    assert taken["decision"] == decided.number == 1
    assert rows(place, link_questions) == []


def test_an_answer_is_taken_once(place):
    steward_jobs.ask_stewards(place, at=AT)
    [question] = rows(place, link_questions)
    say(place, question["pair"], "cannot tell")

    first = steward_jobs.take_answers(place, at=LATER)
    again = steward_jobs.take_answers(place, at=LATER)

    assert (first, again) == (1, 0)


def test_an_answer_whose_taking_was_killed_becomes_one_decision(place):
    steward_jobs.ask_stewards(place, at=AT)
    [question] = rows(place, link_questions)
    say(place, question["pair"], "same")
    steward_jobs.take_answers(place, at=LATER)
    ledger = place.ledger()
    with ledger.writing() as connection:
        connection.execute(sa.update(link_answers).values(taken_at=None, decision=None))
    ledger.close()

    steward_jobs.take_answers(place, at=LATER)

    assert len(place.warehouse.manifest().decisions) == 1
    assert [row["decision"] for row in rows(place, link_answers)] == [1]


def test_an_answer_to_a_pair_that_nobody_asks_about_is_put_aside(place):
    say(place, "0" * 16, "same")

    taken = steward_jobs.take_answers(place, at=LATER)

    [answer] = rows(place, link_answers)
    assert (taken, answer["taken_at"], answer["decision"]) == (0, LATER, None)
    assert place.warehouse.manifest().decisions == []
