from __future__ import annotations

import pytest
import sqlalchemy as sa

from models.ledger.access_tables import accounts, alerts
from models.ledger.tables import views
from serving.audit import Absent, Forbidden
from serving.desk.alerts import alerts_of, see_alert, unseen
from serving.desk.contacts import break_glass
from tests.made_up_score import NOW
from tests.serving.made_up_people import caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")

ANN, BEN, MIA, OLI = (caller(name) for name in ("ann", "ben", "mia", "oli"))
REASON = "Called from the ward, must know about falls now"


@pytest.fixture
def desk(tmp_path):
    return people_desk(tmp_path)


def broken(desk, asks):
    break_glass(desk, asks, desk.ids.seal(asks, "p01"), REASON, "safety")


def count(desk, who):
    with desk.audit.ledger.reading() as connection:
        return unseen(connection, who)


def test_a_teams_manager_is_told_who_did_it_about_whom_and_why(desk):
    broken(desk, ANN)

    [alert] = alerts_of(desk, MIA).alerts

    assert (alert.kind, alert.worker, alert.reason) == (
        *("break-glass", "Ann Example"),
        REASON,
    )
    assert alert.identity.name == "Max Wynn"
    assert desk.ids.open(MIA, alert.person) == "p01"


def test_where_nobody_leads_all_are_told_that_it_happened_and_no_more(desk):
    broken(desk, BEN)

    for who in (MIA, OLI):
        [alert] = alerts_of(desk, who).alerts
        told = alert.model_dump(exclude={"id", "at"})
        assert told == {
            "kind": "break-glass",
            "is_seen": False,
            **dict.fromkeys(("worker", "person", "identity", "reason")),
        }


def test_nobody_sees_to_an_alert_about_themselves(desk):
    broken(desk, MIA)

    assert alerts_of(desk, MIA).alerts == []
    assert [alert.kind for alert in alerts_of(desk, OLI).alerts] == ["break-glass"]


def test_an_administrator_is_told_nothing_of_a_team_that_somebody_leads(desk):
    broken(desk, ANN)

    assert alerts_of(desk, OLI).alerts == []
    with pytest.raises(Absent):
        see_alert(desk, OLI, 1)


def test_an_alert_of_a_team_that_nobody_leads_any_more_is_not_lost(desk):
    broken(desk, ANN)
    gone = sa.update(accounts).where(accounts.c.role == "manager")
    with desk.audit.ledger.writing() as connection:
        connection.execute(gone.values(disabled_at=NOW))

    [alert] = alerts_of(desk, OLI).alerts

    assert (alert.kind, alert.worker, alert.identity) == ("break-glass", None, None)
    assert count(desk, OLI) == 1
    see_alert(desk, OLI, alert.id)
    assert count(desk, OLI) == 0


def test_an_alert_is_new_until_somebody_has_seen_it(desk):
    broken(desk, ANN)
    assert count(desk, MIA) == 1

    see_alert(desk, MIA, 1)
    see_alert(desk, MIA, 1)

    assert count(desk, MIA) == 0
    assert [alert.is_seen for alert in alerts_of(desk, MIA).alerts] == [True]
    with desk.audit.ledger.reading() as connection:
        assert connection.execute(sa.select(alerts.c.seen_by)).scalars().all() == [3]


def test_whom_an_alert_named_is_on_record(desk):
    broken(desk, ANN)
    alerts_of(desk, MIA)

    query = sa.select(views.c.action, views.c.entity_id).order_by(views.c.id)
    with desk.audit.ledger.reading() as connection:
        found = connection.execute(query).all()
    assert found[1:] == [("alerts", None), ("listed", "p01")]


@pytest.mark.parametrize("who", ["ann", "nat", "sam", "bea"])
def test_nobody_else_is_told_anything(desk, who):
    with pytest.raises(Forbidden):
        alerts_of(desk, caller(who))
    assert count(desk, caller(who)) == 0
