"""Tables to fit on, drawn by lot: one of numbers, and one like the Adult census."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.tables.terms import Floats


NUMBERS = 30
_COUNTRIES = 40
_EDUCATION_YEARS = 16


@dataclass(frozen=True)
class Table:
    """Rows, and what came of each.

    Attributes:
        rows: Numbers with NaN, texts with None, where missing.
        outcome: 1 where it happened, else 0.
    """

    rows: pd.DataFrame
    outcome: Floats


def numbers(rows: int, seed: int) -> Table:
    """Draw 30 counts, days, shares and measurements, a fifth of them with gaps.

    Half the indicators tell little. Twice, two of them also act together.
    """
    draw = np.random.default_rng(seed)
    columns = [_number(place, rows, draw) for place in range(NUMBERS)]
    known = [np.nan_to_num(column) for column in columns]
    log_odds = np.full(rows, -2.5)
    for place, column in enumerate(known):
        told = np.tanh((column - column.mean()) / column.std())
        log_odds += told / (1 + place / 6)
    log_odds += 0.6 * (known[0] > 2) * (known[2] > 0.5)
    log_odds += 0.6 * (known[1] > 200) * (known[3] > 0)
    names = (f"indicator_{place:02}" for place in range(NUMBERS))
    table = pd.DataFrame(dict(zip(names, columns, strict=True)))
    return Table(table, _happened(log_odds, draw))


def _number(place: int, rows: int, draw: np.random.Generator) -> Floats:
    kinds: tuple[Callable[[], Floats], ...] = (
        lambda: draw.poisson(1.5 + place % 5, rows).astype(np.float64),
        lambda: np.floor(draw.exponential(200.0, rows)),
        lambda: draw.random(rows),
        lambda: draw.normal(0.0, 1.0, rows),
    )
    column = kinds[place % len(kinds)]()
    if place % 5 == 0:
        column[draw.random(rows) < 0.1] = np.nan
    return column


def adult_like(rows: int, seed: int) -> Table:
    """Draw people at work: numbers, categories small and large, some not known.

    About a quarter have the outcome; schooling tells more of the married.
    """
    draw = np.random.default_rng(seed)
    age = np.clip(np.round(draw.gamma(8.0, 2.7, rows) + 17), 17, 90)
    school = np.clip(np.round(draw.normal(10.0, 2.6, rows)), 1, _EDUCATION_YEARS)
    hours = np.clip(np.round(draw.normal(40.0, 12.0, rows)), 1, 99)
    gain = np.where(draw.random(rows) < 0.08, draw.lognormal(8.6, 1.0, rows), 0.0)
    loss = np.where(draw.random(rows) < 0.05, draw.normal(1_870, 360, rows), 0.0)
    married = draw.random(rows) < 1 / (1 + np.exp(2.2 - 0.065 * age))
    work = draw.choice(8, rows, p=_falling(8))
    job = (draw.choice(14, rows, p=_falling(14)) + (school > 12)) % 14
    country = draw.choice(_COUNTRIES, rows, p=_falling(_COUNTRIES, 2.0))
    woman = draw.random(rows) < 0.33
    log_odds = (
        -4.9
        + 0.3 * (school - 10)
        + 2.1 * married
        + 0.12 * married * (school - 10)
        + np.where(age < 50, 0.05 * (age - 38), 0.6 - 0.03 * (age - 50))
        + 0.03 * np.clip(hours - 40, -25, 20)
        + 2.5 * (gain > 5_000)
        + 0.8 * (loss > 1_800)
        + np.sin(1.0 + job)
        + 0.5 * np.cos(work)
        + 0.3 * np.sin(country)
        - 0.3 * woman
        + 2.0
    )
    return Table(
        pd.DataFrame(
            {
                "age": age,
                "school_years": school,
                "hours": _gaps(hours, 0.03, draw),
                "gain": np.round(gain),
                "loss": np.round(loss),
                "weight": np.round(draw.lognormal(12.0, 0.5, rows)),
                "married": _named("married", married, draw, 0.0),
                "work": _named("work", work, draw, 0.056),
                "job": _named("job", job, draw, 0.057),
                "country": _named("country", country, draw, 0.018),
                "woman": _named("woman", woman, draw, 0.0),
                "home": _named("home", (married + 2 * (age > 30)), draw, 0.0),
            }
        ),
        _happened(log_odds, draw),
    )


def _falling(count: int, power: float = 1.0) -> Floats:
    """Return shares that fall from the first to the last."""
    shares = 1.0 / np.arange(1, count + 1) ** power
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def _gaps(column: Floats, share: float, draw: np.random.Generator) -> Floats:
    return np.where(draw.random(len(column)) < share, np.nan, column)


def _named(
    name: str, codes: np.ndarray, draw: np.random.Generator, gaps: float
) -> np.ndarray:
    texts = np.array([f"{name} {code}" for code in range(_COUNTRIES)], dtype=object)
    named = texts[codes.astype(np.int64)]
    named[draw.random(len(named)) < gaps] = None
    return named


def _happened(log_odds: Floats, draw: np.random.Generator) -> Floats:
    chance = 1 / (1 + np.exp(-log_odds))
    return (draw.random(len(log_odds)) < chance).astype(np.float64)


TABLES: Mapping[str, Callable[[int, int], Table]] = {
    "numbers": numbers,
    "adult_like": adult_like,
}
