"""The API's routes of finding and leading: rights, worklists, cases, alerts, looks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from serving.api.asking import (
    PROBLEMS,
    STATED,
    STRICT,
    AtDesk,
    By,
    Limit,
    Offset,
    Person,
)
from serving.api.idempotency import AtDeskOnce
from serving.api.paging import link_pages
from serving.desk import alerts as of_alerts
from serving.desk import contacts, finding, kept_cases, links, looks, worklists
from serving.schemas.leading import (
    AlertsAnswer,
    BreakGlassBody,
    CaseDoneAnswer,
    ContactBody,
    FindAnswer,
    FindQuery,
    KeepCaseBody,
    KeptCasesAnswer,
    LinkAnswer,
    LinkBody,
    LooksAnswer,
    RightAnswer,
    SeenAnswer,
)
from serving.schemas.worklists import (
    AllocationAnswer,
    AllocationBody,
    DrawBody,
    DrawnAnswer,
    WorklistPeopleAnswer,
    WorklistsAnswer,
)


leading = APIRouter(
    prefix="/v1", responses=PROBLEMS, dependencies=STRICT, tags=["leading"]
)

Number = Annotated[
    int, Path(ge=1, le=2**31 - 1, description="Its number, as a list gave it.")
]


@leading.post("/find")
def find(desk: AtDesk, caller: By, query: FindQuery) -> FindAnswer:
    """Ask whether exactly one person is meant; it counts as a look at them."""
    return finding.find(desk, caller, query)


@leading.post("/contacts")
def contact(desk: AtDeskOnce, caller: By, body: ContactBody) -> RightAnswer:
    """Say that somebody is in contact today: a right until the day ends."""
    return contacts.contact(desk, caller, body.person, body.reference)


@leading.post("/break-glass")
def break_glass(desk: AtDeskOnce, caller: By, body: BreakGlassBody) -> RightAnswer:
    """Look without a relation, for a reason: a right for a day; whoever leads is told.

    Say for what purpose.
    """
    given = (body.person, body.reason, body.purpose)
    return contacts.break_glass(desk, caller, *given)


@leading.get("/worklists")
def all_worklists(desk: AtDesk, caller: By) -> WorklistsAnswer:
    """List your team's worklists, and the scores that one can be drawn of."""
    return worklists.worklists_of_team(desk, caller)


@leading.post("/worklists", responses=STATED)
def draw(desk: AtDeskOnce, caller: By, body: DrawBody) -> DrawnAnswer:
    """Draw a worklist: a score's top, as one act."""
    return worklists.draw(desk, caller, body.score, body.size)


@leading.get("/worklists/{worklist}")
def worklist(desk: AtDesk, caller: By, worklist: Number) -> WorklistPeopleAnswer:
    """Return a live worklist of your team with everybody on it."""
    return worklists.worklist(desk, caller, worklist)


@leading.post("/worklists/{worklist}/allocations")
def allocate(
    desk: AtDeskOnce, caller: By, worklist: Number, body: AllocationBody
) -> AllocationAnswer:
    """Give one person on a worklist to a caseworker of your team, or take them back."""
    if body.account is None:
        return worklists.take_back(desk, caller, worklist, body.number)
    return worklists.allocate(desk, caller, worklist, body.number, body.account)


@leading.get("/cases")
def cases(desk: AtDesk, caller: By) -> KeptCasesAnswer:
    """List the open cases that are kept for your team."""
    return kept_cases.kept_cases(desk, caller)


@leading.post("/cases")
def keep_case(desk: AtDeskOnce, caller: By, body: KeepCaseBody) -> CaseDoneAnswer:
    """Open a case for a caseworker of your team, who may look until it is ended."""
    return kept_cases.keep_case(desk, caller, body)


@leading.post("/cases/{case}/end")
def end_case(desk: AtDeskOnce, caller: By, case: Number) -> CaseDoneAnswer:
    """End a case that is kept for your team."""
    return kept_cases.end_case(desk, caller, case)


@leading.get("/alerts")
def alerts(desk: AtDesk, caller: By) -> AlertsAnswer:
    """List what you must be told of, newest first."""
    return of_alerts.alerts_of(desk, caller)


@leading.post("/alerts/{alert}/seen")
def see_alert(desk: AtDeskOnce, caller: By, alert: Number) -> SeenAnswer:
    """Say that you have seen an alert."""
    return of_alerts.see_alert(desk, caller, alert)


@leading.get("/people/{person}/looks")
def looks_at(
    desk: AtDesk,
    caller: By,
    person: Person,
    request: Request,
    response: Response,
    limit: Limit = 50,
    offset: Offset = 0,
) -> LooksAnswer:
    """Return who looked at a person, when and why, newest first."""
    found = looks.looks(desk, caller, person, looks.Page(limit, offset))
    link_pages(request, response, found)
    return found


@leading.post("/links")
def link(desk: AtDesk, caller: By, body: LinkBody) -> LinkAnswer:
    """Return an address for a person of a case; it gives no right to open it."""
    return links.link(desk, caller, body.account, body.reference)
