from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from models.ledger.tables import views
from tests.serving.pages.people_pages import text_of


def names_on(answer):
    return re.findall(r'/chronology">([^<]+)</a>', answer.text)


def test_my_people_are_those_whom_i_may_look_at_newly_given_first(service):
    answer = service.page("/people")

    assert answer.status_code == 200
    assert names_on(answer)[:3] == ["Bo Marsh", "Ada Quill", "Cy Noon"]
    assert "Di Oakes" not in answer.text
    assert "Max Wynn" not in answer.text


def test_only_the_newly_given_are_marked_until_they_are_opened(service):
    before = service.page("/people").text
    service.page(f"/people/{service.person('p04')}/chronology")
    after = service.page("/people").text

    assert "1 newly given to you." in text_of(before)
    assert before.count(">New</strong>") == 1
    assert "newly given to you." not in text_of(after)
    assert ">New</strong>" not in after


def test_whoever_has_no_score_is_there_with_the_reason_why(service):
    told = text_of(service.page("/people").text)

    assert "No score: objected An objection to this use of the records" in told
    assert "No score: died" in told
    assert "Ed Penn born 8 August 1961, 65 years old No score No score is made" in told


@pytest.mark.parametrize(
    ("order", "first", "way"),
    [
        ("name", "Ada Quill", "ascending"),
        ("band", "Bo Marsh", "descending"),
        ("change", "Ada Quill", "descending"),
        ("freshness", "Ada Quill", "descending"),
    ],
)
def test_a_link_in_the_head_sorts_and_the_head_says_so(service, order, first, way):
    answer = service.page(f"/people?order={order}")

    assert names_on(answer)[0] == first
    assert answer.text.count("aria-sort=") == 1
    assert re.search(rf'aria-sort="{way}"><a[^>]*order={order}"', answer.text)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("band=Highest+fifth", ["Ada Quill"]),
        ("band=died", ["Jo Vane"]),
        ("relation=contact", ["Cy Noon"]),
        ("relation=contact&band=died", []),
    ],
)
def test_people_can_be_filtered_by_relation_band_and_state(service, query, names):
    answer = service.page(f"/people?{query}")

    assert names_on(answer) == names
    assert ("None of your people is like that" in answer.text) == (not names)


def test_each_whom_the_page_names_has_a_row_in_the_audit(service):
    service.page("/people?band=died")

    query = sa.select(views.c.entity_id).where(views.c.action == "listed")
    with service.ledger.reading() as connection:
        assert connection.execute(query).scalars().all() == ["s05"]


def test_a_manager_sees_those_of_the_team(service):
    answer = service.page("/people", "mia")

    assert "Ada Quill" in answer.text
    assert "Di Oakes" not in answer.text
    assert "Your team&#39;s" in answer.text


def test_a_page_of_people_says_which_of_how_many_it_is(service):
    answer = service.page("/people?page=2")

    assert names_on(answer) == []


@pytest.mark.parametrize("who", ["nat", "sam", "bea", "oli"])
def test_a_role_without_people_is_told_so(service, who):
    assert service.page("/people", who).status_code == 403


def test_an_order_that_there_is_not_is_refused_in_words(service):
    answer = service.page("/people?order=risk")

    assert answer.status_code == 422
    assert "risk" not in answer.text


def test_the_chronology_opens_first(service):
    person = f"/people/{service.person('p05')}"
    answer = service.page(person)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{person}/chronology"


def test_the_start_page_is_the_first_of_a_role(service):
    assert service.page("/", "ann").headers["location"] == "/people"
    assert service.page("/", "oli").headers["location"] != "/people"


def test_a_score_that_is_not_there_leads_to_the_plain_page(service):
    answer = service.page("/people?score=Edith+Smith&order=name")

    assert (answer.status_code, answer.headers["location"]) == (303, "/people")


def test_where_pages_show_another_day_than_today_they_say_so(service):
    told = "On these pages it is 1 April 2026; what you do is dated by the real day."

    assert told not in service.page("/people").text
    service.settings = {"today": dt.date(2026, 4, 1)}
    assert told in service.page("/people").text
