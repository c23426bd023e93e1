"""The pages of stewards, of practice, of figures and of what is scored."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from models.ledger.link_queue import LinkQuestion, ask, untaken
from models.ledger.work_tables import decisions
from serving.desk.practice import practice_file
from tests.made_up_score import NOW, bundle
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger
from tests.serving.pages.people_pages import text_of


@pytest.fixture
def service(tmp_path):
    made = Service(tmp_path, people_ledger(tmp_path))
    sides = {"forename": (["Ann"], ["Rose"]), "surname": (["Smith"], ["Smith"])}
    rest = ("vetoed: twins", 1.0, True, sides)
    ask(made.ledger, [LinkQuestion("a" * 16, "person", "health", *rest)], at=NOW)
    return made


@pytest.fixture
def wrong(service):
    """Let a record be said to be wrong."""
    said = {"kind": "the record is wrong", "record": "2-1", "text": "not hers"}
    service.send(f"/people/{service.person('p05')}/score/care/opinion", **said)
    return service


def items(service) -> list[str]:
    found = service.get("/v1/queue", token=service.token("sam")).json()["items"]
    return [item["item"] for item in found]


def test_a_steward_sees_what_waits_and_nothing_else(wrong):
    page = wrong.page("/queue", "sam")

    text = text_of(page.text)
    assert "2 questions" in text
    assert "Is record 2-1 wrong? Surgery visits not hers" in text
    assert "No score is given until you decide." in text
    assert "Highest fifth" not in text


def test_a_record_is_answered_in_words(wrong):
    path = f"/queue/{items(wrong)[0]}"

    empty = wrong.send(path, "sam", verdict="right as it is", text=" ")
    done = wrong.send(path, "sam", verdict="right as it is", text="we asked")
    again = wrong.send(path, "sam", verdict="right as it is", text="we asked")

    assert empty.status_code == 422
    assert "Say what you found out" in empty.text
    assert (done.status_code, done.headers["location"]) == (303, "/queue?done=yes")
    assert again.status_code == 404


def test_the_answer_stands_beside_the_score(wrong):
    said = {"verdict": "right as it is", "text": "we asked the surgery"}
    wrong.send(f"/queue/{items(wrong)[0]}", "sam", **said)

    page = wrong.page(f"/people/{wrong.person('p05')}/score/care")

    assert "we asked the surgery" in text_of(page.text)


def test_a_link_shows_both_sides_and_takes_a_button(service):
    path = f"/queue/{items(service)[0]}"

    page = service.page(path, "sam")
    done = service.send(path, "sam", verdict="different")

    assert "Forename Ann Rose Not the same" in text_of(page.text)
    assert "Surname Smith Smith The same" in text_of(page.text)
    assert done.status_code == 303
    assert [one.verdict for one in untaken(service.ledger)] == ["different"]


def test_questions_about_links_are_told_apart_without_a_value(service):
    same = {"birth_date": (["1944-03-02"], ["1944-03-02"]), "postcode": (["A"], [])}
    names = {"forename": (["Ann"], ["Rose"]), "surname": (["Smith"], ["Smith"])}
    questions = [
        LinkQuestion(f"{n}" * 16, "person", "health", "uncertain", 1.0 / n, False, one)
        for n, one in enumerate((same, names), 1)
    ]
    ask(service.ledger, questions, at=NOW)

    page = text_of(service.page("/queue", "sam").text)
    opened = service.page(f"/queue/{items(service)[1]}", "sam")

    assert "1. One person or two? The same: birth date" in page
    assert "Cannot be told: postcode" in page and "The same: surname" in page
    # Nothing is said twice in a line.
    assert page.count("birth date") == page.count("forename") == 1
    assert "2. One person or two? Not the same: forename" in page
    assert "Rose" not in page and "1944" not in page
    assert "<title>One person or two? Not the same: forename - " in opened.text
    assert "asked on 2 November 2026" in opened.text


def test_no_button_is_no_answer(service):
    found = service.send(f"/queue/{items(service)[0]}", "sam")

    assert found.status_code == 422
    assert "Choose one of the answers" in found.text


def test_nothing_is_answered_for_another_role_or_without_the_forms_token(service):
    path = f"/queue/{items(service)[0]}"
    session = service.session("sam")

    other = service.send(path, "ann", verdict="same")
    bare = service.browse(session, "POST", path, data={"verdict": "same"})

    assert (other.status_code, bare.status_code) == (403, 403)
    assert untaken(service.ledger) == []


@pytest.mark.parametrize("number", range(1, 7))
def test_a_made_up_person_is_read_first_and_the_score_comes_after(service, number):
    case = practice_file().cases[number - 1]

    first = text_of(service.page(f"/practice/{number}").text)
    none = service.page(f"/practice/{number}/score?view=perhaps")
    then = service.page(f"/practice/{number}/score?view={case.sensible[0]}")

    assert case.rank not in first
    assert none.status_code == 422
    assert case.rank in text_of(then.text)
    assert "What you said fits with that." in text_of(then.text)


def test_there_is_no_seventh_made_up_person(service):
    assert service.page("/practice/7").status_code == 404


def test_figures_say_what_is_not_counted(service):
    text = text_of(service.page("/figures", "bea").text)

    assert "The month that is running is not counted" in text
    assert "None in these months." in text


def test_figures_name_a_score_by_what_it_answers(service):
    row = {"at": NOW - dt.timedelta(days=20), "account": 1, "entity_id": "p05"}
    row |= {"score": "care", "kind": "visited", "relation": "own case"}
    with service.ledger.writing() as connection:
        connection.execute(sa.insert(decisions).values(row))

    text = text_of(service.page("/figures", "bea").text)

    assert f"Month {bundle().question} October 2026 Too few to tell" in text


def test_figures_say_when_they_tell_of_the_month_that_is_running(service):
    text = text_of(service.page("/figures", "bea").text)

    assert "Its figures will be here on 1 December 2026." in text


def test_what_is_scored_is_told_with_its_limits(service):
    text = text_of(service.page("/models", "bea").text)

    assert "People of 65 and over who are registered with the surgery." in text
    assert "It knows nothing of help from friends." in text
    assert "refuse" in text
    assert "25.0 % or more 31 of 100 26 to 37" in text


@pytest.mark.parametrize(
    ("path", "who"),
    [("/queue", "ann"), ("/practice", "bea"), ("/figures", "ann"), ("/models", "oli")],
)
def test_who_has_no_business_there_is_told_so(service, path, who):
    assert service.page(path, who).status_code == 403


def test_a_caveat_that_a_limit_says_too_is_said_once(tmp_path):
    caveat = "It predicts care, not need"
    limits = [f"{caveat}: people who pay are not in it."]
    promoted = bundle(caveat=caveat, limits=limits)
    made = Service(tmp_path, people_ledger(tmp_path, promoted))

    text = text_of(made.page("/models", "bea").text)

    assert text.count(caveat) == 1
