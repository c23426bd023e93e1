"""A pack as it is printed: plain text, without what is withheld."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from unicodedata import category

from serving.desk.pack_parts import WHY
from serving.schemas.rights import PackContent, PackItem


_DRAFT = "DRAFT: not to be given out. A reviewer has yet to release it."
_AT = "at (UTC)"
# Who looked and why (`relation` in drafts of before); what they looked at, and when,
# differs from look to look.
_OF_A_LOOK = ("by", "for", WHY, "relation", "outcome")
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
    shown = on_paper(content.items)
    for part, items in groupby(shown, key=lambda item: item.part):
        heading = HEADINGS.get(part, part)
        lines += ["", heading, "-" * len(heading)]
        for item in items:
            lines += _lines(item, is_draft=is_draft)
    lines += _left_out(content)
    return "\n".join(lines) + "\n"


def on_paper(items: Iterable[PackItem]) -> list[PackItem]:
    """Return what of a pack is printed: nothing withheld, and repeated looks as one.

    Looks of one worker on one day for one reason are one item, which tells how many
    they are, of what, and from when to when. The pack itself keeps each.

    Args:
        items: Of a pack.
    """
    groups: dict[object, list[PackItem]] = {}
    for item in items:
        if not item.is_withheld:
            groups.setdefault(_sameness(item), []).append(item)
    return [some[0] if len(some) == 1 else _folded(some) for some in groups.values()]


def _sameness(item: PackItem) -> object:
    """Return what two items must share to be printed as one."""
    if item.part != "look" or item.flags:
        return item.number
    return (item.on, *(line for line in item.lines if line[0] in _OF_A_LOOK))


def _folded(looks: list[PackItem]) -> PackItem:
    first, last = looks[0], looks[-1]
    whole = len(looks) == last.number - first.number + 1
    actions = Counter(look.title for look in looks)
    begun, ended = (dict(look.lines).get(_AT, "") for look in (first, last))
    lines = [line for line in first.lines if line[0] in _OF_A_LOOK]
    lines += [
        ("what", ", ".join(f"{what} ({often})" for what, often in actions.items())),
        (_AT, begun if begun == ended else f"{begun} to {ended}"),
        (
            "items",
            f"{'' if whole else f'{len(looks)} of '}{first.number} to {last.number}",
        ),
    ]
    return first.model_copy(update={"title": f"{len(looks)} looks", "lines": lines})


def _lines(item: PackItem, *, is_draft: bool) -> Iterator[str]:
    yield ""
    day = f"{item.on}  " if item.on else ""
    yield f"{item.number}. {day}{_within(item.title)}"
    for label, text in item.lines:
        yield f"   {_within(label)}: {_within(text)}"
    for flag in item.flags if is_draft else []:
        yield f"   [{flag.name}: {flag.choice or 'to be decided'}]"


def _within(text: str) -> str:
    """Return a text that somebody wrote so that it stays within its item.

    Its lines are indented, so that none reads as one of ours, and nothing in it steers
    the terminal that shows it.
    """
    lines = (
        "".join(" " if category(letter) == "Cc" else letter for letter in line)
        for line in text.splitlines()
    )
    return "\n      ".join(lines)


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
