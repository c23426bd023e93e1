from __future__ import annotations

import re

import pytest

from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger
from tests.serving.second_manager import add_second_manager


ASKED = {
    **{"kind": "access", "owner": "Head of care", "what": "all of it"},
    **{"received_day": "20", "received_month": "10", "received_year": "2026"},
}


@pytest.fixture
def service(tmp_path):
    service = Service(tmp_path, people_ledger(tmp_path))
    add_second_manager(service.ledger)
    return service


def words(answer):
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def asked(service, who="mia", person="p05", **changes):
    """Enter a request, and return where it is shown."""
    about = {"person": service.person(person, who)} if person else {}
    answer = service.send("/rights/new", who, **(ASKED | about | changes))
    assert answer.status_code == 303, words(answer)
    return answer.headers["location"]


def made(service):
    """Make a pack for a new request, and return where it is shown."""
    return service.send(f"{asked(service)}/pack", "mia").headers["location"]


def decide_all(service, pack, choice="keep"):
    flags = re.findall(r'name="flag" value="([^"]+)"', service.page(pack, "mia").text)
    for flag in dict.fromkeys(flags):
        sent = {"flag": flag, "choice": choice, "because": "looked at"}
        assert service.send(f"{pack}/flags", "mia", **sent).status_code == 303


def test_a_manager_comes_from_the_person_to_what_they_ask_for(service):
    person = service.person("p05", "mia")

    link = f'href="/people/{person}/rights"'
    assert link in service.page(f"/people/{person}/chronology", "mia").text
    page = service.page(f"/people/{person}/rights", "mia")

    assert "Ada Quill What do they ask for?" in words(page)


def test_a_caseworker_is_led_to_no_register(service):
    person = service.person("p05")

    page = service.page(f"/people/{person}/chronology")

    assert "/rights" not in page.text


def test_a_request_stands_in_the_register_with_its_clock(service):
    asked(service)

    page = words(service.page("/rights", "mia"))

    assert "1 waiting" in page
    assert "1. A copy of what we hold Ada Quill 20 October 2026" in page
    assert "20 November 2026 18 days left Head of care" in page


def test_one_that_is_late_says_so(service):
    asked(service, received_month="9")

    assert "1 waiting, 1 of them late" in words(service.page("/rights", "sam"))


def test_a_steward_sees_the_clock_and_neither_name_nor_words(service):
    where = asked(service)

    for page in (service.page("/rights", "sam"), service.page(where, "sam")):
        assert "Someone you may not see" in page.text
        assert not any(said in page.text for said in ("Ada", "Quill", "all of it"))
    assert "Keep the answer" not in service.page(where, "sam").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": ""}, "Choose what they ask for"),
        ({"owner": " "}, "Say which role must answer"),
        ({"received_day": "31", "received_month": "2"}, "Give the day it came"),
        ({"received_year": "2027"}, "Give the day it came"),
        ({"what": "x" * 4_001}, "Use at most 4,000 letters"),
    ],
)
def test_a_request_that_is_not_whole_is_asked_for_again(service, changes, said):
    form = {key: value for key, value in (ASKED | changes).items() if value}

    answer = service.send("/rights/new", "sam", **form)

    assert answer.status_code == 422
    assert said in words(answer)


def test_the_same_form_sent_twice_is_entered_once(service):
    first = asked(service, once="a-form-of-mine")
    again = asked(service, once="a-form-of-mine")

    assert (first, again) == ("/rights/1", "/rights")
    assert "1 waiting" in words(service.page("/rights", "mia"))


