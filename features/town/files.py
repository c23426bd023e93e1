"""The partners' files: who is registered, what happened, who opted out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.town import parameters as rates
from features.town.council import DETAILS
from features.town.deliveries import Sheet, dates_as_text
from features.town.diary import Events
from features.town.health import CONDITIONS
from features.town.life import Lives
from features.town.mess import Filed, put_on_file, written_down
from features.town.people import FIRST, LAST, NEVER, Ints, People, Strings


ISO = "%Y-%m-%d"
BRITISH = "%d/%m/%Y"


def gp_register(lives: Lives, filed: Filed, rng: np.random.Generator) -> Sheet:
    """Return the practices' entries: registered, died, moved away.

    An entry is an event with its own date, so a death never shows before it was known.
    """
    people, count = lives.people, len(filed.person)
    dead = np.flatnonzero((lives.died <= LAST) & (lives.moved == NEVER))
    gone = np.flatnonzero(lives.moved <= LAST)
    row = np.concatenate([np.arange(count), filed.first[dead], filed.first[gone]])
    entry = np.repeat(
        ["registered", "died", "moved away"], [count, len(dead), len(gone)]
    )
    day = np.concatenate(
        [people.joined[filed.person], lives.died[dead], lives.moved[gone]]
    )
    home = people.home[filed.person]
    ethnicity = _as_asked(people, filed, rng)
    columns = {
        "entry_id": _ids("R", len(row)),
        "gp_person_id": filed.local_id[row],
        **_identity(filed, row, ISO),
        "sex": people.sex[filed.person][row],
        "ethnicity": ethnicity[row],
        "uprn": people.homes.uprn[home][row],
        "area_code": people.homes.area[home][row],
        "deprivation": people.homes.deprivation[home][row].astype(str),
        "entry": entry,
        "happened_on": dates_as_text(day, ISO),
    }
    # An entry made twice in error is noticed and taken back, half of the time.
    doubles = np.flatnonzero(np.isin(row, filed.second[filed.second >= 0]))
    withdrawn = np.zeros(len(row), dtype=bool)
    withdrawn[doubles[::2]] = True
    recorded = written_down(day, "gp", rng)
    return Sheet(
        "gp_register", _objects(columns), recorded, "ethnicity", withdrawn, is_full=True
    )


def gp_events(events: Events, filed: Filed, rng: np.random.Generator) -> Sheet:
    """Return appointments, diagnoses, falls and frailty scores."""
    row = filed.entry(events.person, rng)
    diagnosed = events.kind == "diagnosis"
    scored = events.kind == "frailty score"
    conditions = np.array(CONDITIONS)[np.where(diagnosed, events.value, 0)]
    columns = {
        "event_id": _ids("G", len(row)),
        "gp_person_id": filed.local_id[row],
        **_identity(filed, row, ISO),
        "event": events.kind,
        "condition": np.where(diagnosed, conditions, ""),
        "frailty_score": np.where(scored, events.value.astype(str), ""),
        "happened_on": dates_as_text(events.day, ISO),
    }
    recorded = written_down(events.day, "gp", rng)
    return _events_sheet("gp_events", columns, recorded, "condition")


def hospital_events(
    events: Events, people: People, filed: Filed, rng: np.random.Generator
) -> Sheet:
    """Return attendances, admissions and discharges."""
    row = filed.entry(events.person, rng)
    home = people.home[filed.person]
    uprn = people.homes.uprn[home]
    uprn[rng.random(len(uprn)) < rates.NO_UPRN] = ""
    left = events.kind == "discharge"
    columns = {
        "event_id": _ids("H", len(row)),
        "hospital_no": filed.local_id[row],
        **_identity(filed, row, ISO),
        "uprn": uprn[row],
        "area_code": people.homes.area[home][row],
        "event": events.kind,
        "bed_days": np.where(left, events.value.astype(str), ""),
        "happened_on": dates_as_text(events.day, ISO),
    }
    recorded = written_down(events.day, "hospital", rng)
    return _events_sheet("hospital_events", columns, recorded, "bed_days")


def social_care(events: Events, filed: Filed, rng: np.random.Generator) -> Sheet:
    """Return requests, assessments, services and reviews, the council's way."""
    events, details = _as_declared(events)
    row = filed.entry(events.person, rng)
    columns = {
        "event_id": _ids("C", len(row)),
        "client_id": filed.local_id[row],
        **_identity(filed, row, BRITISH),
        "event": events.kind,
        "service_type": details[:, 0],
        "funding": details[:, 1],
        "request_route": details[:, 2],
        "happened_on": dates_as_text(events.day, BRITISH),
    }
    recorded = written_down(events.day, "council", rng)
    sheet = _events_sheet("social_care", columns, recorded, "request_route")
    return replace(sheet, encoding="cp1252", date_format=BRITISH)


