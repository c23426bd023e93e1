"""The table of the matrix: what each route asks of a role, and of a relation.

A route that is added needs its line here: without one, `test_matrix.py` fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from serving.access.roles import Role
from serving.audit import Action


# Of whom a route tells: nobody in particular; somebody to whom a relation must hold;
# somebody who was found, to whom none does yet; or what has a number or an item's id,
# which is one's own, another team's or partner's, or nobody's.
Whose = Literal["nobody", "related", "found", "numbered"]


@dataclass(frozen=True)
class Rule:
    """What a route asks.

    Attributes:
        action: What a role must be allowed; None lets in whoever is signed in.
        ok: The status of an answer that is given.
        body: What is sent; `{person}` in it is the opaque id. A form where the route is
            a page's, else JSON.
        is_on_record: Whether a refusal leaves a row in the audit.
        but: By role, where that is answered otherwise.
        of_others: The status for another team's or partner's number.
    """

    action: Action | None
    whose: Whose = "nobody"
    ok: int = 200
    body: Mapping[str, Any] = field(default_factory=dict)
    is_on_record: bool = True
    but: Mapping[Role, int] = field(default_factory=dict)
    of_others: int = 404


def about(action: Action, ok: int = 200, **body: Any) -> Rule:
    """Return the rule of a route about a person to whom a relation must hold."""
    return Rule(action, "related", ok, body)


def found(action: Action, ok: int = 200, **body: Any) -> Rule:
    """Return the rule of a route about somebody who was found."""
    return Rule(action, "found", ok, {"person": "{person}"} | body)


def by_role(action: Action | None, ok: int = 200, **body: Any) -> Rule:
    """Return the rule of a route about nobody in particular."""
    return Rule(action, "nobody", ok, body)


def numbered(action: Action, ok: int = 200, **body: Any) -> Rule:
    """Return the rule of a route about what has a number, or an item's id."""
    return Rule(action, "numbered", ok, body)


def in_register(ok: int = 200, **body: Any) -> Rule:
    """Return the rule of a route about a request: others' are counted there too."""
    return Rule("register", "numbered", ok, body, of_others=200)


def of_pack(ok: int = 200, **body: Any) -> Rule:
    """Return the rule of a route about a pack: a steward may look at nobody."""
    return Rule("register", "numbered", ok, body, but={"steward": 404})


def to_pack(ok: int = 200) -> Rule:
    """Return the rule of making a pack: a steward's requests are about nobody."""
    return Rule("register", "numbered", ok, but={"steward": 422})


# Whoever is not signed in may ask for these; `test_app.py` and others test them.
OPEN = frozenset(
    {
        *("GET /healthz", "GET /readyz", "GET /accessibility", "GET /privacy"),
        *("GET /cookies", "GET /static/{version}/{name}"),
        *("GET /sign-in", "POST /sign-in", "GET /oidc/start", "GET /oidc/callback"),
    }
)

# These tell of the service alone, and are there only where the settings say so.
OF_THE_SERVICE = frozenset({"GET /openapi.json", "GET /docs", "GET /metrics"})

_REASON = "Called from the ward, must know about falls now"
_DI = {"birth_date": "1941-05-30", "surname": "Oakes"}
_DI_AS_FORM = {
    **{"way": "name", "surname": "Oakes", "birth_day": "30", "birth_month": "5"},
    "birth_year": "1941",
}
_CASE = {"account": "ann", "reference": "CASE-9"}
_VISITED = {"score": "care", "kind": "visited", "what": None}
_AGREES = {"score": "care", "kind": "agree", "text": None, "record": None}
_ACCOUNT = {"name": "new.one", "display_name": "New One", "role": "board"}
_CHANGE = {"display_name": "Ben", "role": "steward", "partner": "health"}
_VERDICT = {"verdict": "cannot tell", "text": "Nobody here can tell any more."}
_OWNER = "Head of care"
_ASKED = {"kind": "complaint", "received_on": "2026-10-20", "owner": _OWNER}
_ASKED_AS_FORM = {
    **{"kind": "complaint", "received_day": "20", "received_month": "10"},
    **{"received_year": "2026", "owner": _OWNER},
}
_REPLY = {"outcome": "granted", "answer": "We wrote to them."}
_REPLY_AS_FORM = {"outcome": "granted", "text": "We wrote to them."}
_CHOICE = {"flag": "health", "item": 1, "choice": "withhold", "because": "It harms."}
_CHOICE_AS_FORM = {**_CHOICE, "item": "1"}

