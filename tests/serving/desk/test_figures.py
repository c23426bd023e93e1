from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from models.audit.rows import Entry
from models.ledger.tables import batches, scores
from models.ledger.work_tables import decisions, opinions, rights_requests
from serving.audit import Forbidden
from serving.desk.desk import Desk
from serving.desk.figures import figures
from serving.schemas.figures import FiguresAnswer, ShareAnswer, TableAnswer
from tests.made_up_score import AS_OF
from tests.serving.made_up_people import caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")

# A month that is over by the time that figures are asked for.
AT = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 12, 3, tzinfo=dt.UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return replace(people_desk(tmp_path), clock=lambda: LATER)


def asked(desk: Desk, name: str = "bea") -> FiguresAnswer:
    return figures(desk, caller(name))


def write(desk: Desk, table: sa.Table, *rows: dict[str, Any]) -> None:
    with desk.audit.ledger.writing() as connection:
        connection.execute(sa.insert(table), list(rows))


def decision(kind: str, person: str | None, **more: Any) -> dict[str, Any]:
    plain = {"at": AT, "account": 1, "entity_id": person, "score": "care"}
    return {**plain, "kind": kind, "relation": "own case", "batch": None, **more}


def look(desk: Desk, person: str, relation: str, action: str = "score") -> None:
    detail = f'{{"reference": "a \\"relation\\": x", "relation": "{relation}"}}'
    entry = Entry(AT, "ann", action, "care", person, "prevention", "shown", detail)
    with desk.audit.ledger.writing() as connection:
        desk.audit.append(connection, entry)


def counts(table: TableAnswer, month: str = "2026-11") -> dict[str, int | None]:
    [found] = [one for one in table.months if one.month == month]
    return {one.name: one.count for one in found.counts if one.count != 0}


def shares(found: list[ShareAnswer]) -> list[tuple[Any, ...]]:
    return [(s.month, s.name, s.of, s.share and s.share.share) for s in found]


def beside_scores(desk: Desk, people: list[str], band: str | None) -> str:
    """Give people of a band a score in the newest batch, whose id is returned."""
    with desk.audit.ledger.writing() as connection:
        query = sa.select(batches.c.id).where(batches.c.as_of == AS_OF)
        batch = connection.execute(query).scalar_one()
        known = sa.select(sa.func.max(scores.c.number)).where(scores.c.batch == batch)
        last = connection.execute(known).scalar_one()
        rows = [
            {
                **{"batch": batch, "number": last + n, "entity_id": one},
                **{"as_of": AS_OF, "band": band, "case_file": "{}"},
            }
            for n, one in enumerate(people, 1)
        ]
        connection.execute(sa.insert(scores), rows)
    return str(batch)


def test_twelve_whole_months_are_counted_and_the_running_one_is_not(desk):
    found = asked(desk)

    assert (found.first, found.end) == (dt.date(2025, 12, 1), dt.date(2026, 12, 1))
    months = [one.month for one in found.decisions.months]
    assert (len(months), months[0], months[-1]) == (12, "2026-11", "2025-12")


def test_decisions_are_counted_by_kind_and_by_score(desk):
    write(desk, decisions, *(decision("visited", f"x{n}") for n in range(9)))
    write(desk, decisions, *(decision("offered", f"x{n}") for n in range(12)))
    write(desk, decisions, decision("visited", "late", at=LATER))

    found = asked(desk)

    assert counts(found.decisions) == {"visited": 9, "offered": 12}
    assert counts(found.decisions_by_score) == {"care": 21}


def test_few_people_are_not_told_of_however_often(desk):
    write(desk, decisions, *(decision("visited", "x1") for _ in range(20)))
    write(desk, decisions, *(decision("offered", f"x{n}") for n in range(12)))

    found = asked(desk)

    assert counts(found.decisions) == {"visited": None, "offered": None}


def test_decisions_about_the_forgotten_stay_counted(desk):
    gone = {"score": None, "batch": None}
    write(desk, decisions, *(decision("visited", None, **gone) for _ in range(9)))

    found = asked(desk)

    assert counts(found.decisions) == {"visited": 9}
    assert counts(found.decisions_by_score) == {"forgotten": 9}


def test_looks_are_counted_by_why_and_break_glass_apart(desk):
    for n in range(8):
        look(desk, f"x{n}", "own case")
        look(desk, f"x{n}", "break-glass", "break glass")

    found = asked(desk)

    assert counts(found.looks) == {"own case": 8}
    assert counts(found.alarms) == {"break-glass": 8}


def test_of_those_opened_some_are_decided_about(desk):
    for n in range(20):
        look(desk, f"x{n}", "own case")
    write(desk, decisions, *(decision("visited", f"x{n}") for n in range(8)))

    assert shares(asked(desk).decided) == [("2026-11", "care", 20, 0.4)]


def test_a_share_whose_rest_is_few_people_is_not_told(desk):
    for n in range(10):
        look(desk, f"x{n}", "own case")
    write(desk, decisions, *(decision("visited", f"x{n}") for n in range(8)))

    assert shares(asked(desk).decided) == [("2026-11", "care", None, None)]


def test_to_act_below_the_highest_band_or_not_in_it_departs_from_the_score(desk):
    high, low = [f"h{n}" for n in range(16)], [f"l{n}" for n in range(16)]
    batch = beside_scores(desk, high, "most")
    beside_scores(desk, low, "others")
    some = [f"s{n}" for n in range(8)]
    stated = beside_scores(desk, some, None)
    acted = [decision("visited", one, batch=batch) for one in (*high[:8], *low[:8])]
    left = [decision("no action", one, batch=batch) for one in (*high[8:], *low[8:])]
    known = [decision("already known", one, batch=batch) for one in high]
    write(desk, decisions, *acted, *left, *known)
    write(desk, decisions, *(decision("visited", s, batch=stated) for s in some))

    assert shares(asked(desk).departed) == [("2026-11", "care", 32, 0.5)]


