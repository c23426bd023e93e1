"""Frames: what stands around the pages of whoever is signed in."""

from __future__ import annotations

from serving.access.roles import Caller
from serving.access.sessions import Session
from serving.audit import Action
from serving.pages.rendering import Frame


# Text, address, and what a role must be allowed to do to be shown it.
_NAVIGATION: tuple[tuple[str, str, Action | None], ...] = (
    ("Accounts", "/accounts", "accounts"),
    ("Your account", "/account", None),
)


def frame_of(session: Session, path: str) -> Frame:
    """Return what stands around a page of a session."""
    return Frame(
        navigation=_navigation(session.caller, path),
        signed_in_as=session.account.display_name,
        csrf=session.csrf,
    )


def _navigation(caller: Caller, path: str) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (text, href, href == path)
        for text, href, action in _NAVIGATION
        if action is None or caller.may(action)
    )
