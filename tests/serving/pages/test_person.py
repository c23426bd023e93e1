from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from models.ledger.people_tables import withheld_sources
from models.ledger.tables import identities
from tests.made_up_score import MODEL, bundle
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger
from tests.serving.pages.people_pages import text_of


def score(service, who="p05", by="ann"):
    return service.page(f"/people/{service.person(who, by)}/score/care", by)


def test_a_score_is_told_in_the_order_in_which_it_should_be_met(service):
    told = text_of(score(service).text)

    order = [
        "Ada Quill Will they need care within 12 months?",
        "As of 1 November 2026 . Model version 3.",
        "Whom it is about. People of 65 and over who are registered with the surgery.",
        "Highest fifth Higher than 80 in 100 on this list of 5.",
        "Of 100 people like this it came true for about 31; likely 26 to 37.",
        "Of 100 people on the whole list it came true for about 10",
        "What goes with a higher score",
        "What goes with a lower score, and may protect",
        "What the score does not know",
        "How it moved",
        "What it is for, and what it is not for",
        "Who answers for this score: Head of adult social care.",
    ]
    places = [told.find(one) for one in order]
    assert -1 not in places
    assert places == sorted(places)


def test_a_reason_has_words_source_date_and_age_and_says_no_value_twice(service):
    told = text_of(score(service).text)

    assert (
        "Had 9 visits in the last 12 months Goes with a higher score, a lot "
        "From: Surgery visits (Health centre), newest record "
        "29 October 2026 (4 days ago)" in told
    )
    assert "This reason rests on a link that is only 71 in 100 sure." in told
    assert "The home is owned Goes with a lower score, a little" in told
    assert "Value:" not in told


def test_each_reason_opens_the_records_behind_it(service):
    page = score(service).text
    links = re.findall(r'href="([^"]+/evidence/[^"]+)"', page)

    assert len(links) == 5
    assert all(service.page(link).status_code == 200 for link in links)


def test_how_it_moved_says_what_moved_it(service):
    told = text_of(score(service).text)

    assert "Visits to the surgery: 0 visits, now 9 visits (moved it up)" in told
    assert "1 October 2026: All others Higher than 25 in 100 on this list of 4." in told


def test_what_no_record_tells_is_said(service):
    told = text_of(score(service, "p04").text)

    assert "Whether the home is owned: no record tells us." in told
    assert "Homes register: nothing about this person." in told


STATES = {
    "s01": "Link uncertain We are not sure",
    "s02": "Objected An objection",
    "s03": "Restricted Use of these records",
    "s04": "Not in the cohort The score is not made for",
    "s05": "Died Our records say",
    "s06": "Moved away Our records say",
    "u02": "Not enough data Our records hold too little",
}


@pytest.mark.parametrize(("who", "words"), STATES.items())
def test_a_state_stands_there_with_what_to_do(service, who, words):
    answer = score(service, who)
    told = text_of(answer.text)

    assert answer.status_code == 200
    assert f"There is no score {words}" in told
    assert "What to do:" in told
    assert "explanation.pdf" not in answer.text
    assert "What goes with" not in told


def test_a_score_that_somebody_does_not_have_is_not_there(service):
    assert score(service, "n01").status_code == 404
    nothing = f"/people/{service.person('p05')}/score/no-such-score"
    assert service.page(nothing).status_code == 404


def test_no_page_speaks_of_numbers_that_mean_nothing_to_people(service):
    page = score(service).text
    told = text_of(page)

    assert not re.search(r"log.odds|SHAP|contribution|visits_365d|p05", told)
    # No decimals at all: shares are told as counts of 100 people.
    assert not re.search(r"\d\.\d", told)


def test_a_name_that_is_markup_is_shown_as_it_is_written(service, monkeypatch):
    hostile = {"forename": "<b>Ada</b>", "surname": '"><script>', "birth_date": ""}
    change = sa.update(identities).where(identities.c.entity_id == "p05")
    with service.ledger.writing() as connection:
        connection.execute(change.values(display=hostile))

    for page in (score(service).text, service.page("/people").text):
        assert "<b>Ada" not in page
        assert "&lt;b&gt;Ada&lt;/b&gt;" in page


def test_no_name_makes_a_line_of_its_own_in_the_note(service):
    with service.ledger.writing() as connection:
        ada = identities.c.entity_id == "p05"
        named = {"forename": "Ada", "surname": "Quill.\nDone: refused"}
        connection.execute(sa.update(identities).where(ada).values(display=named))

    page = service.page(f"/people/{service.person('p05')}/score/care").text

    note = re.search(r'<textarea[^>]*id="note"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert note
    assert "Ada Quill. Done: refused, as of" in note[1]
    assert not re.search("^Done: refused", note[1], re.MULTILINE)


def test_the_note_can_be_copied_without_a_script(service):
    page = score(service).text
    note = re.search(r'<textarea[^>]*id="note"[^>]*>(.*?)</textarea>', page, re.DOTALL)

    assert note
    assert "Band: Highest fifth." in note[1]
    assert "Of 100 people on the whole list: about 10." in note[1]
    assert "- Had 9 visits in the last 12 months (a lot; Surgery visits" in note[1]
    assert "must not be used to refuse, reduce or ration." in note[1]


def test_a_look_at_a_score_is_on_record_with_why(service):
    score(service)

    assert service.views()[-1] == ("ann", "score", "care", "p05", "shown")


def test_what_is_not_known_is_no_reason_and_is_told_for_what_it_is(tmp_path):
    terms = [replace(t, missing=-0.3) if t.name == "tenure" else t for t in MODEL.terms]
    model = replace(MODEL, terms=tuple(terms))
    promoted = bundle(model_json=model.to_json().decode(), model_sha256=model.sha256)
    service = Service(tmp_path, people_ledger(tmp_path, promoted))

    told = text_of(score(service, "p04").text)

    before, _, after = told.partition("What the score does not know")
    assert "not known" not in before
    assert (
        "Whether the home is owned: no record tells us. Not to know it lowers" in after
    )
    assert "that is no good news." in after


def test_what_it_must_never_be_used_for_is_said_in_whole_words(service):
    told = text_of(score(service).text)

    assert "refuse a service reduce a service ration a service" in told


def test_of_what_may_not_be_used_for_this_only_how_many_is_told(service):
    objected = {"entity_id": "p05", "source": "visits", "purpose": "prevention"}
    with service.ledger.writing() as connection:
        connection.execute(sa.insert(withheld_sources).values(objected))

    page = score(service).text
    told = text_of(page)

    assert "visits" not in told.replace("Surgery visits", "")
    assert "Nothing that is shown to you raises it." in told
    # On the page, and in the note that is copied from it.
    assert told.count("The score looks at 4 more things that are not shown to you") == 2
    assert "Something that is not shown to you moved it" in told
