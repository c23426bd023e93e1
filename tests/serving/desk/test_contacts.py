from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from features.faults import Misuse
from models.ledger.access_tables import accounts, alerts, grants
from models.ledger.tables import views
from serving.audit import Absent, Forbidden
from serving.desk.contacts import break_glass, contact
from serving.desk.person import person
from serving.local_time import end_of_day
from tests.made_up_score import NOW
from tests.serving.made_up_people import caller, people_desk


ANN, BEN, MIA = caller("ann"), caller("ben"), caller("mia")
REASON = "Called from the ward, must know about falls now"


@pytest.fixture
def desk(tmp_path):
    return people_desk(tmp_path)


def rows(desk, table):
    with desk.audit.ledger.reading() as connection:
        return connection.execute(sa.select(table)).all()


def later(desk, hours):
    return dataclasses.replace(desk, clock=lambda: NOW + dt.timedelta(hours=hours))


def test_a_contact_gives_a_right_until_the_day_ends_and_no_longer(desk):
    di = desk.ids.seal(ANN, "p03")

    given = contact(desk, ANN, di, " CALL-123 ")

    # 2 November 2026 is in winter: the day ends at midnight in UTC too.
    assert given.relation.until == dt.datetime(2026, 11, 3, tzinfo=dt.UTC)
    assert person(desk, ANN, di).relation.reference == "CALL-123"
    assert person(later(desk, 14), ANN, di).relation.kind == "contact"
    with pytest.raises(Absent):
        person(later(desk, 15), ANN, di)


def test_nobody_else_may_look_by_a_contact_but_whoever_leads(desk):
    contact(desk, ANN, desk.ids.seal(ANN, "p03"), "CALL-123")

    assert person(desk, MIA, desk.ids.seal(MIA, "p03")).relation.kind == "supervised"


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("2026-07-01T22:59:59+00:00", "2026-07-01T23:00:00+00:00"),
        ("2026-07-01T23:00:00+00:00", "2026-07-02T23:00:00+00:00"),
        # The clocks go back on 25 October: that day has 25 hours.
        ("2026-10-24T23:30:00+00:00", "2026-10-26T00:00:00+00:00"),
        ("2026-12-31T23:59:00+00:00", "2027-01-01T00:00:00+00:00"),
    ],
)
def test_a_day_ends_at_local_midnight(at, end):
    assert end_of_day(dt.datetime.fromisoformat(at)).isoformat() == end


@pytest.mark.parametrize("reference", ["", "  ab  ", "x" * 61, "a\nbcd"])
def test_a_contact_without_a_reference_is_refused(desk, reference):
    with pytest.raises(Misuse, match="reference"):
        contact(desk, ANN, desk.ids.seal(ANN, "p03"), reference)


def test_an_id_of_another_account_gives_no_right(desk):
    with pytest.raises(Absent):
        contact(desk, ANN, desk.ids.seal(BEN, "p03"), "CALL-123")
    with pytest.raises(Absent):
        contact(desk, ANN, desk.ids.seal(ANN, "nobody"), "CALL-123")


def test_break_glass_gives_a_right_for_a_day_for_the_purpose_that_was_named(desk):
    di = desk.ids.seal(ANN, "p03")

    given = break_glass(desk, ANN, di, REASON, "safety")

    assert given.relation.kind == "break-glass"
    assert given.relation.purpose == "to keep people safe"
    assert person(later(desk, 23), ANN, di).relation.kind == "break-glass"
    with pytest.raises(Absent):
        person(later(desk, 24), ANN, di)


def test_break_glass_tells_whoever_leads_and_keeps_the_reason_out_of_the_audit(desk):
    break_glass(desk, ANN, desk.ids.seal(ANN, "p03"), REASON, "safety")

    [alert] = rows(desk, alerts)
    assert (alert.kind, alert.team, alert.reason) == ("break-glass", "East", REASON)
    [row] = rows(desk, views)
    assert (row.action, row.entity_id, row.purpose) == ("break glass", "p03", "safety")
    assert '"relation": "break-glass"' in row.detail
    assert REASON not in str(row)
    assert REASON in [grant.reason for grant in rows(desk, grants)]


@pytest.mark.parametrize("who", ["ben", "mia"])
def test_where_nobody_else_leads_all_who_lead_are_told(desk, who):
    asks = caller(who)

    break_glass(desk, asks, desk.ids.seal(asks, "p01"), REASON, "safety")

    assert [alert.team for alert in rows(desk, alerts)] == [None]


def test_a_manager_who_is_gone_is_not_one_to_be_told(desk):
    gone = sa.update(accounts).where(accounts.c.name == "mia").values(disabled_at=NOW)
    with desk.audit.ledger.writing() as connection:
        connection.execute(gone)

    break_glass(desk, ANN, desk.ids.seal(ANN, "p03"), REASON, "safety")

    assert [alert.team for alert in rows(desk, alerts)] == [None]


def test_all_that_is_wrong_with_a_reason_is_told_at_once(desk):
    with pytest.raises(Misuse) as told:
        break_glass(desk, ANN, desk.ids.seal(ANN, "p03"), "too  short  a  ", "fun")

    assert [fault.where for fault in told.value.faults] == ["purpose", "reason"]
    assert rows(desk, alerts) == []


@pytest.mark.parametrize("who", ["nat", "sam", "bea", "oli"])
def test_nobody_else_gets_a_right_by_saying_so(desk, who):
    asks = caller(who)

    with pytest.raises(Forbidden):
        contact(desk, asks, desk.ids.seal(asks, "p03"), "CALL-123")
    with pytest.raises(Forbidden):
        break_glass(desk, asks, desk.ids.seal(asks, "p03"), REASON, "safety")
