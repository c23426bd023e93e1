"""Dates, ages and shares as people say them; for templates."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from serving.local_time import dated, day_of
from serving.schemas.people import IdentityAnswer, RelationAnswer
from serving.schemas.records import FieldAnswer


_MONTHS_A_YEAR = 12
# From here on nobody counts in days, and then no longer in months.
_DAYS_SAID, _MONTHS_SAID = 60, 24
_RELATIONS = {
    "own case": "It is your case",
    "allocated": "They were given to you from a list",
    "contact": "You are in contact with them today",
    "supervised": "Someone in your team works with them",
    "break-glass": "You asked to look in an emergency",
}
RELATION_NAMES = {
    "own case": "Your case",
    "allocated": "Given to you from a list",
    "contact": "Contact today",
    "supervised": "Your team's",
    "break-glass": "Emergency",
}

# What stands before the number of what gave a right.
NUMBERED = {"allocated": "List ", "supervised": "Case or list "}


def ago(day: dt.date, on: dt.date) -> str:
    """Return how long ago a day was.

    >>> today = dt.date(2026, 11, 2)
    >>> ago(today, today), ago(dt.date(2026, 11, 1), today)
    ('today', 'yesterday')
    >>> ago(dt.date(2026, 10, 1), today), ago(dt.date(2026, 3, 1), today)
    ('32 days ago', '8 months ago')
    >>> ago(dt.date(2024, 8, 23), today), ago(dt.date(2026, 12, 1), today)
    ('2 years ago', 'still to come')
    """
    days = (on - day).days
    if days < 2:
        return {0: "today", 1: "yesterday"}.get(days, "still to come")
    if days < _DAYS_SAID:
        return f"{days} days ago"
    months = _months(day, on)
    if months < _MONTHS_SAID:
        return f"{months} months ago"
    return f"{months // _MONTHS_A_YEAR} years ago"


def in_100(share: float) -> str:
    """Return a share as a count out of 100.

    >>> in_100(0.31), in_100(0.004), in_100(0.0), in_100(0.999)
    ('31', 'fewer than 1', '0', 'more than 99')
    """
    rounded = round(100 * share)
    if rounded == 0 and share > 0:
        return "fewer than 1"
    if rounded == 100 and share < 1:
        return "more than 99"
    return str(rounded)


def sure(link: float) -> str | None:
    """Return how sure a link is, never rounded up; None where there is no doubt.

    >>> sure(0.71), sure(0.996), sure(1.0)
    ('71 in 100 sure', '99 in 100 sure', None)
    """
    if link >= 1:
        return None
    # .29 of 100 is 28.999... in floating point.
    return f"{math.floor(round(100 * link, 6))} in 100 sure"


def beyond(sentence: str, value: str) -> str | None:
    """Return the value of a reason, or None where its sentence says it already.

    Yes, no and none have wordings of their own, so their sentences always do.

    >>> beyond("Had 9 visits in the last 12 months", "9 visits")
    >>> beyond("Did not fall in the last 90 days", "no")
    >>> beyond("Had no visit in the last 12 months", "0 visits")
    >>> beyond("Had 19 visits in the last 12 months", "9 visits")
    '9 visits'
    >>> beyond("Fell, and lives alone", "yes; no income")
    'yes; no income'
    """
    # A pair has two values, and one sentence about both.
    return None if all(_is_said(sentence, one) for one in value.split("; ")) else value


def _is_said(sentence: str, value: str) -> bool:
    if re.fullmatch(r"yes|no|0%?|0 .*", value):
        return True
    said = rf"(?<![\w.,]){re.escape(value)}(?!\w)"
    return re.search(said, sentence, re.IGNORECASE) is not None


def not_shown(count: int) -> str | None:
    """Return of how many things that a score looks at nothing is told, and why.

    >>> not_shown(0)
    >>> not_shown(4)[:63]
    'The score looks at 4 more things that are not shown to you: the'
    """
    if not count:
        return None
    things = "1 more thing that is" if count == 1 else f"{count} more things that are"
    why = "may not be used for what you look for, or the person has objected"
    which = "its records" if count == 1 else "their records"
    return f"The score looks at {things} not shown to you: {which} {why}."


def born(identity: IdentityAnswer, on: dt.date) -> str | None:
    """Return when somebody was born and how old that makes them; None if not known.

    >>> one = IdentityAnswer(name="Ada", birth_date="1938-01-17", details={})
    >>> born(one, dt.date(2026, 11, 2))
    'born 17 January 1938, 88 years old'
    """
    if not identity.birth_date:
        return None
    try:
        day = dt.date.fromisoformat(identity.birth_date)
    except ValueError:
        # As the partner wrote it.
        return f"born {identity.birth_date}"
    years = _months(day, on) // _MONTHS_A_YEAR
    return f"born {dated(day)}, {years} years old"


def why(relation: RelationAnswer) -> str:
    """Return why somebody may be looked at, as a sentence."""
    number = f" ({called(relation)})" if relation.reference else ""
    ends = f", until {dated(day_of(relation.until))}" if relation.until else ""
    return f"{_RELATIONS[relation.kind]}{number}{ends}."


def sentence(text: str) -> str:
    """Return a text as a sentence of its own.

    >>> sentence("predicts council-funded care"), sentence("It sees little.")
    ('Predicts council-funded care.', 'It sees little.')
    """
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."


def called(relation: RelationAnswer) -> str:
    """Return the number of a case or a contact, or that of a list."""
    of_what = "list" if relation.kind == "allocated" else "number"
    return f"{of_what} {relation.reference}"


def in_words(fields: list[FieldAnswer]) -> str:
    """Return what a record says.

    >>> in_words([FieldAnswer(label="What for", value="fall")])
    'What for: fall.'
    """
    return " ".join(f"{field.label}: {field.value}." for field in fields)


def _months(day: dt.date, on: dt.date) -> int:
    whole = (on.year - day.year) * _MONTHS_A_YEAR + on.month - day.month
    return whole - (on.day < day.day)


# What a place must name; whatever else it names is said as it stands.
_USES = ("refuse", "reduce", "ration")


def use_in_words(use: str) -> str:
    """Return what a score must never be used for.

    >>> use_in_words("refuse"), use_in_words("judge a worker")
    ('refuse a service', 'judge a worker')
    """
    return f"{use} a service" if use in _USES else use


SPOKEN: dict[str, Any] = {
    "ago": ago,
    "beyond": beyond,
    "born": born,
    "called": called,
    "dated": dated,
    "in_100": in_100,
    "in_words": in_words,
    "not_shown": not_shown,
    "sure": sure,
    "why": why,
    "sentence": sentence,
    "use_in_words": use_in_words,
    "relation_names": RELATION_NAMES,
    "numbered": NUMBERED,
}
