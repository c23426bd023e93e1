from __future__ import annotations

import re

import pytest

from tests.made_up_score import bundle
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger
from tests.serving.pages.people_pages import text_of


DI = {
    **{"way": "name", "surname": "oakes"},
    **{"birth_day": "30", "birth_month": "5", "birth_year": "1941"},
}
REASON = "Called from the ward, must know about falls now"


@pytest.fixture
def service(tmp_path):
    return Service(tmp_path, people_ledger(tmp_path, bundle(capacity=3)))


def words(answer):
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def test_a_search_page_says_that_nothing_is_shown(service):
    answer = service.page("/find")

    assert answer.status_code == 200
    assert "A search shows nothing about anyone" in words(answer)


def test_whoever_has_a_relation_is_led_to_the_person(service):
    ada = {**DI, "surname": "Quill", "birth_day": "17", "birth_month": "01"}
    answer = service.send("/find", **(ada | {"birth_year": "1938"}))

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/people/{service.person('p05')}/chronology"


def test_whoever_has_none_is_asked_why_and_told_nothing(service):
    answer = service.send("/find", **DI)

    assert answer.status_code == 200
    assert "Why do you need to look?" in answer.text
    assert service.person("p03") in answer.text
    assert not any(value in answer.text for value in ("Oakes", "oakes", "1941"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"surname": "Nobody"}, "Nobody fits exactly"),
        ({"birth_day": ""}, "Give the birth date as day, month and year"),
        ({"birth_day": "31", "birth_month": "2"}, "Give the birth date"),
        ({"surname": ""}, "Give the surname"),
    ],
)
def test_a_search_that_finds_nobody_or_is_not_whole_says_so(service, changes, said):
    answer = service.send("/find", **(DI | changes))

    assert said in words(answer)


def test_a_contact_leads_to_the_person(service):
    di = service.person("p03")

    answer = service.send("/contacts", person=di, reference="CALL-9")

    assert answer.headers["location"] == f"/people/{di}/chronology"


def test_a_contact_without_a_reference_is_asked_again(service):
    answer = service.send("/contacts", person=service.person("p03"), reference="")

    assert answer.status_code == 422
    assert "Give a number or code" in words(answer)
    assert 'href="#reference"' in answer.text


def test_break_glass_is_told_to_the_manager_on_her_page(service):
    max_ = service.person("p01")
    sent = service.send("/break-glass", person=max_, reason=REASON, purpose="safety")
    before = words(service.page("/find", "mia"))
    alerts = service.page("/alerts", "mia")

    assert sent.headers["location"] == f"/people/{max_}/chronology"
    assert "Alerts (1 new)" in before
    assert REASON in words(alerts)
    assert "Max Wynn" in words(alerts)
    seen = service.send("/alerts/1/seen", "mia")
    assert seen.headers["location"] == "/alerts"
    assert "(1 new)" not in words(service.page("/alerts", "mia"))


def test_all_that_is_wrong_with_a_reason_is_asked_again(service):
    answer = service.send("/break-glass", person=service.person("p01"), reason="short")

    assert answer.status_code == 422
    assert "Say why, in at least 15 characters" in words(answer)
    assert "Choose what you look for" in words(answer)


def test_a_manager_draws_and_gives_out(service):
    page = service.page("/worklists", "mia").text
    once = re.search(r'name="once" value="([^"]+)"', page)[1]

    drawn = service.send("/worklists", "mia", score="care", size="2", once=once)
    again = service.send("/worklists", "mia", score="care", size="2", once=once)
    address = drawn.headers["location"]
    given = service.send(f"{address}/allocations", "mia", number="2", account="ann")
    shown = words(service.page(address, "mia"))

    assert again.headers["location"] == address
    assert given.headers["location"] == f"{address}#line-2"
    assert "1. Ada Quill" in shown
    assert "2. Di Oakes" in shown
    assert service.get(f"/v1/people/{service.person('p03')}").status_code == 200
    service.send(f"{address}/allocations", "mia", number="2", account="")
    assert service.get(f"/v1/people/{service.person('p03')}").status_code == 404


