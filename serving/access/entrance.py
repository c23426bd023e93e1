"""The entrance: the keys, cookies and rules by which callers get in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.audit.audit import Audit
from serving.access.machine_tokens import TokenRules
from serving.access.sessions import csrf_token
from serving.local_time import day_of


if TYPE_CHECKING:
    from serving.access.open_id import OpenIdProvider


@dataclass(frozen=True)
class Entrance:
    """What every way in needs; it is made once for a service.

    Attributes:
        clock: The time in UTC.
        key: The secret that forms' tokens and sealed cookies are made with.
        rules: Whom tokens for machines must be for, and signed by.
        is_secure: The service is reached by https only.
        public_address: How browsers reach it; None takes what they say.
        provider: The OpenID provider; None if there is none.
        takes_passwords: Local passwords let people in.
        today: The day that cases and scores go by; None: the clock's.
    """

    audit: Audit
    clock: Callable[[], dt.datetime]
    key: bytes
    rules: TokenRules
    is_secure: bool = True
    public_address: str | None = None
    provider: OpenIdProvider | None = None
    takes_passwords: bool = True
    today: dt.date | None = None

    @property
    def other_day(self) -> dt.date | None:
        """The day that it is on pages, where that is not the real one."""
        return None if self.today == day_of(self.clock()) else self.today

    @property
    def session_cookie(self) -> str:
        """The name of the cookie of a session."""
        return self.cookie("session")

    @property
    def form_cookie(self) -> str:
        """The name of the cookie of a browser that has not signed in yet."""
        return self.cookie("form")

    def cookie(self, name: str) -> str:
        """Return the name of a cookie, which no other site can set if it is secure."""
        return f"__Host-lamppost_{name}" if self.is_secure else f"lamppost_{name}"

    def form_token(self, cookies: Mapping[str, str]) -> str | None:
        """Return what a form must bring back from a browser that is not signed in."""
        token = cookies.get(self.form_cookie)
        return csrf_token(self.key, token) if token else None