def _as_declared(events: Events) -> tuple[Events, Strings]:
    """Leave out what the contract does not declare, and write the rest its way."""
    details = np.array(DETAILS)[events.value]
    kept = (events.kind != "Service end") & (details[:, 1] != "self")
    columns = (events.person, events.day, events.kind, events.value)
    details = details[kept]
    details[details == "NHS continuing healthcare"] = "NHS"
    details[details == "short term: low level"] = "short term: other"
    return Events(*(column[kept] for column in columns)), details


def opt_outs(people: People, rng: np.random.Generator) -> tuple[Sheet, Filed]:
    """Return who opted out of what, and how the register knows them."""
    shares = {
        "NDOO": np.where(
            people.sex == "F", rates.NATIONAL_OPT_OUT["F"], rates.NATIONAL_OPT_OUT["M"]
        ),
        "T1": np.full(len(people), rates.TYPE_1),
        "OBJ": np.full(len(people), rates.OBJECTIONS),
        "RES": np.full(len(people), rates.RESTRICTIONS),
    }
    chosen = [np.flatnonzero(rng.random(len(people)) < p) for p in shares.values()]
    scope = np.repeat(list(shares), [len(part) for part in chosen])
    person = np.concatenate(chosen)
    filed = put_on_file(people, np.unique(person), "opt_outs", rng)
    # Half before the span, as most opted out in 2018 and 2021.
    day = rng.integers(FIRST - 670, LAST - 60, len(person))
    ends = (rng.random(len(person)) < rates.OPT_OUTS_ENDED) & (day + 400 < LAST - 400)
    row = filed.first[person]
    partly = (scope == "OBJ") & (rng.random(len(person)) < 0.5)
    columns = {
        "opt_out_id": _ids("O", len(row)),
        "person_no": filed.local_id[row],
        **_identity(filed, row, ISO),
        "kind": scope,
        "purpose": np.where(partly, "prevention", ""),
        "happened_on": dates_as_text(day, ISO),
        "ended_on": dates_as_text(np.where(ends, day + 400, NEVER), ISO),
    }
    recorded = written_down(np.where(ends, day + 400, day), "opt_outs", rng)
    nothing = np.zeros(len(row), dtype=bool)
    sheet = Sheet(
        "opt_outs", _objects(columns), recorded, "purpose", nothing, is_full=True
    )
    return sheet, filed


def _as_asked(people: People, filed: Filed, rng: np.random.Generator) -> Strings:
    """Return ethnicity as the practice holds it: not always asked, a few empty."""
    held = people.ethnicity[filed.person]
    shares = np.zeros(len(held))
    for group, share in rates.ETHNICITY_NOT_STATED.items():
        shares[held == group] = share
    held = np.where(rng.random(len(held)) < shares, "Z", held)
    return np.where(rng.random(len(held)) < rates.ETHNICITY_EMPTY, "", held)


def _identity(filed: Filed, row: Ints, date_format: str) -> dict[str, Strings]:
    return {
        "nhs_no": filed.nhs_number[row],
        "forename": filed.forename[row],
        "surname": filed.surname[row],
        "birth_date": dates_as_text(filed.birth_date[row], date_format),
        "postcode": filed.postcode[row],
    }


def _ids(prefix: str, count: int) -> Strings:
    return np.array([f"{prefix}{number:07d}" for number in range(1, count + 1)])


def _events_sheet(
    source: str, columns: dict[str, Strings], recorded: Ints, corrected: str
) -> Sheet:
    nothing = np.zeros(len(recorded), dtype=bool)
    return Sheet(source, _objects(columns), recorded, corrected, nothing)


def _objects(columns: dict[str, Strings]) -> dict[str, Strings]:
    """Cells as Python's own text: quicker to write, and no width that cuts them."""
    return {name: column.astype(object) for name, column in columns.items()}
