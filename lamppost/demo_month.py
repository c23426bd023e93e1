"""The demonstration's last month: looks, decisions and opinions of its simulated team.

Figures tell of whole months that are over, so there would be none on the first day. The
team does here what a team does, at the very desk that answers pages, whose clock stands
in the month before the real one. It is written before anything else, so that the record
of looking stays in order. Nobody in it exists, and no count is made up: what figures
tell is counted from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

from serving.access.roles import Caller
from serving.desk.chronology import Stretch
from serving.desk.decisions import decide
from serving.desk.desk import Desk
from serving.desk.drawing import draw
from serving.desk.opened import opened_chronology, opened_score
from serving.desk.opinions import opine
from serving.desk.people import Choice, my_people
from serving.desk.worklists import allocate
from serving.schemas.work import Decision, Opinion


GIVEN = 45
# Those who are newly given come first.
MOST_OPENED = 100
SATURDAY = 5
# At which people are looked at on a working day, in UTC.
HOURS = (9, 10, 11, 13, 14, 15)
# What is done and said about one after another; None: nothing is.
DONE = (
    ("visited", None),
    ("no action", None),
    None,
    ("offered", "a visit about falls"),
    ("visited", None),
    ("no action", None),
    None,
    ("referred", "the reablement team"),
    ("visited", None),
    None,
)
SAID = ("agree", None, "disagree", "agree", None)


def first_day(today: dt.date) -> dt.date:
    """Return the first day of the month before.

    >>> first_day(dt.date(2026, 3, 14)).isoformat()
    '2026-02-01'
    """
    return (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def work_a_month(
    desk: Desk, leads: Caller, works: Caller, score: str, first: dt.date
) -> None:
    """Draw a worklist, give it out, look at everybody, and write down what was done.

    Args:
        desk: Where it is done; its clock is put back.
        leads: A manager.
        works: A caseworker of the manager's team, with cases of their own.
        score: The score's name.
        first: The month's first day.
    """
    moments = _moments(first)
    desk = _at(desk, next(moments))
    drawn = draw(desk, leads, score)
    for number in range(1, min(GIVEN, drawn.people) + 1):
        allocate(desk, leads, drawn.worklist, number, works.name)
    done, said = cycle(DONE), cycle(SAID)
    for one in my_people(desk, works, Choice(score=score, limit=MOST_OPENED)).people:
        desk = _at(desk, next(moments))
        opened_chronology(desk, works, one.person, Stretch())
        if one.relation.kind == "allocated":
            opened_score(desk, works, one.person, score)
            _write_down(desk, works, one.person, (score, next(done), next(said)))


def _write_down(
    desk: Desk,
    works: Caller,
    person: str,
    what: tuple[str, tuple[str, str | None] | None, str | None],
) -> None:
    score, done, said = what
    if done:
        kind, words = done
        decision = Decision.model_validate(
            {"score": score, "kind": kind, "what": words}
        )
        decide(desk, works, person, decision)
    if said:
        opinion = Opinion.model_validate({"score": score, "kind": said})
        opine(desk, works, person, opinion)


def _at(desk: Desk, moment: dt.datetime) -> Desk:
    return replace(desk, clock=lambda: moment)


def _moments(first: dt.date) -> Iterator[dt.datetime]:
    """Go through a month's first four weeks, on working days, hour by hour."""
    for day in (first + dt.timedelta(days=n) for n in range(28)):
        if day.weekday() < SATURDAY:
            for hour in HOURS:
                yield dt.datetime.combine(day, dt.time(hour), dt.UTC)
