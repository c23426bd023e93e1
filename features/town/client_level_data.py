"""Adult social care as Client Level Data: the event file that councils return."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from features.town import recording_parameters as rates
from features.town.days import NEVER, Flags, Ints, Strings
from features.town.desk import Desk
from features.town.diary import Events
from features.town.filing import Filed, written_down
from features.town.health_files import kept, seen
from features.town.later_entries import coded, details, endings, traced_numbers
from features.town.national_codes import (
    AFTER_A_REQUEST,
    CALLED,
    ETHNICITIES,
    GENDERS,
    HEADINGS,
    PAYERS,
    ROUTES,
    SERVICES,
    in_the_codes_of_the_day,
)
from features.town.sheets import (
    BRITISH,
    Sheet,
    dates_as_text,
    objects,
    with_corrections,
)


_REASONS: Final = (
    "Physical Support: Personal Care Support",
    "Physical Support: Access & Mobility Only",
    "Support with Memory & Cognition",
    "Mental Health Support",
)
_REASON_SHARES: Final = (0.62, 0.20, 0.14, 0.04)
# Days within which an assessment belongs to a request, and a service to an assessment.
_SOON: Final = 120


def client_level_data(desk: Desk, filed: Filed, cut: int) -> Sheet:
    """Return requests, assessments, services and reviews as a council returns them.

    A service that ends is written again, with its last day. A service that the council
    merely stops is closed by a review.
    """
    ends, events = _split(seen(desk, "council"))
    closing = _closing_reviews(ends)
    events = _joined(events, closing)
    is_closing = np.arange(len(events.person)) >= len(events.person) - len(closing.day)
    row = desk.entry(filed, events)
    recorded = written_down(events.day, "council", desk.rng)
    columns = _who(desk, filed, row, events) | _what(desk, events, is_closing, ends)
    columns["Event Reference"] = desk.numbers.next("C", len(row))
    columns = {heading: columns[heading] for heading in HEADINGS}
    sheet = Sheet(
        "asc_cld",
        objects(columns),
        events.day,
        recorded,
        encoding="cp1252",
        date_format=BRITISH,
        recorded_heading="Recorded On",
    )
    sheet = with_corrections(sheet, "Request: Route of Access", cut, desk.rng)
    changes = (endings(desk, events, ends), traced_numbers(desk, filed, row, cut))
    return in_the_codes_of_the_day(replace(sheet, changes=(*sheet.changes, *changes)))


def _split(events: Events) -> tuple[Events, Events]:
    ends = events.kind == "Service end"
    return kept(events, ends), kept(events, ~ends)


def _joined(one: Events, other: Events) -> Events:
    names = ("person", "day", "kind", "value")
    columns = (np.concatenate([getattr(one, n), getattr(other, n)]) for n in names)
    return Events(*columns)


def _closing_reviews(ends: Events) -> Events:
    """Return a review on the day on which support that is no longer needed ends."""
    reason = details("end_reason")[ends.value]
    long = np.char.startswith(details("service_type")[ends.value].astype(str), "long")
    closed = kept(ends, np.asarray((reason == "no longer needed") & long, dtype=bool))
    return replace(closed, kind=np.full(len(closed.day), "Review", dtype=object))


def _who(desk: Desk, filed: Filed, row: Ints, events: Events) -> dict[str, Strings]:
    people, rng = desk.people, desk.rng
    said = desk.identity(filed, row, events.day, BRITISH)
    known = {CALLED[name]: cells for name, cells in said.items()}
    groups = np.array([ETHNICITIES[g] for g in people.ethnicity], dtype=object)
    groups[rng.random(len(groups)) < rates.ETHNICITY_UNKNOWN_TO_COUNCIL] = (
        "Undeclared / Not known"
    )
    homes, home = people.homes, desk.home(filed, row, events.day)
    kinds = [homes.is_care_home[home], homes.rented[home]]
    lives_in = np.select(
        kinds,
        ["Registered Care Home", "Tenant"],
        "Owner Occupier / Shared Ownership Scheme",
    )
    return known | {
        "LA Code": np.full(len(row), "999"),
        "LA Person Unique Identifier": filed.local_id[row],
        "GP Practice Code": desk.practice(events.person),
        "Gender": np.array([GENDERS[s] for s in filed.sex], dtype=object)[row],
        "Ethnicity": groups[events.person],
        "Client Type": np.full(len(row), "Service User"),
        "Accommodation Status": np.where(
            rng.random(len(row)) < 0.1, "Unknown", lives_in
        ),
        "Has Unpaid Carer": _has_carer(desk, events),
        "Restriction": filed.restriction[row],
    }


def _has_carer(desk: Desk, events: Events) -> Strings:
    """Return whether somebody cares for them on the day, as far as was asked."""
    carers = desk.block.carers
    order = np.lexsort((carers.began, carers.cared_for))
    keys = (carers.cared_for * (4 * NEVER) + carers.began)[order]
    at = np.searchsorted(keys, events.person * (4 * NEVER) + events.day, "right") - 1
    found = np.zeros(len(at), dtype=bool)
    if len(order):
        last = order[np.maximum(at, 0)]
        found = (at >= 0) & (carers.cared_for[last] == events.person)
        found &= carers.ended[last] > events.day
    asked = desk.rng.random(len(found)) < 0.7
    return np.select([~asked, found], ["Unknown", "Yes"], "No")


def _what(
    desk: Desk, events: Events, is_closing: Flags, ends: Events
) -> dict[str, Strings]:
    count, rng = len(events.day), desk.rng
    service = coded("service_type", SERVICES)[events.value]
    is_service = events.kind == "Service start"
    is_review = events.kind == "Review"
    reason = rng.choice(len(_REASONS), len(desk.people), p=_REASON_SHARES)
    why = np.array(_REASONS, dtype=object)[reason][events.person]
    unplanned = rng.random(count) < rates.UNPLANNED_REVIEWS
    other = np.where(
        rng.random(count) < 0.5, "Unplanned - Hospital", "Unplanned - Other reason"
    )
    other = np.where(is_closing, "Unplanned - Other reason", other)
    review = np.where(unplanned | is_closing, other, "Planned")
    return {
        "Primary Support Reason": np.where(events.kind == "Request", "", why),
        "Client Funding Status": _as_funded(desk, events),
        "Event Type": np.where(is_service, "Service", events.kind),
        "Event Start Date": dates_as_text(events.day, BRITISH),
        "Event End Date": np.where(is_service, "", dates_as_text(events.day, BRITISH)),
        "Event Outcome": _outcomes(desk, events, is_closing),
        "Request: Route of Access": coded("request_route", ROUTES)[events.value],
        "Assessment Type": np.where(
            events.kind == "Assessment", "Long Term Assessment", ""
        ),
        "Service Type": service,
        "Service Component": np.where(is_service, _components(service, rng), ""),
        "Delivery Mechanism": np.where(
            is_service & (service == "Long Term Support: Community"),
            _mechanisms(count, rng),
            "",
        ),
        "Review Reason": np.where(is_review, review, ""),
    }


def _as_funded(desk: Desk, events: Events) -> Strings:
    """Return who pays as recorded: for one group not always, where that is planted."""
    payer = coded("funding", PAYERS)[events.value]
    if desk.plant is None or desk.plant.kind != "label-bias":
        return payer
    missed = desk.rng.random(len(desk.people)) < desk.plant.size
    missed &= desk.people.ethnicity == rates.BIASED_GROUP
    long = np.char.startswith(details("service_type")[events.value].astype(str), "long")
    return np.where(missed[events.person] & long, "", payer)


def _components(service: Strings, rng: np.random.Generator) -> Strings:
    draw = rng.random(len(service))
    low = np.where(draw < rates.EQUIPMENT_OF_LOW_LEVEL, "Equipment", "Telecare")
    choices: dict[str, Strings | str] = {
        "Long Term Support: Community": np.where(
            draw < 0.85, "Home Support", "Day Support"
        ),
        "Long Term Support: Residential Care": "Long Term Residential Care",
        "Long Term Support: Nursing Care": "Long Term Nursing Care",
        "Short Term Support: ST-Max": "Reablement",
        "Short Term Support: Ongoing Low Level": low,
        "Short Term Support: Other Short Term": "Short Term Residential Care",
    }
    named = [np.asarray(choice) for choice in choices.values()]
    return np.select([service == s for s in choices], named, "")


def _mechanisms(count: int, rng: np.random.Generator) -> Strings:
    names = (
        "Direct Payment",
        "CASSR Managed Personal Budget",
        "CASSR Commissioned Support",
    )
    return rng.choice(np.array(names), count, p=list(rates.DELIVERY.values()))


def _outcomes(desk: Desk, events: Events, is_closing: Flags) -> Strings:
    """Return what came of all but services, which are told at their end."""
    request, assessed = events.kind == "Request", events.kind == "Assessment"
    followed = coded("followed", AFTER_A_REQUEST)[events.value]
    day_of = _first_after(events, assessed)
    looked_at = day_of <= events.day + _SOON
    served = _first_after(events, events.kind == "Service start") <= events.day + _SOON
    own = desk.block.self_funded[events.person]
    pays = (own >= events.day) & (own <= events.day + _SOON) & ~served
    noted = desk.rng.random(len(own)) < rates.SELF_FUNDING_NOTED
    return np.select(
        [
            request & looked_at & (followed != "Progress to Reablement/ST-Max"),
            request,
            assessed & served,
            assessed & pays & noted,
            assessed,
            is_closing,
            events.kind == "Review",
        ],
        [
            "Progress to Assessment",
            followed,
            "Progress to Support Planning / Services",
            "NFA - Self-funded client (Inc. 12wk disregard)",
            "NFA - No services offered: Other reason",
            "NFA - Support ended: Other reason",
            "No change in package",
        ],
        "",
    )


def _first_after(events: Events, which: Flags) -> Ints:
    """Return, by event, the day of the person's next event of some kind, or NEVER."""
    keys = events.person[which] * (4 * NEVER) + events.day[which]
    keys.sort()
    at = np.searchsorted(keys, events.person * (4 * NEVER) + events.day, side="left")
    found = np.append(keys, np.iinfo(np.int64).max)[at]
    same = found // (4 * NEVER) == events.person
    return np.where(same, found % (4 * NEVER), NEVER)
