"""Frames: what stands around the pages of whoever is signed in."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from models.ledger.ledger import Ledger
from serving.access.roles import Caller
from serving.access.sessions import Session
from serving.audit import Action
from serving.desk.surroundings import surroundings
from serving.local_time import dated
from serving.pages.rendering import BarItem, Frame, Here


_ALERTS = "Alerts"
# More than these make a bar that nobody reads; the rest is one page away.
_MOST_IN_BAR = 6
_MORE = ("More", "/more")


class Entry(NamedTuple):
    """A page that a role may open from anywhere.

    Attributes:
        action: What a role must be allowed to do to be shown it; None: whoever is in.
        meaning: What it is for, in a sentence.
    """

    text: str
    address: str
    action: Action | None
    meaning: str


_ENTRIES = (
    Entry("My people", "/people", "people", "Those whom you or your team work with."),
    Entry("Find someone", "/find", "find", "Look for one person, and say why."),
    Entry(
        *("Worklists", "/worklists", "worklists"),
        "People at the top of a score, to give out to your team.",
    ),
    Entry(
        *(_ALERTS, "/alerts", "alerts"),
        "What someone must know of, such as a look in an emergency.",
    ),
    Entry(
        *("What waits for you", "/queue", "queue"),
        "Questions about your records that only you can answer.",
    ),
    Entry(
        *("What people asked for", "/rights", "register"),
        "Copies, corrections and complaints, and by when each must be answered.",
    ),
    Entry(
        *("Cases we keep", "/cases", "keep case"),
        "Cases of your team that stand in no other system.",
    ),
    Entry(
        *("Figures", "/figures", "figures"),
        "How Lamppost is used from month to month. Nobody is named.",
    ),
    Entry(
        *("What is scored", "/models", "models"),
        "What each score is for, whom it is about, and how often it came true.",
    ),
    Entry("Practise", "/practice", "practise", "Learn with people who do not exist."),
    Entry("Accounts", "/accounts", "accounts", "Who can use Lamppost, and as what."),
    Entry("Your account", "/account", None, "Your role, your team, your password."),
)


def frame_of(
    ledger: Ledger, session: Session, path: str, *, today: dt.date | None = None
) -> Frame:
    """Return what stands around a page of a session.

    Args:
        ledger: Knows the place, and how many alerts nobody has seen yet.
        session: Whose page.
        path: The page's address.
        today: The day that it is on the page; None: the real one.

    Raises:
        LedgerUnavailable: It does not answer.
    """
    around = surroundings(ledger, session.caller)
    return Frame(
        place=around.place,
        notice=" ".join(filter(None, (around.notice, _not_today(today)))) or None,
        navigation=_navigation(session.caller, path, around.unseen),
        signed_in_as=session.account.display_name,
        csrf=session.csrf,
    )


def _not_today(today: dt.date | None) -> str:
    """Say which day it is on these pages, where it is not the real one."""
    if today is None:
        return ""
    told = f"On these pages it is {dated(today)}"
    return f"{told}; what you do is dated by the real day."


def entries_of(caller: Caller) -> list[Entry]:
    """Return all pages that a caller may open from anywhere, the most used first."""
    return [e for e in _ENTRIES if e.action is None or caller.may(e.action)]


def _navigation(caller: Caller, path: str, alerts: int) -> tuple[BarItem, ...]:
    entries = [(_counted(e.text, alerts), e.address) for e in entries_of(caller)]
    if len(entries) <= _MOST_IN_BAR:
        return tuple((*entry, _place_of(path, entry[1])) for entry in entries)
    shown, rest = entries[: _MOST_IN_BAR - 1], entries[_MOST_IN_BAR - 1 :]
    is_there = any(_place_of(path, address) for _, address in rest)
    more = (*_MORE, _place_of(path, _MORE[1]) or ("section" if is_there else ""))
    return (*((*entry, _place_of(path, entry[1])) for entry in shown), more)


def _place_of(path: str, address: str) -> Here:
    """Say whether a page is one of the bar, or belongs to it.

    >>> _place_of("/cases", "/cases"), _place_of("/cases/7", "/cases")
    ('page', 'section')
    """
    if path == address:
        return "page"
    return "section" if path.startswith(f"{address}/") else ""


def _counted(text: str, alerts: int) -> str:
    return f"{text} ({alerts} new)" if text == _ALERTS and alerts else text