@pytest.mark.parametrize(
    ("size", "said"),
    [("4", "Draw 3 or fewer"), ("some", "Write how many"), ("-1", "Write how many")],
)
def test_a_number_that_cannot_be_drawn_is_asked_again(service, size, said):
    once = "a token of the page"

    answer = service.send("/worklists", "mia", score="care", size=size, once=once)

    assert answer.status_code == 422
    assert said in words(answer)


def test_a_manager_keeps_a_case_and_ends_it(service):
    di = service.person("p03", "mia")

    kept = service.send("/cases", "mia", person=di, account="ann", reference="CASE-9")
    listed = words(service.page("/cases", "mia"))
    number = re.search(r"/cases/(\d+)/end", service.page("/cases", "mia").text)[1]
    service.send(f"/cases/{number}/end", "mia")

    assert kept.headers["location"] == "/cases"
    assert "Di Oakes" in listed
    assert "There is none." in words(service.page("/cases", "mia"))


def test_a_case_without_a_number_is_asked_again(service):
    di = service.person("p03", "mia")

    answer = service.send("/cases", "mia", person=di, account="ann", reference="")

    assert answer.status_code == 422
    assert 'href="#case_number"' in answer.text


def test_a_page_tells_who_looked(service):
    service.get(f"/v1/people/{service.person('p05')}")
    page = service.page(f"/people/{service.person('p05', 'mia')}/looks", "mia")

    assert "Ann Example Opened the person&#39;s page Their own case" in words(page)


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        ("ann", ["My people", "Find someone"]),
        ("mia", ["My people", "Find someone", "Worklists", "Alerts"]),
        ("nat", []),
        ("oli", ["Alerts", "Accounts"]),
    ],
)
def test_a_role_is_shown_its_own_pages(service, who, shown):
    page = service.page("/account", who).text
    links = re.findall(
        r'service-navigation__link" href="[^"]+"[^>]*>\s*([^<]+?)\s*<', page
    )

    ours = {"My people", "Find someone", "Worklists", "Cases we keep", "Alerts"}
    assert [link for link in links if link in ours | {"Accounts"}] == shown


@pytest.mark.parametrize("who", ["ann", "mia", "nat", "sam", "bea", "oli"])
def test_no_bar_is_too_long_and_every_page_of_a_role_is_one_click_away(service, who):
    page, more = service.page("/account", who).text, service.page("/more", who)
    bar = re.findall(r'service-navigation__link" href="([^"]+)"', page)
    listed = re.findall(r'<li><a class="govuk-link [^"]*" href="([^"]+)"', more.text)

    assert len(bar) <= 6
    assert set(bar) - {"/more"} <= set(listed)
    assert "/more" in bar or set(bar) == set(listed)
    assert all(service.page(path, who).status_code == 200 for path in listed)


@pytest.mark.parametrize(
    ("who", "path", "shown"),
    [
        ("mia", "/people", ("/people", "page")),
        ("mia", "/worklists/1", ("/worklists", "true")),
        ("mia", "/more", ("/more", "page")),
        ("mia", "/cases", ("/more", "true")),
        ("mia", "/account", ("/more", "true")),
        ("oli", "/accounts/2", ("/accounts", "true")),
        ("oli", "/account", ("/account", "page")),
    ],
)
def test_the_bar_marks_where_a_page_belongs(service, who, path, shown):
    marked = re.findall(
        r'service-navigation__link" href="([^"]+)"\s+aria-current="([^"]+)"',
        service.page(path, who).text,
    )

    assert marked == [shown]


def test_the_number_that_gave_a_right_is_not_told_bare(service):
    hers = text_of(service.page("/people", "mia").text)

    assert "Your team's Ann Example Case or list 1" in hers


def test_a_persons_page_leads_a_manager_to_who_looked_and_nobody_else(service):
    theirs = service.page(f"/people/{service.person('p05', 'mia')}/chronology", "mia")
    own = service.page(f"/people/{service.person('p05')}/chronology")

    assert f'href="/people/{service.person("p05", "mia")}/looks"' in theirs.text
    assert "/looks" not in own.text
