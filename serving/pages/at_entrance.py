"""What pages about accounts share: the entrance, the session, and cookies."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from serving.access.entrance import Entrance
from serving.access.sessions import Session


# Longer than anything that may be typed, so that it is said in words what is too long.
LONGEST_FIELD = 1_000


async def _entrance(request: Request) -> Entrance:
    entrance: Entrance = request.app.state.entrance
    return entrance


async def _session(request: Request) -> Session:
    """Whom the gate let in; a route that it did not guard fails here."""
    session: Session = request.state.session
    return session


AtEntrance = Annotated[Entrance, Depends(_entrance)]
In = Annotated[Session, Depends(_session)]


def go_to(address: str) -> Response:
    """Return the answer to a form that was taken: to look at another page."""
    return RedirectResponse(address, 303)


def set_cookie(
    answer: Response, entrance: Entrance, name: str, value: str, *, age: int | None
) -> None:
    """Set a cookie that no script and no other site can read.

    Args:
        answer: Takes it along.
        entrance: Says whether it goes by https only.
        name: The cookie's whole name.
        value: Its value; an empty one removes it.
        age: Seconds; None lets it go when the browser is closed.
    """
    answer.set_cookie(
        name,
        value,
        max_age=age if value else 0,
        path="/",
        secure=entrance.is_secure,
        httponly=True,
        samesite="lax",
    )


def let_in(entrance: Entrance, token: str, to: str) -> Response:
    """Return the answer that begins a session."""
    answer = go_to(to)
    set_cookie(answer, entrance, entrance.session_cookie, token, age=None)
    set_cookie(answer, entrance, entrance.form_cookie, "", age=None)
    return answer


def let_out(entrance: Entrance) -> Response:
    """Return the answer that ends a session."""
    answer = go_to("/sign-in")
    set_cookie(answer, entrance, entrance.session_cookie, "", age=None)
    return answer
