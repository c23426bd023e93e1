"""What happened in the town, by the partner that took part in it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from features.town.people import LAST, Ints, Strings


@dataclass(frozen=True)
class Events:
    """What happened, by day: one entry per event.

    Attributes:
        value: What more there is to say, by kind: days in hospital, a frailty score, a
            number in a list; -1 for nothing.
    """

    person: Ints
    day: Ints
    kind: Strings
    value: Ints


@dataclass
class Diary:
    """Collects events as they come about.

    What a channel holds, by kind, and what the value says:

    gp: "appointment kept", "appointment missed" (days booked ahead), "diagnosis"
    (position in `health.CONDITIONS`), "fall", "frailty score" (0 to 100).
    hospital: "A&E attendance", "emergency admission", "elective admission",
    "discharge" (nights).
    council: "Request", "Assessment", "Service start", "Service end", "Review"
    (position in `council.DETAILS`).
    housing: "tenancy start", "tenancy end", "arrears" (weeks owed), "repair" (position
    in `housing.REPAIRS`); the person is the tenant.
    police: "vulnerability notice" (position in `police.NOTICES`).
    register: "moved home" (the new home's index).
    """

    pages: dict[str, list[tuple[str, Ints, Ints, Ints]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def note(
        self, channel: str, kind: str, person: Ints, day: Ints, value: Ints | int = -1
    ) -> None:
        """Write down events of one kind."""
        if not len(person):
            return
        values = np.broadcast_to(np.asarray(value, dtype=np.int64), person.shape)
        self.pages[channel].append((kind, person, day, values))

    def events(self, channel: str, since: Ints, until: Ints) -> Events:
        """Return a channel's events by day, without those outside each one's years.

        Args:
            channel: One of those above; without an event it is empty, not an error.
            since: By person, the first day that counts.
            until: By person, the last day that counts; none after the span does.
        """
        pages = self.pages.get(channel)
        if not pages:
            nothing = np.zeros(0, dtype=np.int64)
            return Events(nothing, nothing, nothing.astype(str), nothing)
        kinds, people, days, values = zip(*pages, strict=True)
        person, day = np.concatenate(people), np.concatenate(days)
        kind = np.repeat(np.array(kinds), [len(part) for part in people])
        value = np.concatenate(values)
        lived = (day >= since[person]) & (day <= until[person]) & (day <= LAST)
        order = np.flatnonzero(lived)
        order = order[np.lexsort((person[order], day[order]))]
        return Events(person[order], day[order], kind[order], value[order])