@pytest.mark.parametrize("kind", ["already known", "visited"])
def test_few_decisions_that_depart_from_nothing_are_not_left_over(desk, kind):
    high = [f"h{n}" for n in range(20)]
    batch = beside_scores(desk, high, "most")
    beside_scores(desk, ["s"], None)
    acted = [decision("visited", one, batch=batch) for one in high[:10]]
    left = [decision("no action", one, batch=batch) for one in high[10:]]
    write(desk, decisions, *acted, *left, decision(kind, "s", batch=batch))

    found = asked(desk)

    assert counts(found.decisions_by_score) == {"care": 21}
    assert shares(found.departed) == [("2026-11", "care", None, None)]


def test_decisions_about_the_forgotten_depart_from_nothing(desk):
    gone = {"score": None, "batch": None}
    write(desk, decisions, *(decision("visited", None, **gone) for _ in range(9)))

    assert shares(asked(desk).departed) == []


def test_few_opinions_about_the_forgotten_are_not_left_over(desk):
    people = [f"h{n}" for n in range(20)]
    batch = beside_scores(desk, people, "most")
    said = {"at": AT, "account": 1, "kind": "disagree", "score": "care"}
    rows = [{**said, "batch": batch, "entity_id": one} for one in people]
    agreed = [{**row, "kind": "agree"} for row in rows[:10]]
    write(desk, opinions, *agreed, *rows[10:])
    write(desk, opinions, {**said, "entity_id": None, "score": None, "batch": None})

    told = shares(asked(desk).disagreed)

    assert [(name, of) for _, name, of, _ in told] == [
        ("care: Highest fifth", None),
        ("forgotten", None),
    ]


def test_disagreement_is_a_rate_by_score_and_band(desk):
    people = [f"h{n}" for n in range(20)]
    batch = beside_scores(desk, people, "most")
    said = {"at": AT, "account": 1, "score": "care", "batch": batch}
    kinds = ["disagree"] * 12 + ["agree"] * 8
    rows = [
        {**said, "entity_id": one, "kind": kind}
        for one, kind in zip(people, kinds, strict=True)
    ]
    write(desk, opinions, *rows)

    found = asked(desk)

    assert shares(found.disagreed) == [("2026-11", "care: Highest fifth", 20, 0.6)]
    assert counts(found.opinions) == {"agree": 8, "disagree": 12}


def test_the_time_to_an_answer_is_told_of_many_only(desk):
    wrong = {"account": 1, "kind": "the record is wrong", "partner": "health"}
    rows = [
        {**wrong, "at": AT, "entity_id": f"x{n}", "answered_at": AT + dt.timedelta(n)}
        for n in range(9)
    ]
    early = AT - dt.timedelta(days=30)
    few = [{**wrong, "at": early, "entity_id": "x", "answered_at": AT}]
    write(desk, opinions, *rows, *few)

    found = [(one.month, one.answered, one.median_days) for one in asked(desk).answers]

    assert found == [("2026-11", 9, 4.0), ("2026-10", None, None)]


def test_requests_are_counted_and_those_in_time_are_a_share(desk):
    day = dt.date(2026, 11, 3)
    plain = {"kind": "access", "received_on": day, "owner": "x", "entered_by": "x"}
    rows = [
        {**plain, "entity_id": f"x{n}", "due_on": day, "answered_on": when}
        for n, when in enumerate([day] * 8 + [None] * 8)
    ]
    write(desk, rights_requests, *rows)

    found = asked(desk)

    assert counts(found.requests) == {"access": 16}
    assert shares(found.in_time) == [("2026-11", "all requests", 16, 0.5)]


@pytest.mark.parametrize("name", ["ann", "sam", "oli"])
def test_other_roles_are_shown_no_figures(desk, name):
    with pytest.raises(Forbidden):
        asked(desk, name)


@pytest.mark.parametrize("name", ["mia", "nat", "bea"])
def test_no_figure_names_a_person_or_a_member_of_staff(desk, name):
    write(desk, decisions, *(decision("visited", f"x{n}") for n in range(9)))

    text = asked(desk, name).model_dump_json()

    assert "x1" not in text
    assert "ann" not in text.lower()


def test_while_figures_are_counted_others_are_put_on_record(desk: Desk) -> None:
    engine, recorded = desk.audit.ledger.engine, []

    def look_meanwhile(connection: sa.Connection) -> None:
        is_reading = "writes" not in connection.get_execution_options()
        if is_reading and len(recorded) < 5:
            recorded.append(None)
            look(desk, f"p{len(recorded)}", "own case")

    sa.event.listen(engine, "begin", look_meanwhile)
    asked(desk)
    sa.event.remove(engine, "begin", look_meanwhile)

    assert len(recorded) == 5
    assert counts(asked(desk).looks) == {"own case": None}


def test_each_of_the_twelve_months_is_counted_once(desk: Desk) -> None:
    first, last = dt.date(2025, 12, 1), dt.date(2026, 11, 30)
    for day in (first - dt.timedelta(1), first, last, last + dt.timedelta(1)):
        at = dt.datetime.combine(day, dt.time(12), dt.UTC)
        for n in range(20):
            write(desk, decisions, {**decision("visited", f"p{n}"), "at": at})

    months = asked(desk).decisions.months

    told = {one.month: {c.name: c.count for c in one.counts} for one in months}
    assert list(told) == [f"2026-{n:02}" for n in range(11, 0, -1)] + ["2025-12"]
    assert [told[m]["visited"] for m in ("2026-11", "2026-10", "2025-12")] == [
        20,
        0,
        20,
    ]
