"""The table of pages: each that the application has, in each state that matters.

A page that is added needs its row here: without one, `test_every_page.py` fails.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.made_up_day import REASON
from tests.browser.page_steps import (
    Steps,
    chosen,
    filled,
    one_too_many,
    press,
    sought,
    then,
    tried,
    under_rules,
    without_writing,
)


# What no browser shows as a page of ours; tests/serving has tests of each.
NO_PAGES = {
    *("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"),
    *("/static/{version}/{name}", "/oidc/start", "/oidc/callback"),
    "/people/{person}/score/{score}/explanation.pdf",
}
NOBODY = "nobody"
WRONG = "not the password at all"


@dataclass(frozen=True)
class Row:
    """A page in a state.

    Attributes:
        route: The route that answers it.
        state: What is there to be seen; with the route it names the row.
        who: The account that opens it; `nobody` is not signed in.
        path: What stands after the address; `{p05}` is that person's own.
        says: What is seen there, so that the state is the one that is meant.
        steps: What is done there first.
        status: What the first answer is.
    """

    route: str
    state: str
    who: str
    path: str
    says: str
    steps: Steps | None = None
    status: int = 200


SCORE = "/people/{person}/score/{score}"
CHRONOLOGY = "/people/{person}/chronology"
WRONG_RECORD = "/people/{person}/wrong-record"
PACK = "/packs/{pack}"
EVIDENCE = f"{SCORE}/evidence/{{indicator}}"
DI = sought("Oakes", "30 5 1941")
UMA = sought("Twin", "1 1 1950", "Uma")
STATES = {
    "s01": "Link uncertain",
    "s02": "Objected",
    "s03": "Restricted",
    "s04": "Not in the cohort",
    "s05": "Died",
    "s06": "Moved away",
    "u02": "Not enough data",
}


def _of_state(who: str, says: str, score: str = "care") -> Row:
    return Row(SCORE, says.lower(), "ann", f"{{{who}}}/score/{score}", says)


OPEN_ROWS = [
    Row("/accessibility", "open", NOBODY, "/accessibility", "Accessibility"),
    Row("/privacy", "open", NOBODY, "/privacy", "Privacy"),
    Row("/cookies", "open", NOBODY, "/cookies", "Cookies"),
    Row("/sign-in", "at first", NOBODY, "/sign-in", "After five wrong tries"),
    Row(
        *(
            "/sign-in",
            "wrong until locked",
            NOBODY,
            "/sign-in",
            "or the account is locked",
        ),
        tried("ben", *[WRONG] * 6),
    ),
    Row("/", "leads to the sign-in", NOBODY, "/", "After five wrong tries"),
    Row("/", "a caseworker's", "ann", "/", "My people"),
    Row("/more", "a manager's", "mia", "/more", "stand in no other system"),
    Row("/account", "own", "ann", "/account", "Sign out everywhere"),
    Row(
        *("/account", "wrong", "ann", "/account", "are not the same"),
        filled({"Old password": WRONG, "New password": "a b c"}, "Change password"),
    ),
]
PEOPLE_ROWS = [
    Row("/people", "many", "ann", "/people", "1 newly given to you"),
    Row("/people", "by name", "ann", "/people?order=name", "Ada Quill"),
    Row("/people", "one band", "ann", "/people?band=died", "Jo Vane"),
    Row("/people", "none like that", "ann", "/people?band=paused", "is like that"),
    Row("/people", "all paused", "ann", "/people?score=moves", "No score: paused"),
    Row("/people", "nobody", "eve", "/people", "You have nobody on your list"),
    Row("/people", "a team's", "mia", "/people", "Ann Example"),
    Row(
        "/people", "view first", "ann", "/people", "first", under_rules(view_first=True)
    ),
    Row("/people/{person}", "leads on", "ann", "{p05}", "What the partners know"),
    Row(CHRONOLOGY, "with scores", "ann", "{p05}/chronology", "Ada Quill"),
    Row(CHRONOLOGY, "no score", "ann", "{n01}/chronology", "No score is made"),
    Row(CHRONOLOGY, "no record", "ann", "{s02}/chronology", "There is no record"),
    Row(CHRONOLOGY, "one kind", "ann", "{p05}/chronology?source=homes", "1 record"),
    Row(CHRONOLOGY, "opened", "ann", "{p05}/chronology", "minutes", press("More of")),
    Row(SCORE, "given", "ann", "{p05}/score/care", "Highest fifth"),
    Row(SCORE, "knows little", "ann", "{p04}/score/care", "All others"),
    Row(
        *(SCORE, "unfolded", "ann", "{p05}/score/care", "Nobody can tell which"),
        press("Of 100 people like this", "Copy as a case note"),
    ),
    Row(
        *(SCORE, "something done", "ann", "{p05}/score/care", "Done so far"),
        press("Already known"),
    ),
    Row(
        *(SCORE, "not said what", "ann", "{p05}/score/care", "Say what you offered"),
        press("Offered"),
    ),
    Row(
        *(SCORE, "view first", "ann", "{p02}/score/care", "Where would you put"),
        under_rules(view_first=True),
    ),
    Row(
        *(SCORE, "view kept", "ann", "{p02}/score/care", "Your view is kept."),
        then(under_rules(view_first=True), chosen("All others", "Keep my view")),
    ),
    *(_of_state(who, says) for who, says in STATES.items()),
    _of_state("p05", "Stale source", "falls"),
    _of_state("p05", "Paused", "moves"),
    Row(EVIDENCE, "own", "ann", "{p05}/score/care/evidence/visits_365d", "The records"),
    Row(
        *(EVIDENCE, "others", "ann", "{p05}/score/care/evidence/visits_at_address"),
        "You have no right to look at",
    ),
    Row(
        *(f"{SCORE}/opinion", "empty", "ann", "{p05}/score/care/opinion"),
        "Nobody has to approve it",
    ),
    Row(
        *(f"{SCORE}/opinion", "a record", "ann"),
        *("{p05}/score/care/opinion?record=1-1", "Surgery visits"),
    ),
    Row(
        *(f"{SCORE}/opinion", "wrong", "ann", "{p05}/score/care/opinion"),
        *("Choose what you think", press("Keep it")),
    ),
    Row(
        *(WRONG_RECORD, "asked", "ann", "{n01}/wrong-record?record=401-1"),
        "What is wrong with it",
    ),
    Row(
        *(WRONG_RECORD, "no words", "ann", "{n01}/wrong-record?record=401-1"),
        *("There is a problem", press("Send it")),
    ),
    Row(WRONG_RECORD, "none", "ann", "{n01}/wrong-record?record=1", "There is no"),
    Row(
        *("/people/{person}/looks", "some", "mia", "{p05}/looks", "Everyone has a"),
        lambda page, _: page.reload(),
    ),
]
LEADING_ROWS = [
    Row("/find", "a caseworker's", "ann", "/find", "A search shows nothing"),
    Row("/find", "nothing given", "ann", "/find", "Give the", press("Find by name")),
    Row("/find", "none", "ann", "/find", "Nobody fits", sought("No", "1 1 1950")),
    Row("/find", "many", "ann", "/find", "More than", sought("Twin", "1 1 1950")),
    Row("/find", "one", "ann", "/find", "Why do you need to look?", DI),
    Row("/find", "a manager's", "mia", "/find", "Someone in my team", UMA),
    Row(
        *("/find", "no reference", "ann", "/find", "There is a problem"),
        then(DI, press("Look because of this contact")),
    ),
    Row(
        *("/find", "no reason", "ann", "/find", "There is a problem"),
        then(DI, press("Look, and tell my manager")),
    ),
    Row("/alerts", "one is new", "mia", "/alerts", REASON),
    Row("/alerts", "seen", "mia", "/alerts", REASON, press("I have seen this")),
    Row("/alerts", "none", "oli", "/alerts", "There is nothing"),
    Row("/worklists", "some", "mia", "/worklists", "It cannot be drawn now"),
    Row(
        *("/worklists", "wrong", "mia", "/worklists", "There is a problem"),
        filled({"How many people": "many"}, "Draw a worklist"),
    ),
    Row("/worklists/{worklist}", "one", "mia", "/worklists/1", "Band when drawn"),
    Row(
        *("/worklists/{worklist}", "view first", "mia", "/worklists/1", "in no order"),
        under_rules(view_first=True),
    ),
    Row("/cases", "one", "mia", "/cases", "CASE-9"),
    Row(*("/cases", "none", "mia", "/cases", "There is none."), press("End the case")),
    Row("/queue", "two wait", "sam", "/queue", "2 questions"),
    Row("/queue/{item}", "a record", "sam", "/queue", "What is said", press("Is reco")),
    Row("/queue/{item}", "a link", "sam", "/queue", "Side by side", press("or two?")),
    Row(
        *("/queue/{item}", "wrong", "sam", "/queue", "There is a problem"),
        press("Is record", "It is right as it is"),
    ),
    Row("/practice", "all", "nat", "/practice", "who do not exist"),
    Row("/practice/{number}", "one", "ann", "/practice/1", "Where would you put"),
    Row(
        *("/practice/{number}", "not chosen", "ann", "/practice/1"),
        *("Choose what you think", press("Show the score")),
    ),
    Row(
        *("/practice/{number}/score", "shown", "ann"),
        *("/practice/2/score?view=I cannot tell", "What there is to learn"),
    ),
    Row("/figures", "a board's", "bea", "/figures", "How Lamppost is used"),
    Row("/models", "a board's", "bea", "/models", "Will they fall"),
    Row("/models", "unfolded", "nat", "/models", "to the byte", press("What the mod")),
    Row("/accounts", "all", "oli", "/accounts", "Ann Example"),
    Row("/accounts/{number}", "another's", "oli", "/accounts/8", "It holds at once"),
    Row("/accounts/{number}", "own", "oli", "/accounts/7", "your own account"),
    Row(
        *("/accounts/{number}", "wrong", "oli", "/accounts/8", "There is a problem"),
        filled({"Name to show": ""}, "Keep the change"),
    ),
    Row("/accounts", "wrong", "oli", "/accounts", "problem", press("Add account")),
]
RIGHTS_ROWS = [
    Row("/rights", "some wait", "mia", "/rights", "the most urgent first"),
    Row("/rights", "one is answered", "mia", "/rights?answered=yes", "Bo Marsh"),
    Row("/rights", "a steward's", "sam", "/rights", "Someone you may not see"),
    Row("/rights/new", "empty", "sam", "/rights/new", "The day it came"),
    Row(
        *("/rights/new", "wrong", "mia", "/rights/new", "There is a problem"),
        press("Write it down"),
    ),
    Row("/people/{person}/rights", "first", "mia", "{n01}/rights", "A copy of what"),
    Row("/people/{person}/rights", "again", "mia", "{p05}/rights", "asked for before"),
    Row("/rights/{number}", "with a draft", "mia", "/rights/1", "A draft."),
    Row("/rights/{number}", "answered", "mia", "/rights/2", "What they were told"),
    Row(
        *("/rights/{number}", "wrong", "mia", "/rights/1", "There is a problem"),
        press("Keep the answer"),
    ),
    Row(PACK, "a draft", "mia", "/packs/1", "do not give it out"),
    Row(PACK, "all", "mia", "/packs/1?show=all", "All items"),
    Row(
        *(PACK, "wrong", "mia", "/packs/1", "Say why, in a few words"),
        press("at once", "Keep"),
    ),
    Row(f"{PACK}/print", "a draft", "mia", "/packs/1/print", "What is held about"),
]
ERROR_ROWS = [
    Row("/people", "forbidden", "bea", "/people", "You may not do that", status=403),
    Row("/alerts", "absent", "mia", "/nothing", "nothing here for you", status=404),
    Row(CHRONOLOGY, "absent", "ann", "{p03}/chronology", "nothing here", status=404),
    Row("/people", "unreadable", "ann", "/people?page=x", "mark in", status=422),
    Row("/rights", "mistyped", "mia", "/rights/abc", "nothing here", status=404),
    Row(CHRONOLOGY, "too many", "mia", "/people", "too much in a", one_too_many),
    Row(
        *(SCORE, "no record of it", "ann", "{p05}/score/care", "cannot answer now"),
        without_writing,
    ),
]
ROWS = [*OPEN_ROWS, *PEOPLE_ROWS, *LEADING_ROWS, *RIGHTS_ROWS, *ERROR_ROWS]
