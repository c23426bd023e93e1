"""A printed scorecard, read as a person with a pencil reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping


Value = float | str | None


def by_hand(text: str, person: Mapping[str, Value]) -> tuple[int, str] | None:
    """Return total and band of a person; None where nothing on a line fits.

    Args:
        text: The page.
        person: The values, by what each line calls its indicator.
    """
    total = 0
    for line in text.splitlines():
        if line.startswith("- "):
            name, levels = line.removeprefix("- ").split(" — ")
            points = _points(levels, person[name])
            if points is None:
                return None
            total += points
    starts = re.findall(r"\| from (\d+) \| (.+?) \|", text)
    return total, next(band for start, band in starts if total >= int(start))


def risks(text: str) -> dict[int, float]:
    """Return what the page says of 100 people like this, by total."""
    rows = re.findall(r"^\| (\d+) \| (\d+) \|$", text, flags=re.MULTILINE)
    return {int(total): float(risk) for total, risk in rows}


def _points(levels: str, value: Value) -> int | None:
    for level in levels.split(" · "):
        found = re.fullmatch(r"(.+): \*\*(\d+)\*\*", level)
        assert found, level
        if _holds(found[1], value):
            return int(found[2])
    return None


def _holds(what: str, value: Value) -> bool:
    if what == "not known" or value is None:
        return (what == "not known") == (value is None)
    if isinstance(value, str):
        return value in what.split(" or ")
    if what in ("any", "no", "yes"):
        return what == "any" or (what == "yes") == (value > 0)
    low = re.search(r"over (\S+?)(,|$)", what)
    high = re.search(r"up to (\S+)$", what)
    above = low is None or value > float(low[1])
    return above and (high is None or value <= float(high[1]))
