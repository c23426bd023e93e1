"""Roles: who calls, and what a role may ever do; whom it may see is for `rights`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from serving.audit import Action


Role = Literal["caseworker", "manager", "analyst", "steward", "board", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)

_ABOUT_A_PERSON: frozenset[Action] = frozenset(
    {
        *(
            "people",
            "find",
            "link",
            "person",
            "score",
            "evidence",
            "chronology",
            "history",
        ),
        *("contact", "break glass", "decide", "opine"),
    }
)
_LEADING: frozenset[Action] = frozenset(
    {"worklists", "draw", "allocate", "keep case", "alerts", "report", "register"}
)

# A role that is not named may do nothing; an action that is not named nobody may do.
_MAY: dict[Role, frozenset[Action]] = {
    "caseworker": _ABOUT_A_PERSON | {"explain", "models", "practise"},
    "manager": _ABOUT_A_PERSON
    | _LEADING
    | {"explain", "models", "practise", "figures"},
    "analyst": frozenset({"explain", "models", "practise", "figures"}),
    "steward": frozenset({"queue", "answer", "register", "practise"}),
    "board": frozenset({"models", "figures"}),
    "administrator": frozenset({"accounts", "alerts"}),
}


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        account: The account's number.
        name: What stands in the audit.
        team: Whom they work with; a manager's team is whom they supervise.
        partner: Whose records a steward looks after.
        worker: The number under which the caseload's source knows them.
    """

    account: int
    name: str
    role: Role
    team: str | None = None
    partner: str | None = None
    worker: str | None = None

    def may(self, action: Action) -> bool:
        """Say whether the role allows it."""
        return action in _MAY.get(self.role, frozenset())
