"""Wording: a contribution in words, with its value, its size and its direction.

A reason says what goes with a higher or lower score. It never says why.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from models.definitions.bundle import Bundle, FrozenIndicator
from models.tables.terms import Value


Direction = Literal["raises", "lowers"]
Size = Literal["a lot", "some", "a little"]

REASONS_AT_MOST = 5
# How a missing value is said.
NOT_KNOWN = "not known"

# Shares of all that moves the score, both ways: three such reasons make it, or ten.
_A_LOT, _SOME = 0.30, 0.10
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Reason:
    """One part of a score in words: an indicator's, or that of a named pair.

    Attributes:
        indicator: Its name, or the pair's.
        sentence: What the records say.
        direction: Which way it moves this score.
        size: How far, among all that moves it.
        effect: Direction and size as half a sentence.
    """

    indicator: str
    sentence: str
    direction: Direction
    size: Size

    @property
    def effect(self) -> str:
        """Direction and size in words."""
        way = "higher" if self.direction == "raises" else "lower"
        return f"goes with a {way} score, {self.size}"


def reasons(
    bundle: Bundle,
    values: Mapping[str, Value],
    contributions: Mapping[str, float],
    *,
    top: int = REASONS_AT_MOST,
    hidden: Set[str] = frozenset(),
) -> tuple[list[Reason], list[Reason]]:
    """Return what raises a score and what lowers it, the largest first.

    Args:
        bundle: Whose wording is used.
        values: The indicators' values by name; None or NaN is missing.
        contributions: Log-odds by indicator, or pair; what adds nothing gives no
            reason.
        top: At most so many each way.
        hidden: The sources that nothing may be told from: a reason that rests on one
            is left out. How much the others move a score stays the same.
    """
    whole = sum(abs(part) for part in contributions.values())
    ranked = sorted(contributions.items(), key=lambda item: (-abs(item[1]), item[0]))
    told = [one for one in ranked if not rests_on(bundle, one[0], hidden)]
    up = [(name, part) for name, part in told if part > 0][:top]
    down = [(name, part) for name, part in told if part < 0][:top]
    return (
        [_reason(bundle, name, values, part / whole) for name, part in up],
        [_reason(bundle, name, values, part / whole) for name, part in down],
    )


def sentence(indicator: FrozenIndicator, value: Value) -> str:
    """Return what the records say about one indicator, as one sentence.

    The wording's `{value}` becomes the value with its unit, unless the wording itself
    names the unit; `{window}` becomes the time looked at. A value of none (0, no)
    takes the negated wording.

    Args:
        indicator: Its wording, unit and window.
        value: None or NaN is missing: neither the place's wording nor a guess is used.
    """
    if is_missing(value):
        label = indicator.label[:1].lower() + indicator.label[1:]
        return f"We do not know: {label}. No record that we hold tells us."
    text = indicator.wording if value else indicator.negated
    shown = spoken_value(indicator, value, unit=not _names_unit(text, indicator.unit))
    filled = text.replace("{value}", shown)
    return filled.replace("{window}", window_words(indicator.window_days))


def spoken_value(indicator: FrozenIndicator, value: Value, *, unit: bool = True) -> str:
    """Return a value as people write it.

    Args:
        indicator: Its unit, and the meanings of its categories.
        value: None or NaN is missing.
        unit: Write the unit behind a number.
    """
    if value is None or is_missing(value):
        return NOT_KNOWN
    if isinstance(value, str):
        return indicator.categories.get(value, value)
    if indicator.value_type == "yes or no":
        return "yes" if value else "no"
    if indicator.measure == "share":
        return f"{round(100 * value)} in 100"
    number = plain_number(value)
    if not unit or not indicator.unit:
        return number
    if indicator.unit == "%":
        return f"{number}%"
    return f"{number} {singular(indicator.unit) if value == 1 else indicator.unit}"


def plain_number(value: float) -> str:
    """Return a number without more decimals than it needs.

    >>> plain_number(12), plain_number(0.123456), plain_number(1234.56)
    ('12', '0.123', '1,235')
    """
    if value == 0 or abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    # Three figures are as many as anyone takes in.
    decimals = 2 - math.floor(math.log10(abs(value)))
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def window_words(days: int | None) -> str:
    """Return a window in words.

    >>> window_words(365), window_words(90), window_words(1095)
    ('the last 12 months', 'the last 90 days', 'the last 3 years')
    >>> window_words(None)
    'all years on record'
    """
    if days is None:
        return "all years on record"
    years = round(days / _DAYS_A_YEAR)
    # 730 and 731 days are both two years to a reader.
    if years and abs(days - years * _DAYS_A_YEAR) < 1 + years / 4:
        return "the last 12 months" if years == 1 else f"the last {years} years"
    return "the last day" if days == 1 else f"the last {days} days"


def is_missing(value: Value) -> bool:
    """Say whether there is no value: None, or the NaN of a column of numbers."""
    return value is None or value != value


def _reason(
    bundle: Bundle, name: str, values: Mapping[str, Value], share: float
) -> Reason:
    direction: Direction = "raises" if share > 0 else "lowers"
    told = [
        sentence(indicator, values.get(indicator.name))
        for indicator in described(bundle, name)
    ]
    return Reason(name, _together(told), direction, _size(abs(share)))


def described(bundle: Bundle, name: str) -> list[FrozenIndicator]:
    """Return the indicators that a part of a score is about: one, or a pair's two."""
    named = bundle.model.indicators_by_term.get(name, (name,))
    return [bundle.by_name[each] for each in named]


def rests_on(bundle: Bundle, name: str, sources: Set[str]) -> bool:
    """Say whether a part of a score rests on one of some sources."""
    # Mostly there is none to ask for, and a look asks of every part.
    return bool(sources) and any(
        indicator.source in sources for indicator in described(bundle, name)
    )


def _together(sentences: Sequence[str]) -> str:
    """Return what is told of a pair as one, as neither adds anything by itself.

    >>> _together(["Is 85 years old", "Lives alone."])
    'Is 85 years old. And together with it: Lives alone.'
    """
    return ". And together with it: ".join(
        [*(told.rstrip(".") for told in sentences[:-1]), sentences[-1]]
    )


def _size(share: float) -> Size:
    if share >= _A_LOT:
        return "a lot"
    return "some" if share >= _SOME else "a little"


@lru_cache(maxsize=1_000)
def _names_unit(text: str, unit: str) -> bool:
    """Say whether a wording holds the unit as a word, so that it is not said twice."""
    return bool(unit) and bool(
        re.search(rf"(?<!\w){re.escape(unit)}(?!\w)", text, re.IGNORECASE)
    )


def singular(unit: str) -> str:
    """Return the unit of exactly one; what is not a plural stays.

    >>> singular("days"), singular("entries"), singular("out of 100")
    ('day', 'entry', 'out of 100')
    """
    if unit.endswith("ies"):
        return f"{unit[:-3]}y"
    if unit.endswith("s") and not unit.endswith("ss"):
        return unit[:-1]
    return unit
