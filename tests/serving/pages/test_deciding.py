from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from models.ledger.work_tables import decisions, opinions
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger
from tests.serving.pages.people_pages import text_of


@pytest.fixture
def view_first(tmp_path):
    """A service that asks for a worker's own view before it shows a score."""
    return Service(tmp_path, people_ledger(tmp_path, view_first=True))


def score_of(service, who="p05"):
    return f"/people/{service.person(who)}/score/care"


def kept(service, table, *columns):
    query = sa.select(*(table.c[name] for name in columns)).order_by(table.c.id)
    with service.ledger.reading() as connection:
        return [tuple(row) for row in connection.execute(query)]


@pytest.mark.parametrize(
    "kind", ["no action", "visited", "already known", "not appropriate"]
)
def test_what_was_done_is_written_down_by_one_press(service, kind):
    path = score_of(service)
    answer = service.send(f"{path}/decisions", kind=kind)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{path}?done=decision#done"
    told = text_of(service.page(f"{path}?done=decision").text)
    assert "Written down. It stands beside the score; nothing was sent" in told
    words = f"{kind.capitalize()} Ann Example, caseworker, 2 November 2026; score of"
    assert words in told
    assert kept(service, decisions, "kind", "what", "relation") == [
        (kind, None, "own case")
    ]


@pytest.mark.parametrize("kind", ["offered", "referred"])
def test_what_was_offered_must_be_said(service, kind):
    path = f"{score_of(service)}/decisions"
    refused = service.send(path, kind=kind, what="  ")
    taken = service.send(path, kind=kind, what="a handrail")

    assert refused.status_code == 422
    assert "<title>Error: " in refused.text
    assert "Say what you offered, or where you referred them" in text_of(refused.text)
    assert taken.status_code == 303
    assert kept(service, decisions, "kind", "what") == [(kind, "a handrail")]


def test_it_is_written_down_beside_a_state_too(service):
    path = score_of(service, "s05")

    assert service.send(f"{path}/decisions", kind="already known").status_code == 303


def test_what_cannot_be_a_decision_is_refused(service):
    answer = service.send(f"{score_of(service)}/decisions", kind="send a letter")

    assert answer.status_code == 422
    assert kept(service, decisions, "kind") == []


def test_nobody_decides_about_whom_they_may_not_look_at(service):
    path = f"/people/{service.person('p03')}/score/care"

    assert service.send(f"{path}/decisions", kind="visited").status_code == 404
    sent = service.send(f"{path}/opinion", kind="agree")
    assert sent.status_code == 404
    assert kept(service, decisions, "kind") == kept(service, opinions, "kind") == []


def test_what_people_think_stands_beside_the_score(service):
    path = score_of(service)
    answer = service.send(f"{path}/opinion", kind="disagree", text="one\r\ntwo")

    assert answer.headers["location"] == f"{path}?done=opinion#done"
    assert kept(service, opinions, "kind", "text") == [("disagree", "one\ntwo")]
    told = text_of(service.page(path).text)
    assert "Disagree : one two Ann Example, caseworker, 2 November 2026" in told
    assert "beside the score of 1 November 2026: Highest fifth" in told


def test_a_wrong_record_goes_to_its_partner_and_waits(service):
    path = score_of(service)
    fields = {"record": "1-1", "text": "That was her sister."}
    service.send(f"{path}/opinion", kind="the record is wrong", **fields)

    told = text_of(service.page(path).text)
    assert "Record 1-1, sent to Health centre" in told
    assert "Not answered yet." in told
    assert kept(service, opinions, "partner", "record_id") == [("health", 1)]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose what you think"),
        ({"kind": "the record is wrong"}, "Say which record is wrong"),
        ({"kind": "I know something it does not"}, "Say what is wrong, or what you"),
        ({"kind": "agree", "text": "x" * 4_001}, "Use at most 4,000 letters"),
    ],
)
def test_what_is_missing_is_said_and_what_was_written_is_kept(service, fields, words):
    answer = service.send(f"{score_of(service)}/opinion", **fields)

    assert answer.status_code == 422
    assert words in text_of(answer.text)
    assert fields.get("text", "") in answer.text
    assert kept(service, opinions, "kind") == []


