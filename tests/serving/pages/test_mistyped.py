from __future__ import annotations

import re

import pytest

from tests.serving.pages.people_pages import text_of


# Words of the library that checks what is sent, and of ours for the inside.
NOT_OURS = re.compile(r"Input should|String should|valid integer|path\.|query\.|body\.")


@pytest.mark.parametrize(
    "path", ["/rights/abc", "/rights/0", "/packs/x", "/worklists/99999999999999"]
)
def test_a_mistyped_address_is_answered_as_one_of_nothing(service, path):
    mistyped, absent = service.page(path, "mia"), service.page("/nothing", "mia")

    assert mistyped.status_code == 404
    assert text_of(mistyped.text) == text_of(absent.text)


@pytest.mark.parametrize(
    "path", ["/people?page=0", "/people?page=x", "/rights?page=-1", "/queue?page=0"]
)
def test_what_is_mistyped_after_the_question_mark_is_said_in_our_words(service, path):
    answer = service.page(path, "sam" if path.startswith("/queue") else "mia")

    assert answer.status_code == 422
    assert "after the question mark in the address" in text_of(answer.text)
    assert not NOT_OURS.search(text_of(answer.text))


def test_a_form_that_does_not_fit_is_said_in_our_words(service):
    answer = service.send("/rights/new", "sam", kind="x" * 70)

    assert answer.status_code == 422
    assert "Go back, mend it and send it again." in text_of(answer.text)
    assert not NOT_OURS.search(text_of(answer.text))


def test_a_number_that_no_case_can_have_is_nothing(service):
    assert service.send(f"/cases/{10**30}/end", "mia").status_code == 404


@pytest.mark.parametrize("part", ["received_year", "received_month", "received_day"])
def test_a_day_of_numbers_that_no_day_can_have_is_asked_for_again(service, part):
    day = {"received_year": "2026", "received_month": "1", "received_day": "1"}
    given = {**day, part: "9" * 30, "kind": "access", "owner": "manager"}

    answer = service.send("/rights/new", "mia", **given)

    assert answer.status_code == 422
    assert "Give the day it came" in text_of(answer.text)


def test_a_program_is_still_told_where_and_which_rule(service):
    answer = service.get("/v1/people?limit=0", token=service.token("mia"))

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    [fault] = answer.json()["faults"]
    assert fault["where"] == "query.limit"
    assert fault["what"]
