"""Hypothesis makes whole small worlds: contracts, records, links and definitions.

All days lie within a few weeks and all windows are short, so that records often fall on
the first or last day of a window, on an as-of date, or on the same day as another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from features.definitions.contracts import Contract
from features.definitions.outcomes import (
    AtEvents,
    Calendar,
    Cohort,
    End,
    Exit,
    Outcome,
)
from tests.features.made_up_definitions import families_of
from tests.features.made_up_relations import relations
from tests.features.plain_filter import Tree, sql
from tests.features.random_records import ABOUT, DAYS, FIRST_DAY, records_of
from tests.features.small_place import COLUMNS, SCOPES, contract, place, plan
from tests.features.strategies import filters
from tests.features.world import Delivery, Version, World


days = st.integers(0, DAYS).map(lambda n: FIRST_DAY + dt.timedelta(days=n))

_NUMBER_OF_RECORDS = {
    "register": (4, 9),
    "visits": (8, 20),
    "crimes": (6, 12),
    "objections": (0, 3),
}
_SINCE = st.sampled_from([-30, -30, -30, -30, 2, 6])
_ADDED_UP = ["number", "amount", "level"]
_LATER = dt.timedelta(days=10)
_ENDS = ("died first", "left first", "funded elsewhere first")
FILTERED = {
    "kind": "code",
    "number": "integer",
    "amount": "decimal",
    "done": "boolean",
    "until": "date",
}


@st.composite
def contracts(draw: st.DrawFn) -> list[Contract]:
    """Return the contracts of a world's sources."""
    beforehand = draw(st.booleans())
    columns = [
        {**c, "known_beforehand": beforehand or c["name"] == "planned"}
        if c["name"] in ("id", "lat", "lon", "planned")
        else c
        for c in COLUMNS
    ]
    return [draw(_contract(name, columns)) for name in ABOUT]


@st.composite
def _contract(draw: st.DrawFn, name: str, columns: list[dict[str, Any]]) -> Contract:
    is_register = name == "objections"
    marked = {"column": "scope", "scopes": SCOPES, "ends": "until"}
    marked |= {"purpose": "purpose"} if draw(st.booleans()) else {}
    every = sorted(SCOPES.values())
    scopes = st.sampled_from([[], every, every[:1], every[1:]])
    return contract(
        name,
        columns=columns,
        about=[{"kind": kind, "key": ["id"]} for kind in ABOUT[name]],
        honours=[] if is_register else draw(scopes),
        coverage={
            "since": FIRST_DAY + dt.timedelta(days=draw(_SINCE)),
            "whom": draw(
                st.sampled_from(["everyone", "everyone", "everyone", "linked"])
            ),
        },
        **({"objections": marked} if is_register else {}),
    )


@st.composite
def worlds(draw: st.DrawFn, measures: Sequence[str], *, ended: bool = False) -> World:
    """Return a world with everything in it.

    Args:
        draw: Hypothesis's.
        measures: Of the indicators.
        ended: Every row may end in other ways than by its outcome.
    """
    made = draw(contracts())
    versions, loads = draw(_loaded(told_late=ended))
    trees: dict[str, Tree] = {}
    families = draw(families_of(trees, measures))
    cohort = draw(_cohort(trees, [i.name for f in families for i in f.indicators()]))
    at_events = cohort.at_events is not None
    related = draw(relations(trees))
    groups_by = [None] if related[0].get("many") else [None, "lives_in"]
    point = {"kind": "person", "latitude": "lat", "longitude": "lon"}
    point["source"] = draw(st.sampled_from(["register", "visits"]))
    group = {"name": "sort", "label": "sort", "source": "register", "column": "kind"}
    whole = place(made, families, relations=related, points=[point], groups=[group])
    indicators = list(whole.indicators.values())
    later = days.map(lambda day: day + dt.timedelta(days=6))
    dates = sorted(draw(st.sets(later, min_size=2, max_size=4)))
    return World(
        place=whole,
        plan=plan(
            indicators,
            purpose=draw(st.sampled_from(["planning", "care"])),
            cohort=cohort,
            outcome=draw(_outcome(trees, at_events, ended)),
            cohort_indicators=[indicators[0].name],
            groups=["sort"],
            linked_group=draw(st.sampled_from(groups_by)),
        ),
        dates=[FIRST_DAY, dates[-1]] if at_events else dates,
        on=draw(later),
        versions=versions,
        loads=loads,
        trees=trees,
    )


