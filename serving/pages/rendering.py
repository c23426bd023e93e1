"""From a template to an answer: what stands on every page, and what it may load."""

from __future__ import annotations

import functools
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
)
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.pages.assets_served import assets


TEMPLATES = Path(__file__).parents[1] / "templates"
THEME_COLOUR = "#1d2530"

# Whether a page is one that the bar leads to, or belongs to it.
Here = Literal["page", "section", ""]
BarItem = tuple[str, str, Here]

_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


@dataclass(frozen=True)
class Frame:
    """What stands around a page: whoever lets a caller in puts it in the state.

    `request.state.frame = Frame(...)`; without one, a page is a stranger's.

    Attributes:
        place: The place's title; empty where none may be named.
        notice: What is said above every page, such as that all people are made up.
        navigation: Text, address, and whether it is the page itself or its section.
        signed_in_as: The caller's name.
        csrf: The session's token against forged forms.
    """

    place: str = ""
    notice: str | None = None
    navigation: tuple[BarItem, ...] = ()
    signed_in_as: str | None = None
    csrf: str | None = None


@functools.cache
def environment() -> Environment:
    """Return the templates: ours, and the design system's under its package's name.

    Undefined names are empty: the design system's macros rely on it.
    """
    made = Environment(
        autoescape=True,
        loader=ChoiceLoader(
            [
                FileSystemLoader(TEMPLATES),
                PrefixLoader(
                    {"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}
                ),
            ]
        ),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["asset"] = assets().path
    made.globals["themeColor"] = THEME_COLOUR
    made.globals["new_once"] = lambda: secrets.token_urlsafe(16)
    return made


def render(
    request: Request, name: str, /, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """Return a page.

    Args:
        request: Whose frame stands around the page, if its state holds one.
        name: The template's file.
        status: The HTTP status.
        context: What the template needs: at least `title`. A member of `Frame` given
            here stands before the request's own.

    Raises:
        Refusal: The files that pages load have not been made.
    """
    nonce = secrets.token_urlsafe(16)
    frame = request.scope.get("state", {}).get("frame") or Frame()
    text = (
        environment()
        .get_template(name)
        .render({**vars(frame), **context, "cspNonce": nonce})
    )
    policy = _CONTENT_SECURITY_POLICY.format(nonce=nonce)
    return HTMLResponse(text, status, {"content-security-policy": policy})
