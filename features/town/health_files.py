"""What GP practices and the hospital send."""

from __future__ import annotations

import numpy as np

from features.town import recording_parameters as rates
from features.town.days import LAST, NEVER, Flags, Ints, Strings, day_number
from features.town.desk import Desk
from features.town.diary import Events
from features.town.filing import Filed, written_down
from features.town.health import CONDITIONS
from features.town.sheets import (
    ISO,
    Sheet,
    dates_as_text,
    objects,
    with_corrections,
)


def gp_register(desk: Desk, filed: Filed, cut: int) -> Sheet:
    """Return the practices' entries: registered, moved home, died, moved away.

    An entry is an event with its own date, so a death never shows before it was known.
    """
    entries = _entries(desk, filed)
    row, day = entries.person, entries.day
    homes, home = desk.people.homes, desk.home(filed, row, day)
    columns = {
        "entry_id": desk.numbers.next("R", len(row)),
        "gp_person_id": filed.local_id[row],
        **desk.identity(filed, row, day, ISO),
        "sex": filed.sex[row],
        "ethnicity": _as_asked(desk, filed)[row],
        "practice_code": desk.practice(filed.person[row]),
        "uprn": homes.uprn[home],
        "area_code": homes.area[home],
        "deprivation": homes.deprivation[home].astype(str),
        "residence": np.where(homes.is_care_home[home], "care home", "own home"),
        "entry": entries.kind,
        "restriction": filed.restriction[row],
        "happened_on": dates_as_text(day, ISO),
    }
    # An entry made twice in error is noticed and taken back, half of the time.
    doubles = np.flatnonzero(np.isin(row, filed.second[filed.second >= 0]))
    withdrawn = np.zeros(len(row), dtype=bool)
    withdrawn[doubles[::2]] = True
    recorded = written_down(day, "gp", desk.rng)
    sheet = Sheet("gp_register", objects(columns), day, recorded, withdrawn=withdrawn)
    return with_corrections(sheet, "ethnicity", cut, desk.rng)


def _entries(desk: Desk, filed: Filed) -> Events:
    """Return what the register says, by row of `filed` instead of by person."""
    lives, since = desk.block.lives, desk.restricted.since
    joined = desk.people.joined[filed.person]
    changed = np.isin(filed.restriction, rates.IDENTITY_CHANGED)
    begins = np.where(changed, np.maximum(since[filed.person], joined), joined)
    alive = (begins <= LAST) & (begins <= lives.end[filed.person])
    registered = np.flatnonzero(alive)
    closed = np.flatnonzero(filed.is_former & (begins < since[filed.person]))
    moves = desk.where.moves
    in_time = moves.day >= desk.people.joined[moves.person]
    mover, moved_on = moves.person[in_time], moves.day[in_time]
    dead = np.flatnonzero((lives.died <= LAST) & (lives.died <= lives.moved))
    gone = np.flatnonzero((lives.moved <= LAST) & (lives.moved < lives.died))
    parts = {
        "registered": (registered, begins[registered]),
        "moved home": (_current(desk, filed, mover, moved_on), moved_on),
        "died": (filed.first[dead], lives.died[dead]),
        "moved away": (
            np.concatenate([filed.first[gone], closed]),
            np.concatenate([lives.moved[gone], since[filed.person[closed]]]),
        ),
    }
    row, day = (np.concatenate([p[i] for p in parts.values()]) for i in (0, 1))
    kind = np.repeat(list(parts), [len(p[0]) for p in parts.values()])
    return Events(row, day, kind, np.full(len(row), -1))


def _current(desk: Desk, filed: Filed, person: Ints, day: Ints) -> Ints:
    """Return the entry under which a person is registered on a day."""
    place = desk.restricted.before(person, day)
    return np.where(place >= 0, filed.former[place], filed.first[person])


def gp_events(desk: Desk, filed: Filed, cut: int) -> Sheet:
    """Return appointments, diagnoses, falls and frailty scores of those who share."""
    events = seen(desk, "gp")
    events = kept(events, np.asarray(desk.shares(events.person), dtype=bool))
    row = desk.entry(filed, events)
    diagnosed = events.kind == "diagnosis"
    scored = events.kind == "frailty score"
    conditions = np.array(CONDITIONS)[np.where(diagnosed, events.value, 0)]
    scores = _as_scored(desk, events)
    columns = {
        "event_id": desk.numbers.next("G", len(row)),
        "gp_person_id": filed.local_id[row],
        **desk.identity(filed, row, events.day, ISO),
        "practice_code": desk.practice(events.person),
        "event": events.kind,
        "condition": np.where(diagnosed, conditions, ""),
        "frailty_score": np.where(scored, scores.astype(str), ""),
        "restriction": filed.restriction[row],
        "happened_on": dates_as_text(events.day, ISO),
    }
    recorded = written_down(events.day, "gp", desk.rng)
    sheet = Sheet("gp_events", objects(columns), events.day, recorded)
    return with_corrections(sheet, "condition", cut, desk.rng)


def _as_scored(desk: Desk, events: Events) -> Ints:
    """Return frailty scores as a practice reads them: higher where that is planted."""
    added = desk.plant.of("drift", none=0.0) if desk.plant else 0.0
    late = events.day >= day_number(rates.DRIFTING_FROM)
    return np.clip(events.value + np.where(late, round(added), 0), 0, 100)


def hospital_events(desk: Desk, filed: Filed, cut: int) -> Sheet:
    """Return attendances, admissions and discharges."""
    events = seen(desk, "hospital")
    row = desk.entry(filed, events)
    homes, home = desk.people.homes, desk.home(filed, row, events.day)
    uprn = homes.uprn[home].astype(object)
    uprn[desk.rng.random(len(uprn)) < rates.NO_UPRN] = ""
    draw = desk.rng.random(len(row))
    methods = {
        "emergency admission": np.where(draw < 0.8, "21", "22"),
        "elective admission": np.where(draw < 0.7, "11", "12"),
    }
    kinds = [events.kind == kind for kind in methods]
    columns = {
        "event_id": desk.numbers.next("H", len(row)),
        "hospital_no": filed.local_id[row],
        **desk.identity(filed, row, events.day, ISO),
        "uprn": uprn,
        "area_code": homes.area[home],
        "event": events.kind,
        "admission_method": np.select(kinds, list(methods.values()), ""),
        "bed_days": np.where(events.kind == "discharge", events.value.astype(str), ""),
        "restriction": filed.restriction[row],
        "happened_on": dates_as_text(events.day, ISO),
    }
    recorded = written_down(events.day, "hospital", desk.rng)
    sheet = Sheet("hospital_events", objects(columns), events.day, recorded)
    return with_corrections(sheet, "bed_days", cut, desk.rng)


def seen(desk: Desk, channel: str) -> Events:
    """Return all events of a channel, until each one's end."""
    lives = desk.block.lives
    return lives.diary.events(channel, np.full(len(lives.people), -NEVER), lives.end)


def kept(events: Events, which: Flags) -> Events:
    """Return some of the events."""
    return Events(
        events.person[which], events.day[which], events.kind[which], events.value[which]
    )


def _as_asked(desk: Desk, filed: Filed) -> Strings:
    """Return ethnicity as the practice holds it: not always asked, a few empty."""
    held = desk.people.ethnicity[filed.person]
    shares = np.zeros(len(held))
    for group, share in rates.ETHNICITY_NOT_STATED.items():
        shares[held == group] = share
    held = np.where(desk.rng.random(len(held)) < shares, "Z", held)
    empty = desk.rng.random(len(held)) < rates.ETHNICITY_EMPTY
    return np.where(empty, "", held)