@st.composite
def _loaded(
    draw: st.DrawFn, *, told_late: bool
) -> tuple[list[Version], list[Delivery]]:
    """Versions and the loads they came in: a record's next version in a later load.

    Where things are told late, the first load is mostly history, and others come after.
    """
    seed = draw(st.integers(0, 2**32))
    versions: list[Version] = []
    loads: list[Delivery] = []
    for source in ABOUT:
        least, most = _NUMBER_OF_RECORDS.get(source, (2, 6))
        number = draw(st.integers(least, most))
        made = records_of(source, 100 * len(loads) + 1, number, seed)
        last = max((version.load for version in made), default=-1)
        begins = len(loads) + 1
        for _ in range(last + 1 + (draw(st.integers(0, 3)) == 3)):
            assumed = draw(st.sampled_from([True, True, True, True, False]))
            received = draw(days)
            if told_late:
                is_first = len(loads) + 1 == begins
                assumed = is_first and draw(st.booleans())
                received = FIRST_DAY if is_first else received + _LATER
            loads.append(Delivery(source, len(loads) + 1, received, assumed))
        versions += [
            Version(**{**vars(version), "load": version.load + begins})
            for version in made
        ]
    return versions, loads


def written(draw: st.DrawFn, trees: dict[str, Tree]) -> str:
    """Draw a filter, keep its tree, and return its text."""
    tree = draw(filters(FILTERED))
    trees[sql(tree)] = tree
    return sql(tree)


@st.composite
def _cohort(draw: st.DrawFn, trees: dict[str, Tree], names: list[str]) -> Cohort:
    at_events = draw(st.booleans())
    where: Tree = ("is not null", names[0])
    exits: Tree = ("is null", names[0])
    trees |= {sql(where): where, sql(exits): exits}
    return Cohort(
        entity="person",
        source="visits" if at_events else "register",
        filter=written(draw, trees) if draw(st.integers(0, 3)) == 3 else None,
        where=sql(where) if draw(st.integers(0, 3)) == 3 else None,
        calendar=None
        if at_events
        else Calendar(first=dt.date(2024, 1, 1), every_months=1),
        at_events=AtEvents(kind="visit", first=FIRST_DAY) if at_events else None,
        exits=[Exit(state="died", when=sql(exits))] if draw(st.booleans()) else [],
    )


@st.composite
def _outcome(
    draw: st.DrawFn, trees: dict[str, Tree], at_events: bool, ended: bool
) -> Outcome:
    of_index = at_events and not ended and draw(st.booleans())
    numbers = ["count"] if of_index else ["count", "sum"]
    measure = "exists" if ended else draw(st.sampled_from(["exists", *numbers]))
    may_end = measure == "exists" and not of_index
    is_later = measure != "exists" and not of_index
    return Outcome(
        source=draw(st.sampled_from(["visits", "notes"])) if of_index else "visits",
        filter=written(draw, trees),
        measure=measure,
        column=draw(st.sampled_from(_ADDED_UP)) if measure == "sum" else None,
        none_is_unknown=measure == "sum" and draw(st.booleans()),
        starts_after_days=draw(st.integers(0, 4)) if is_later else 0,
        of_index=of_index,
        horizon_days=draw(st.integers(1, 5)),
        recording_lag_days=draw(st.integers(0, 2)),
        least_lag_events=draw(st.sampled_from([1, 2] if ended else [1, 3, 20])),
        label="label",
        ends=[
            draw(_end(trees, name))
            for name in _ENDS
            if ended or (may_end and draw(st.booleans()))
        ],
    )


@st.composite
def _end(draw: st.DrawFn, trees: dict[str, Tree], name: str) -> End:
    return End(
        name=name,
        kind=draw(st.sampled_from(["competing", "censoring"])),
        source=draw(st.sampled_from(["register", "visits"])),
        filter=written(draw, trees),
        before_event=draw(st.booleans()),
    )
