"""A pack as it is printed: plain text, without what is withheld."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from serving.schemas.rights import PackContent, PackItem


_DRAFT = "DRAFT: not to be given out. A reviewer has yet to release it."
# What stands above each part of a pack.
HEADINGS = {
    "identity": "Who you are to us",
    "written": "How partners write who you are",
    "record": "Records that partners hold about you",
    "score": "Scores, and the reasons for them",
    "decision": "What was done",
    "opinion": "What people thought of a score",
    "case": "Cases",
    "worklist": "Lists",
    "right to look": "Who was given a right to look, and why",
    "alert": "Alerts",
    "request": "What you asked for",
    "look": "Who looked, when, and what for",
}


def text_of(content: PackContent, released_at: dt.datetime | None) -> str:
    """Return a pack as text: a draft says so, and shows its flags.

    What is withheld is in neither; how much it is, and why, is told.

    Args:
        content: The pack.
        released_at: When it was released; None while it is a draft.
    """
    is_draft = released_at is None
    lines = ["What is held about you", "======================", ""]
    lines += [_DRAFT if released_at is None else f"Released on {released_at:%Y-%m-%d}."]
    shown = [item for item in content.items if not item.is_withheld]
    for part, items in groupby(shown, key=lambda item: item.part):
        heading = HEADINGS.get(part, part)
        lines += ["", heading, "-" * len(heading)]
        for item in items:
            lines += _lines(item, is_draft=is_draft)
    lines += _left_out(content)
    return "\n".join(lines) + "\n"


def _lines(item: PackItem, *, is_draft: bool) -> Iterator[str]:
    yield ""
    day = f"{item.on}  " if item.on else ""
    yield f"{item.number}. {day}{item.title}"
    for label, text in item.lines:
        yield f"   {label}: {text}"
    for flag in item.flags if is_draft else []:
        yield f"   [{flag.name}: {flag.choice or 'to be decided'}]"


def withheld_by_flag(items: Iterable[PackItem]) -> dict[str, int]:
    """Return how many items are withheld because of each flag.

    Args:
        items: Of a pack.
    """
    because = (
        {flag.name for flag in item.flags if flag.choice == "withhold"}
        for item in items
    )
    return dict(sorted(Counter(name for names in because for name in names).items()))


def _left_out(content: PackContent) -> Iterator[str]:
    count = sum(item.is_withheld for item in content.items)
    if count:
        yield ""
        yield f"{count} of {len(content.items)} items are withheld:"
    for flag, number in withheld_by_flag(content.items).items():
        yield f"   {number} because of: {flag}"
