"""Parts of a pack before they are numbered, and what flags them beside contracts."""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple


# A text of more than one word, written by somebody, may name somebody else.
THIRD_PARTY: Final = "third party"
# What stands before why whoever looked might.
WHY: Final = "why they might"


class Part(NamedTuple):
    """An item before it has its number."""

    part: str
    on: dt.date | None
    title: str
    lines: list[tuple[str, str]]
    flags: tuple[str, ...] = ()
