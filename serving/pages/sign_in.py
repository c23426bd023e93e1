"""Pages for signing in and out, and for one's own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from features.faults import Misuse
from serving.access.entrance import Entrance
from serving.access.sessions import csrf_token, new_token
from serving.access.signing_in import (
    Attempt,
    change_password,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from serving.gate import local_path
from serving.pages.at_entrance import (
    LONGEST_FIELD,
    AtEntrance,
    In,
    let_in,
    let_out,
    set_cookie,
)
from serving.pages.rendering import render


Field = Annotated[str, Form(max_length=LONGEST_FIELD)]

_WRONG = "The name or the password is wrong, or the account is locked"

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/sign-in")
def ask(request: Request, entrance: AtEntrance, next: str = "/") -> Response:
    """Ask who it is."""
    return _asked(request, entrance, to=local_path(next))


@router.post("/sign-in")
def enter(
    request: Request,
    entrance: AtEntrance,
    name: Field = "",
    password: Field = "",
    next: Field = "/",
) -> Response:
    """Let in whoever knows an account's password."""
    if not entrance.takes_passwords:
        return _asked(request, entrance, to=local_path(next), status=403)
    replaces = request.cookies.get(entrance.session_cookie)
    attempt = Attempt(name, password, replaces)
    token = sign_in(entrance.audit, attempt, entrance.clock())
    if token is None:
        return _asked(request, entrance, to=local_path(next), status=422)
    return let_in(entrance, token, local_path(next))


@router.post("/sign-out")
def leave(request: Request, entrance: AtEntrance, session: In) -> Response:
    """End the session."""
    token = request.cookies[entrance.session_cookie]
    sign_out(entrance.audit, session, token, entrance.clock())
    return let_out(entrance)


@router.get("/account")
def account(request: Request, entrance: AtEntrance, session: In) -> Response:
    """Show who one is here, and what one's role and team are."""
    return _account(request, entrance, session)


@router.post("/account/password")
def password(
    request: Request,
    entrance: AtEntrance,
    session: In,
    old: Field = "",
    new: Field = "",
    again: Field = "",
) -> Response:
    """Take another password; all other sessions end."""
    if new != again:
        errors = [("The two new passwords are not the same", "again")]
        return _account(request, entrance, session, errors)
    try:
        token = change_password(
            entrance.audit, session.account, old, new, entrance.clock()
        )
    except Misuse as misuse:
        errors = [(f"{f.what}; {f.next}".capitalize(), "new") for f in misuse.faults]
        return _account(request, entrance, session, errors)
    if token is None:
        errors = [("The old password is wrong, or the account is locked", "old")]
        return _account(request, entrance, session, errors)
    return let_in(entrance, token, "/account?changed=yes")


@router.post("/account/sign-out-everywhere")
def leave_everywhere(entrance: AtEntrance, session: In) -> Response:
    """End all sessions of one's account, in every browser."""
    sign_out_everywhere(entrance.audit, session.account, entrance.clock())
    return let_out(entrance)


def _asked(
    request: Request, entrance: Entrance, *, to: str, status: int = 200
) -> Response:
    """Return the page, with a browser's token before it has a session."""
    token = request.cookies.get(entrance.form_cookie) or new_token()
    page = render(
        request,
        "sign_in.html",
        status=status,
        title="Sign in",
        form_token=csrf_token(entrance.key, token),
        to=to,
        takes_passwords=entrance.takes_passwords,
        has_provider=entrance.provider is not None,
        errors=[(_WRONG, "name")] if status == 422 else [],
    )
    set_cookie(page, entrance, entrance.form_cookie, token, age=None)
    return page


def _account(
    request: Request,
    entrance: Entrance,
    session: In,
    errors: list[tuple[str, str]] | None = None,
) -> Response:
    return render(
        request,
        "account.html",
        status=422 if errors else 200,
        title="Your account",
        account=session.account,
        has_password=session.account.password and entrance.takes_passwords,
        changed=request.query_params.get("changed") == "yes",
        errors=errors or [],
    )
