from __future__ import annotations

import sqlalchemy as sa

from models.ledger.work_tables import opinions
from tests.serving.pages.people_pages import text_of


RECORD = "401-1"


def _path(service):
    return f"/people/{service.person('n01')}"


def _kept(service):
    columns = [opinions.c[n] for n in ("kind", "score", "record_id", "partner")]
    with service.ledger.reading() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns))]


def test_a_record_of_somebody_without_a_score_can_be_said_to_be_wrong(service):
    told = service.page(f"{_path(service)}/chronology").text
    assert f"/wrong-record?record={RECORD}" in told

    form = text_of(service.page(f"{_path(service)}/wrong-record?record={RECORD}").text)
    sent = service.send(
        f"{_path(service)}/wrong-record", record=RECORD, text="He was abroad."
    )

    assert "It goes to Health centre, who sent the record" in form
    assert sent.status_code == 303
    assert _kept(service) == [("the record is wrong", None, 401, "health")]
    told = text_of(service.page(f"{_path(service)}/chronology?told=yes").text)
    assert "Sent. The answer will stand on this page." in told
    assert "He was abroad. Record 401-1, sent to Health centre" in told
    assert "Not answered yet." in told


def test_what_is_wrong_must_be_said(service):
    refused = service.send(f"{_path(service)}/wrong-record", record=RECORD, text=" ")

    assert refused.status_code == 422
    assert "Say what is wrong" in text_of(refused.text)
    assert _kept(service) == []


def test_a_record_of_another_person_is_not_there(service):
    number = "201-1"
    asked = text_of(service.page(f"{_path(service)}/wrong-record?record={number}").text)
    sent = service.send(f"{_path(service)}/wrong-record", record=number, text="No.")

    assert "There is no record of that number here" in asked
    assert sent.status_code == 404
    assert _kept(service) == []


def test_a_form_that_is_sent_twice_is_done_once(service):
    form = {"record": RECORD, "text": "He was abroad.", "once": "a token of one form"}
    sent = [service.send(f"{_path(service)}/wrong-record", **form) for _ in range(2)]

    assert [answer.status_code for answer in sent] == [303, 303]
    assert len(_kept(service)) == 1
