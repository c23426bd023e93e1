from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.definitions.contracts import Freshness
from features.store.manifest import Load, StoredFile
from monitoring.freshness import Timeliness, delivered, freshness


ON = dt.date(2026, 11, 2)
PROMISE = Freshness(cadence_days=30, greatest_age_days=60)


def a_load(source: str, received: dt.date, event: dt.date | None = None) -> Load:
    file = StoredFile(path="x", sha256="")
    return Load(
        number=1,
        source=source,
        content_sha256="",
        contract_sha256="",
        received=received,
        history=False,
        period=None,
        rows=1,
        new=1,
        changed=0,
        withdrawn=0,
        last_event=event,
        records=file,
        identity=file,
    )


def ago(days: int) -> dt.date:
    return ON - dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("age_days", "verdict"),
    [(0, "in time"), (30, "in time"), (31, "late"), (60, "late"), (61, "stale")],
)
def test_a_source_is_as_fresh_as_its_newest_load_is_young(age_days, verdict):
    loads = [a_load("visits", ago(400)), a_load("visits", ago(age_days))]

    [found] = freshness({"visits": PROMISE}, delivered(loads, on=ON), on=ON)

    assert (found.verdict, found.age_days) == (verdict, age_days)


def test_a_source_that_never_came_is_named_without_an_age():
    [found] = freshness({"visits": PROMISE}, {}, on=ON)

    assert found.verdict is Timeliness.NEVER_DELIVERED
    assert found.age_days is None
    assert found.newest_received is None


def test_a_source_that_delivers_nothing_new_shows_how_old_its_events_are():
    loads = [a_load("visits", ago(1), ago(200)), a_load("visits", ago(90), ago(150))]

    [found] = freshness({"visits": PROMISE}, delivered(loads, on=ON), on=ON)

    assert found.verdict is Timeliness.IN_TIME
    assert found.event_age_days == 150


def test_a_source_without_event_dates_has_no_event_age():
    [found] = freshness(
        {"homes": PROMISE}, delivered([a_load("homes", ago(1))], on=ON), on=ON
    )

    assert found.event_age_days is None


def test_a_load_received_after_the_day_is_not_seen():
    loads = [a_load("visits", ago(-1)), a_load("visits", ago(45))]

    [found] = freshness({"visits": PROMISE}, delivered(loads, on=ON), on=ON)

    assert (found.verdict, found.newest_received) == ("late", ago(45))


@given(st.lists(st.integers(-50, 400), max_size=6), st.randoms())
def test_the_order_of_loads_changes_nothing(ages, random):
    loads = [a_load("visits", ago(age), ago(age + 3)) for age in ages]
    shuffled = random.sample(loads, len(loads))

    assert delivered(loads, on=ON) == delivered(shuffled, on=ON)