RULES: Mapping[str, Rule] = {
    # The API
    "GET /v1/people": by_role("people"),
    "GET /v1/people/{person}": about("person"),
    "GET /v1/people/{person}/chronology": about("chronology"),
    "GET /v1/people/{person}/scores/{score}": about("score"),
    "GET /v1/people/{person}/scores/{score}/history": about("history"),
    "GET /v1/people/{person}/scores/{score}/evidence/{indicator}": about("evidence"),
    "GET /v1/people/{person}/looks": about("report"),
    "GET /v1/people/{person}/decisions": about("person"),
    "POST /v1/people/{person}/decisions": about("decide", **_VISITED),
    "GET /v1/people/{person}/opinions": about("person"),
    "POST /v1/people/{person}/opinions": about("opine", **_AGREES),
    "POST /v1/scores/{score}/explain": by_role("explain", values={}),
    "GET /v1/scores": by_role("models"),
    "GET /v1/figures": by_role("figures"),
    "POST /v1/find": by_role("find", **_DI),
    "POST /v1/contacts": found("contact", reference="CALL-9"),
    "POST /v1/break-glass": found("break glass", reason=_REASON, purpose="safety"),
    "POST /v1/links": by_role("link", account="{account}", reference="C-1000"),
    "GET /v1/worklists": by_role("worklists"),
    "POST /v1/worklists": by_role("draw", score="care", size=1),
    "GET /v1/worklists/{worklist}": numbered("worklists"),
    "POST /v1/worklists/{worklist}/allocations": numbered(
        "allocate", number=1, account="ann"
    ),
    "GET /v1/cases": by_role("keep case"),
    "POST /v1/cases": found("keep case", **_CASE),
    "POST /v1/cases/{case}/end": numbered("keep case"),
    "GET /v1/alerts": by_role("alerts"),
    "POST /v1/alerts/{alert}/seen": numbered("alerts"),
    "GET /v1/queue": by_role("queue"),
    "GET /v1/queue/{item}": numbered("queue"),
    "POST /v1/queue/{item}/answer": numbered("answer", **_VERDICT),
    "GET /v1/rights": by_role("register"),
    "POST /v1/rights": by_role("register", **_ASKED),
    "GET /v1/rights/{number}": in_register(),
    "POST /v1/rights/{number}/answer": numbered("register", **_REPLY),
    "POST /v1/rights/{number}/pack": to_pack(),
    "GET /v1/packs/{pack}": of_pack(),
    "POST /v1/packs/{pack}/flags": of_pack(**_CHOICE),
    "POST /v1/packs/{pack}/release": of_pack(),
    # Pages
    "GET /": by_role(None, 303),
    "GET /more": by_role(None),
    "GET /account": by_role(None),
    "POST /account/password": by_role(None, 422, old="", new="", again=""),
    "POST /account/sign-out-everywhere": by_role(None, 303),
    "POST /sign-out": by_role(None, 303),
    "GET /accounts": by_role("accounts"),
    "POST /accounts": by_role("accounts", 303, **_ACCOUNT),
    "GET /accounts/{number}": by_role("accounts"),
    "POST /accounts/{number}": by_role("accounts", 303, **_CHANGE),
    "POST /accounts/{number}/disable": by_role("accounts", 303),
    "POST /accounts/{number}/enable": by_role("accounts", 303),
    "GET /people": by_role("people"),
    # It only leads on, and tells nothing.
    "GET /people/{person}": by_role(None, 303),
    "GET /people/{person}/wrong-record": about("chronology"),
    # None of their records is named: it is looked for, and not there.
    "POST /people/{person}/wrong-record": about("opine", 404, record="9-9", text="x"),
    "GET /people/{person}/chronology": about("chronology"),
    "GET /people/{person}/looks": about("report"),
    "GET /people/{person}/score/{score}": about("score"),
    "GET /people/{person}/score/{score}/evidence/{indicator}": about("evidence"),
    "GET /people/{person}/score/{score}/explanation.pdf": about("score"),
    "POST /people/{person}/score/{score}/decisions": about(
        "decide", 303, kind="visited"
    ),
    "GET /people/{person}/score/{score}/opinion": about("score"),
    "POST /people/{person}/score/{score}/opinion": about("opine", 303, kind="agree"),
    # Nothing of it is about anybody.
    "GET /find": Rule("find", is_on_record=False),
    "POST /find": by_role("find", 200, **_DI_AS_FORM),
    "POST /contacts": found("contact", 303, reference="CALL-9"),
    "POST /break-glass": found("break glass", 303, reason=_REASON, purpose="safety"),
    "GET /worklists": by_role("worklists"),
    "POST /worklists": by_role("draw", 303, score="care", size="1", once="a-key-of-it"),
    "GET /worklists/{worklist}": numbered("worklists"),
    "POST /worklists/{worklist}/allocations": numbered(
        "allocate", 303, number="1", account="ann"
    ),
    "GET /cases": by_role("keep case"),
    "POST /cases": found("keep case", 303, **_CASE),
    "POST /cases/{case}/end": numbered("keep case", 303),
    "GET /alerts": by_role("alerts"),
    "POST /alerts/{alert}/seen": numbered("alerts", 303),
    "GET /queue": by_role("queue"),
    "GET /queue/{item}": numbered("queue"),
    "POST /queue/{item}": numbered("answer", 303, **_VERDICT),
    "GET /rights": by_role("register"),
    "GET /rights/new": by_role("register"),
    "POST /rights/new": by_role("register", 303, **_ASKED_AS_FORM),
    "GET /people/{person}/rights": about("register"),
    "GET /rights/{number}": in_register(),
    "POST /rights/{number}": numbered("register", 303, **_REPLY_AS_FORM),
    "POST /rights/{number}/pack": to_pack(303),
    "GET /packs/{pack}": of_pack(),
    "GET /packs/{pack}/print": of_pack(),
    "POST /packs/{pack}/flags": of_pack(303, **_CHOICE_AS_FORM),
    "POST /packs/{pack}/release": of_pack(303),
    "GET /practice": by_role("practise"),
    "GET /practice/{number}": by_role("practise"),
    # Without a view of one's own it asks for one.
    "GET /practice/{number}/score": by_role("practise", 422),
    "GET /figures": by_role("figures"),
    "GET /models": by_role("models"),
}
