"""Pages for signing in at an OpenID provider: there, and back."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from serving.access.begun_sign_in import BEGUN_SECONDS, Begun, NotBelieved
from serving.access.entrance import Entrance
from serving.access.open_id import OpenIdProvider, ProviderUnavailable
from serving.access.signing_in import refuse_sign_in, sign_in_subject
from serving.errors import fault
from serving.gate import local_path
from serving.pages.at_entrance import AtEntrance, go_to, let_in, set_cookie


log = logging.getLogger(__name__)

_AWAY = {
    "sentence": "The place where you sign in does not answer. "
    "Whoever is signed in already can go on.",
    "next_step": "Wait a minute, then try again.",
}
_NOT_BELIEVED = {
    "sentence": "We could not check that it was you who signed in. "
    "You may have taken too long, or used the back button.",
    "next_step": "Go to the start page and sign in again.",
}
_NO_ACCOUNT = {
    "sentence": "You have signed in, but you have no account here.",
    "next_step": "Ask the person who looks after accounts where you work to add you.",
}

router = APIRouter(
    prefix="/oidc", include_in_schema=False, default_response_class=HTMLResponse
)


@router.get("/start")
def start(request: Request, entrance: AtEntrance, next: str = "/") -> Response:
    """Send the browser to where one signs in."""
    provider = _provider(entrance)
    now = entrance.clock()
    try:
        address, begun = provider.begin(local_path(next), now)
    except ProviderUnavailable as error:
        return _away(request, error)
    answer = go_to(address)
    sealed = begun.sealed(entrance.key, now)
    _keep(answer, entrance, sealed)
    return answer


@router.get("/callback")
def come_back(request: Request, entrance: AtEntrance) -> Response:
    """Let in whoever the provider says it is, if they have an account."""
    provider = _provider(entrance)
    now = entrance.clock()
    try:
        sealed = request.cookies.get(entrance.cookie("oidc"), "")
        begun = Begun.opened(sealed, entrance.key, now)
        subject = provider.subject(begun, dict(request.query_params), now)
    except ProviderUnavailable as error:
        return _away(request, error)
    except NotBelieved as error:
        log.warning("an answer of the provider's was not believed: %s", _kind(error))
        refuse_sign_in(entrance.audit, now)
        answer = fault(request, 403, **_NOT_BELIEVED)
    else:
        answer = _enter(request, entrance, subject, begun.to)
    # What was begun is over: the same answer is not taken twice.
    _keep(answer, entrance, "")
    return answer


def _enter(request: Request, entrance: Entrance, subject: str, to: str) -> Response:
    replaces = request.cookies.get(entrance.session_cookie)
    token = sign_in_subject(
        entrance.audit,
        _provider(entrance).issuer,
        subject,
        entrance.clock(),
        replaces=replaces,
    )
    if token is None:
        return fault(request, 403, **_NO_ACCOUNT)
    return let_in(entrance, token, to)


def _provider(entrance: Entrance) -> OpenIdProvider:
    if entrance.provider is None:
        raise HTTPException(404)
    return entrance.provider


def _keep(answer: Response, entrance: Entrance, sealed: str) -> None:
    name = entrance.cookie("oidc")
    set_cookie(answer, entrance, name, sealed, age=BEGUN_SECONDS)


def _away(request: Request, error: ProviderUnavailable) -> Response:
    log.error("the OpenID provider cannot be asked: %s", error)
    return fault(request, 503, **_AWAY)


def _kind(error: NotBelieved) -> str:
    """What was wrong, without what was sent."""
    return type(error.__cause__).__name__ if error.__cause__ else "it does not fit"
