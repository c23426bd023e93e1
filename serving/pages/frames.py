"""Frames: what stands around the pages of whoever is signed in."""

from __future__ import annotations

from models.ledger.ledger import Ledger
from serving.access.roles import Caller
from serving.access.sessions import Session
from serving.audit import Action
from serving.desk.surroundings import surroundings
from serving.pages.rendering import Frame


_ALERTS = "Alerts"

# Text, address, and what a role must be allowed to do to be shown it.
_NAVIGATION: tuple[tuple[str, str, Action | None], ...] = (
    ("My people", "/people", "people"),
    ("Find someone", "/find", "find"),
    ("Worklists", "/worklists", "worklists"),
    ("Cases we keep", "/cases", "keep case"),
    (_ALERTS, "/alerts", "alerts"),
    ("What waits for you", "/queue", "queue"),
    ("What people asked for", "/rights", "register"),
    ("Figures", "/figures", "figures"),
    ("What is scored", "/models", "models"),
    ("Practise", "/practice", "practise"),
    ("Accounts", "/accounts", "accounts"),
    ("Your account", "/account", None),
)


def frame_of(ledger: Ledger, session: Session, path: str) -> Frame:
    """Return what stands around a page of a session.

    Args:
        ledger: Knows the place, and how many alerts nobody has seen yet.
        session: Whose page.
        path: The page's address.

    Raises:
        LedgerUnavailable: It does not answer.
    """
    around = surroundings(ledger, session.caller)
    return Frame(
        place=around.place,
        notice=around.notice,
        navigation=_navigation(session.caller, path, around.unseen),
        signed_in_as=session.account.display_name,
        csrf=session.csrf,
    )


def _navigation(
    caller: Caller, path: str, alerts: int
) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (_counted(text, alerts), href, href == path)
        for text, href, action in _NAVIGATION
        if action is None or caller.may(action)
    )


def _counted(text: str, alerts: int) -> str:
    return f"{text} ({alerts} new)" if text == _ALERTS and alerts else text
