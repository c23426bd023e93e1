"""What is asked about a person takes no longer because there are many others.

SQLite says of each question how it would be answered. It says so without having
counted the rows, so that a made-up ledger of thirteen people tells it of any.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import sqlalchemy as sa

from serving.desk.chronology import Stretch, chronology
from serving.desk.desk import Desk
from serving.desk.evidence import evidence
from serving.desk.history import history
from serving.desk.looks import looks, looks_by_day
from serving.desk.opened import opened_score
from serving.desk.people import Choice, Order, my_people
from serving.desk.person import person
from serving.desk.scores import score
from tests.serving.made_up_people import caller, people_desk


# Of which a ledger of many people has many rows.
LARGE = ("cases", "entity_records", "identities", "records", "scores", "views")
# A whole batch, in order: right for a list of it, wrong for anybody in it.
WHOLE_BATCH = "scores_by_rank (batch=?)"

# The end of the chain: SQLite calls it a scan, and ends it at the first.
NEWEST_LOOK = re.compile(r"FROM views ORDER BY views\.id DESC\s+LIMIT 1\b")

ANN, MIA = caller("ann"), caller("mia")
QUESTIONS: dict[str, Callable[[Desk, str], Any]] = {
    **{
        f"people by {order}": lambda desk, _, order=order: my_people(
            desk, ANN, Choice(order)
        )
        for order in get_args(Order)
    },
    "a manager's people": lambda desk, _: my_people(desk, MIA, Choice()),
    "a person": lambda desk, who: person(desk, ANN, who),
    "records": lambda desk, who: chronology(desk, ANN, who, Stretch()),
    "a score": lambda desk, who: score(desk, ANN, who, "care"),
    "a score's page": lambda desk, who: opened_score(desk, ANN, who, "care"),
    "history": lambda desk, who: history(desk, ANN, who, "care"),
    "evidence": lambda desk, who: evidence(desk, ANN, who, "care", "visits_365d"),
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return people_desk(tmp_path)


def _plans(desk: Desk, ask: Callable[[], object]) -> list[str]:
    """Return how SQLite answers what is asked, line by line."""
    engine, asked = desk.audit.ledger.engine, []

    def listen(driver: sqlite3.Connection, *_: object) -> None:
        driver.set_trace_callback(asked.append)

    sa.event.listen(engine, "checkout", listen)
    ask()
    sa.event.remove(engine, "checkout", listen)
    asked = [text for text in asked if text.startswith("SELECT")]
    selects = [text for text in asked if not NEWEST_LOOK.search(text)]
    assert selects
    with sqlite3.connect(engine.url.database or "") as other:
        return [
            row[3]
            for text in selects
            for row in other.execute(f"EXPLAIN QUERY PLAN {text}")
        ]


def _is_long(step: str) -> bool:
    is_whole = any(step.startswith(f"SCAN {table}") for table in LARGE)
    return is_whole or WHOLE_BATCH in step


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_about_people_goes_through_all_of_them(
    desk: Desk, question: str
) -> None:
    who = desk.ids.seal(ANN, "p05")

    steps = _plans(desk, lambda: QUESTIONS[question](desk, who))

    assert [step for step in steps if _is_long(step)] == []


@pytest.mark.parametrize("ask", [looks, looks_by_day])
def test_who_looked_is_found_without_going_through_all_looks(
    desk: Desk, ask: Callable[..., object]
) -> None:
    who = desk.ids.seal(MIA, "p05")

    steps = _plans(desk, lambda: ask(desk, MIA, who))

    assert [step for step in steps if _is_long(step)] == []


def test_a_step_through_everybody_is_noticed(desk: Desk) -> None:
    def all_of_them() -> None:
        with desk.audit.ledger.reading() as connection:
            connection.exec_driver_sql("SELECT count(entity_id) FROM scores").all()

    assert any(_is_long(step) for step in _plans(desk, all_of_them))
