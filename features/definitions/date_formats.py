"""Date formats: which texts each matches, in full and in no other way."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator


_MONTHS = [dt.date(2000, month, 1) for month in range(1, 13)]

# strptime takes more than it says ("24" for %Y, "1" for %d), so every directive has the
# one form that it stands for. A time of day is read and then dropped.
_FORMS = {
    "%Y": "[0-9]{4}",
    "%m": "(?:0[1-9]|1[0-2])",
    "%-m": "(?:[1-9]|1[0-2])",
    "%b": f"(?i:{'|'.join(f'{month:%b}' for month in _MONTHS)})",
    "%B": f"(?i:{'|'.join(f'{month:%B}' for month in _MONTHS)})",
    "%d": "(?:0[1-9]|[12][0-9]|3[01])",
    "%-d": "(?:[1-9]|[12][0-9]|3[01])",
    "%H": "(?:[01][0-9]|2[0-3])",
    "%M": "[0-5][0-9]",
    "%S": "[0-5][0-9]",
    "%f": "[0-9]{1,6}",
    "%%": "%",
}
_PART = re.compile(r"%-?.|[^%]|%", re.DOTALL)
_WHOLE = [{"%Y"}, {"%m", "%-m", "%b", "%B"}, {"%d", "%-d"}]

# Days whose parts are all valid as one another: 3 February or 2 March?
_PROBES = [dt.date(2003, 2, 1), dt.date(2011, 12, 10)]


def pattern_of(format_: str) -> str:
    r"""Return the regular expression that the whole of a date's text must match.

    Raises:
        ValueError: A directive is unknown, or the year, month or day is missing.

    >>> pattern_of("%Y-%-m")
    Traceback (most recent call last):
    ValueError: the date format '%Y-%-m' must give year, month and day once each
    """
    parts = _PART.findall(format_)
    for part in parts:
        if part.startswith("%") and part not in _FORMS:
            known = " ".join(_FORMS)
            raise ValueError(f"{part!r} in {format_!r} is not one of: {known}")
    if any(sum(part in kind for part in parts) != 1 for kind in _WHOLE):
        raise ValueError(
            f"the date format {format_!r} must give year, month and day once each"
        )
    return "".join(_FORMS.get(part, re.escape(part)) for part in parts)


def ambiguous(formats: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong where one text is two days under two of the formats.

    >>> list(ambiguous(["%d/%m/%Y", "%m/%d/%Y"]))
    ["'%d/%m/%Y' and '%m/%d/%Y' read one text as two days"]
    """
    formats = list(formats)
    for number, first in enumerate(formats):
        for second in formats[number + 1 :]:
            if any(_misread(first, second, day) for day in _PROBES):
                yield f"{first!r} and {second!r} read one text as two days"


def _misread(first: str, second: str, day: dt.date) -> bool:
    text = day.strftime(first)
    if not re.fullmatch(pattern_of(second), text):
        return False
    lenient = second.replace("%-", "%")
    parsed = dt.datetime.strptime(text, lenient).replace(tzinfo=dt.UTC)
    return parsed.date() != day
