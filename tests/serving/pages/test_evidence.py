from __future__ import annotations

from tests.serving.pages.people_pages import text_of


def evidence(service, indicator, who="p05"):
    path = f"/people/{service.person(who)}/score/care/evidence/{indicator}"
    return service.page(path)


def test_behind_a_reason_stand_its_records(service):
    told = text_of(evidence(service, "visits_365d").text)

    assert "Had 9 visits in the last 12 months" in told
    assert "Records 9 When Between 5 October 2026 and 29 October 2026" in told
    assert told.count("What for:") == 9
    assert "This reason rests on a link that is only 71 in 100 sure." in told


def test_a_single_day_is_said_once(service):
    told = text_of(evidence(service, "days_since_last_visit").text)

    assert "Records 1 When 29 October 2026" in told


def test_records_of_others_are_shown_by_a_right_of_their_own_else_counted(service):
    answer = evidence(service, "visits_at_address")
    told = text_of(answer.text)

    # Bo was given to Ann, the two of Di are Ben's.
    assert "These records are not about Ada Quill but about others" in told
    assert "Records 3 " in told
    assert "Record 301-1." in told
    assert "Record 201-1" not in told
    assert "2 records are not shown here." in told
    assert "This record is wrong" not in answer.text


def test_no_evidence_is_there_of_what_the_score_does_not_look_at(service):
    assert evidence(service, "shoe_size").status_code == 404


def test_without_a_score_there_is_nothing_to_look_behind(service):
    answer = evidence(service, "visits_365d", "s02")

    assert answer.status_code == 409
    assert "An objection to this use of the records is in force." in answer.text