def test_an_answer_is_kept_and_nothing_waits_any_more(service):
    where = asked(service, "sam", person=None)

    sent = {"outcome": "refused", "text": "We hold nothing."}
    answer = service.send(where, "sam", **sent)

    assert answer.status_code == 303
    assert "What they were told We hold nothing." in words(service.page(where, "sam"))
    assert "Nothing waits for an answer." in words(service.page("/rights", "sam"))
    answered = words(service.page("/rights?answered=yes", "sam"))
    assert "Answered in time Head of care No" in answered


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        *(("access", "Do they get the copy?"), ("objection", "Do we stop?")),
        ("complaint", "Do we agree with the complaint?"),
    ],
)
def test_an_answer_is_asked_for_in_words_that_fit_the_request(service, kind, question):
    page = words(service.page(asked(service, kind=kind), "mia"))

    assert f"{question} Yes, all of it Yes, in part No They took it back" in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": "We wrote."}, "Choose an answer"),
        ({"outcome": "granted"}, "Write what they were told"),
    ],
)
def test_an_answer_that_is_not_whole_is_asked_for_again(service, sent, said):
    answer = service.send(asked(service), "mia", **sent)

    assert answer.status_code == 422
    assert said in words(answer)


def test_a_pack_is_made_decided_released_by_another_and_printed(service):
    pack = made(service)
    assert "A draft: do not give it out." in words(service.page(pack, "mia"))

    decide_all(service, pack)
    mine = words(service.page(pack, "mia"))
    sent = service.send(f"{pack}/release", "max")

    assert "You made it, so someone else must release it." in mine
    assert sent.status_code == 303
    printed = words(service.page(f"{pack}/print", "max"))
    assert "Released on 2 November 2026" in printed
    assert "Surname: Quill" in printed
    assert "draft" not in printed


def test_who_did_something_is_named_as_people_are_called(service):
    pack = made(service)
    service.send("/rights/1", "mia", outcome="granted", text="Here it is.")

    request, found = words(service.page("/rights/1", "mia")), service.page(pack, "mia")

    assert "Written down by Mia Example" in request
    assert "2 November 2026, by Mia Example" in request
    assert "made by Mia Example on 2 November" in request
    assert "Made by Mia Example on 2 November" in words(found)


def test_its_maker_does_not_release_it(service):
    pack = made(service)
    decide_all(service, pack)

    answer = service.send(f"{pack}/release", "mia")

    assert answer.status_code == 422
    assert "You made it: someone else releases it" in words(answer)


def test_what_is_withheld_is_not_printed_and_how_much_it_is_is(service):
    pack = made(service)
    decide_all(service, pack, "withhold")

    printed = words(service.page(f"{pack}/print", "mia"))

    assert "What is left out" in printed
    assert "It is very private, such as about health:" in printed
    assert "Surgery visits" not in printed


def test_a_flag_is_decided_with_a_reason_alone(service):
    pack = made(service)

    sent = {"flag": "third party", "choice": "keep", "because": " "}
    answer = service.send(f"{pack}/flags", "mia", **sent)

    assert answer.status_code == 422
    assert "Say why, in a few words" in words(answer)
    assert 'href="#because-third-party"' in answer.text


def test_one_item_is_decided_alone(service):
    pack = made(service)
    page = service.page(pack, "mia").text
    item = re.findall(r'name="item" value="(\d+)"', page)[0]
    flag = re.findall(r'name="flag" value="([^"]+)"[^/]*name="item"', page)[0]

    sent = {"flag": flag, "item": item, "choice": "withhold", "because": "it harms"}
    answer = service.send(f"{pack}/flags", "mia", **sent)

    assert answer.headers["location"].endswith(f"#item-{item}")
    assert "withheld by Mia Example, because: it harms" in words(
        service.page(pack, "mia")
    )


def test_no_pack_is_made_about_nobody_or_for_anything_else(service):
    nobody, other = asked(service, person=None), asked(service, kind="complaint")

    assert "Make a pack" not in service.page(nobody, "mia").text
    assert "Make a pack" not in service.page(other, "mia").text
    assert service.send(f"{nobody}/pack", "mia").status_code == 422


def test_a_steward_opens_no_pack(service):
    pack = made(service)

    assert service.page(pack, "sam").status_code == 404
    assert service.page(f"{pack}/print", "sam").status_code == 404
