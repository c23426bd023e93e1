"""The pages for what went wrong: what happened, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Scope

from serving import request_ids
from serving.pages.rendering import render


# What a program asks for is answered for a program, whatever it says it accepts.
_FOR_PROGRAMS = ("/v1/", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json")


@dataclass(frozen=True)
class ErrorWords:
    """What a page says of a status.

    Attributes:
        title: What happened.
        sentence: What that means.
        next: What to do now.
    """

    title: str
    sentence: str
    next: str


# The statuses of what is not the fault of who asks.
_OURS_FROM = 500
_AGAIN = "Wait a minute, then try again."
_WORDS: Mapping[int, ErrorWords] = {
    400: ErrorWords(
        "We could not read that",
        "Something in what was sent is broken.",
        "Go back to the page before and try again.",
    ),
    401: ErrorWords(
        "You need to sign in",
        "You are not signed in, or you were signed out because you made no move.",
        "Sign in and start again.",
    ),
    403: ErrorWords(
        "You may not do that",
        "Your role does not let you do what you asked for. Nothing was changed.",
        "If you need it for your work, ask your manager.",
    ),
    404: ErrorWords(
        "There is nothing here for you",
        "The page may not exist. Or it may be one that you have no right to see. "
        "We say the same in both cases, so that nobody can find out who is known "
        "to us.",
        "Check the address, or start again from your own list. If you need to see "
        "someone for your work, ask your manager.",
    ),
    405: ErrorWords(
        "That does not work here",
        "This page was asked for in a way that it does not know.",
        "Go back to the page before and use its buttons.",
    ),
    408: ErrorWords(
        "That took too long", "Your request did not reach us whole.", _AGAIN
    ),
    409: ErrorWords(
        "That cannot be done now",
        "Things have changed since you opened the page. Nothing was saved.",
        "Open the page again and look at what is new.",
    ),
    413: ErrorWords(
        "That is too long",
        "You sent more text than we can take. Nothing was saved.",
        "Make it shorter and send it again.",
    ),
    422: ErrorWords(
        "We could not use what you sent",
        "Some of it is missing or does not fit. Nothing was saved.",
        "Go back, mend it and send it again.",
    ),
    429: ErrorWords(
        "That is too much in a short time",
        "You have asked more often than is allowed here.",
        "Wait a while, then try again. If your work cannot wait, ask your manager.",
    ),
    500: ErrorWords(
        "Something broke on our side",
        "This is not your fault. Nothing new was shown and nothing was saved.",
        "Try again. If it goes wrong once more, tell the people who run Lamppost "
        "what you did and at what time.",
    ),
    503: ErrorWords(
        "Lamppost cannot answer now",
        "We show nothing when we cannot write down that it was shown.",
        _AGAIN,
    ),
}
_OTHER = ErrorWords(
    "That did not work", "We could not do what you asked for.", "Go back and try again."
)


def wants_page(scope: Scope) -> bool:
    """Whether an answer is for a person at a browser, not for a program."""
    if scope.get("path", "").startswith(_FOR_PROGRAMS):
        return False
    return b"text/html" in dict(scope["headers"]).get(b"accept", b"")


def error_page(
    request: Request,
    status: int,
    *,
    sentence: str | None = None,
    next_step: str | None = None,
    faults: Iterable[str] = (),
) -> HTMLResponse:
    """Return the page for what went wrong.

    Args:
        request: Whose frame stands around the page.
        status: The HTTP status.
        sentence: What it means here, in place of the general words.
        next_step: What to do here, in place of the general words.
        faults: What is wrong with what was sent: where and which rule, never a value.

    Raises:
        Refusal: The files that pages load have not been made.
    """
    words = _WORDS.get(status, _OTHER)
    return render(
        request,
        "error.html",
        status=status,
        title=words.title,
        sentence=sentence or words.sentence,
        next_step=next_step or words.next,
        faults=list(faults),
        # By which the log tells more. Of a refusal it would only make two that are to
        # be the same different.
        reference=request_ids.current() if status >= _OURS_FROM else None,
    )