def test_a_record_of_somebody_else_cannot_be_named(service):
    fields = {"kind": "the record is wrong", "record": "201-1", "text": "no"}

    assert service.send(f"{score_of(service)}/opinion", **fields).status_code == 404


def test_a_view_of_one_s_own_comes_first_where_a_place_wants_it(view_first):
    path = score_of(view_first)
    before = view_first.page(path)
    wrong = view_first.send(f"{path}/opinion", kind="view first", text="")
    sent = view_first.send(f"{path}/opinion", kind="view first", text="All others")
    after = view_first.page(path)

    assert "Where would you put Ada Quill?" in text_of(before.text)
    # Neither the score nor what others said of it.
    assert "What goes with" not in before.text
    assert "Had 9 visits" not in before.text
    assert wrong.status_code == 422
    assert sent.headers["location"] == f"{path}?done=view#done"
    told = text_of(after.text)
    assert "View before the score was shown : All others" in told
    assert "Had 9 visits in the last 12 months" in told


def test_a_state_needs_no_view_first(view_first):
    told = text_of(view_first.page(score_of(view_first, "s01")).text)

    assert "There is no score Link uncertain" in told


def test_an_explanation_waits_for_one_s_own_view_too(view_first):
    path = score_of(view_first)
    answer = view_first.page(f"{path}/explanation.pdf")

    assert (answer.status_code, answer.headers["location"]) == (303, path)


def test_the_record_that_is_wrong_is_told_in_words_beside_its_number(service):
    path = f"{score_of(service)}/opinion"
    own = text_of(service.page(f"{path}?record=1-1").text)
    other = service.page(f"{path}?record=201-1")
    barred = service.page(f"{path}?record=500-1")

    assert "Surgery visits, 29 October 2026. What for: fall. How long: 10" in own
    for page in (other, barred):
        assert page.status_code == 200
        assert "What for:" not in text_of(page.text)


def test_the_list_does_not_give_away_what_a_view_of_one_s_own_comes_before(view_first):
    before = view_first.page("/people?order=name").text
    by_band = view_first.page("/people?band=Highest+fifth").text
    path = score_of(view_first)
    view_first.send(f"{path}/opinion", kind="view first", text="All others")
    after = text_of(view_first.page("/people?order=name").text)

    assert "Ada Quill born 17 January 1938, 88 years old Say what you" in text_of(
        before
    )
    assert "Ada Quill" not in by_band
    assert "Ada Quill born 17 January 1938, 88 years old Highest fifth" in after


def test_a_button_that_is_pressed_twice_is_written_down_once(service):
    form = {"kind": "visited", "once": "a token of one form"}
    sent = [service.send(f"{score_of(service)}/decisions", **form) for _ in range(2)]

    assert [answer.status_code for answer in sent] == [303, 303]
    assert kept(service, decisions, "kind") == [("visited",)]


def test_every_form_of_a_score_has_a_token_of_its_own(service):
    page = service.page(score_of(service)).text
    tokens = re.findall(r'name="once" value="([^"]{16,})"', page)

    assert (
        len(tokens) == len(set(tokens)) == page.count(f'{score_of(service)}/decisions"')
    )


def test_a_number_that_no_record_has_is_asked_for_again_and_the_words_stay(service):
    path = f"/people/{service.person('p05')}/score/care/opinion"

    sent = {"kind": "the record is wrong", "record": "abc", "text": "not her"}
    answer = service.send(path, **sent)

    assert answer.status_code == 422
    assert "Give the number as it stands beside the record" in answer.text
    assert "not her</textarea>" in answer.text
