from __future__ import annotations

import re

import pytest

from tests.serving.pages.people_pages import text_of


def chronology(service, who="p05", query="", by="ann"):
    path = f"/people/{service.person(who, by)}/chronology{query}"
    return service.page(path, by)


def test_all_that_the_partners_know_stands_on_one_line_of_time(service):
    answer = chronology(service)
    told = text_of(answer.text)

    assert re.findall(r'<h2 class="govuk-heading-m">(\d+)</h2>', answer.text) == [
        "2026",
        "2024",
    ]
    assert "11 records, the newest first." in told
    assert (
        "Surgery visits 29 October 2026 (known from 30 October 2026) What for: fall "
        "How long: 10 minutes From: Health centre. Record 1-1." in told
    )


def test_who_it_is_and_why_one_may_look_stand_above(service):
    told = text_of(chronology(service).text)

    assert "Born 17 January 1938, 88 years old. Town: Ash End." in told
    assert "It is your case (number C-1000). What for: to offer help early." in told


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("p04", "They were given to you from a list (list 1), until 30 November 2026."),
        ("p02", "You are in contact with them today (number CALL-77), until 3 Nov"),
    ],
)
def test_a_right_that_ends_says_when(service, who, why):
    assert why in text_of(chronology(service, who).text)


def test_it_says_how_sure_it_is_that_a_record_is_about_this_person(service):
    told = text_of(chronology(service).text)

    assert told.count("sure that this record is about this person") == 2
    assert "It is 71 in 100 sure that this record is about this person." in told


def test_a_person_without_a_score_has_a_chronology(service):
    told = text_of(chronology(service, "n01").text)

    assert "3 records" in told
    assert "No score is made about this person." in told


def test_one_of_a_unit_is_told_in_the_singular(service):
    told = text_of(chronology(service, "n01").text)

    assert "How long: 1 minute " in f"{told} " and "1 minutes" not in told
    assert "How long: 4 minutes" in told


def test_each_source_tells_what_it_holds_or_why_it_is_not_shown(service):
    told = text_of(chronology(service).text)

    assert "Surgery visits Health centre 10 30 October 2026" in told
    assert "Alarm calls Fire service None 3 July 2026 Older than the partner" in told
    assert "Pupils School None Nothing has come yet." in told
    assert "Police notices Police Not shown: may not be used for this purpose" in told
    assert "Housing grants Council Not shown: the agreement" in told
    opted_out = text_of(chronology(service, "s02").text)
    assert "Surgery visits Health centre Not shown: the person has opted" in opted_out


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("?partner=health", "10 records"),
        ("?source=homes", "1 record,"),
        ("?partner=council&source=visits", "There is no record like that"),
        ("?source=grants", "There is no record like that"),
    ],
)
def test_records_are_filtered_by_partner_and_kind(service, query, number):
    assert number in text_of(chronology(service, query=query).text)


def test_beside_each_record_one_can_say_that_it_is_wrong(service):
    answer = chronology(service)
    links = re.findall(r'href="([^"]+\?record=[^"]+)"', answer.text)
    form = service.page(links[0]).text

    assert len(links) == 11
    assert 'name="record" value="1-1"' in form
    assert re.search(r'value="the record is wrong"[^>]* checked', form)


@pytest.mark.parametrize(("who", "by"), [("p03", "ann"), ("p05", "ben")])
def test_without_a_right_it_is_as_if_there_were_nobody(service, who, by):
    forbidden = chronology(service, who, by=by)
    absent = service.page("/people/nobody/chronology", by)

    assert forbidden.status_code == absent.status_code == 404
    assert text_of(forbidden.text) == text_of(absent.text)


def test_no_page_names_a_person_in_its_address_or_shows_a_pseudonym(service):
    answer = chronology(service)

    addresses = " ".join(re.findall(r'(?:href|action|src)="([^"]*)"', answer.text))
    assert "quill" not in addresses.lower()
    assert "p05" not in answer.text
