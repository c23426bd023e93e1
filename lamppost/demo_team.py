"""The demonstration's team: an account a role, and some work that waits for each."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from lamppost import account_jobs
from lamppost.demo_month import first_day, work_a_month
from lamppost.opened import Open
from models.audit.audit import Audit
from models.ledger.ledger import Ledger
from models.ledger.people import busiest_worker
from models.settings import read_service_options
from serving.access.accounts import NewAccount, all_accounts
from serving.access.opaque_ids import OpaqueIds
from serving.access.roles import Caller
from serving.access.service_keys import derived, service_key
from serving.desk.chronology import Stretch, chronology
from serving.desk.desk import Desk
from serving.desk.drawing import draw
from serving.desk.opinions import opine
from serving.desk.people import Choice, my_people
from serving.desk.worklists import allocate
from serving.schemas.work import Opinion


TEAM = "east"
STEWARD_OF = "housing"
GIVEN = 5
# Name, shown name and role; who works with people is given a caseload.
PEOPLE = (
    ("cara", "Cara Caseworker", "caseworker"),
    ("mona", "Mona Manager", "manager"),
    ("max", "Max Manager", "manager"),
    ("anna", "Anna Analyst", "analyst"),
    ("stan", "Stan Steward", "steward"),
    ("bert", "Bert Board", "board"),
    ("adam", "Adam Administrator", "administrator"),
)


@dataclass(frozen=True)
class Team:
    """Who may sign in.

    Attributes:
        password: One for all of them; made anew for each demonstration.
    """

    password: str

    def as_rows(self) -> list[dict[str, str]]:
        """Return what is to be printed."""
        return [
            {"role": role, "name": name, "password": self.password}
            for name, _, role in PEOPLE
        ]


def make_team(opened: Open, today: dt.date) -> Team:
    """Make the accounts with a month's work, and give each of them something to do.

    Those of an earlier run are given the new password, and their work is left.
    """
    at = dt.datetime.now(dt.UTC)
    month = first_day(at.date())
    joined = dt.datetime.combine(month, dt.time(), dt.UTC)
    team = Team(secrets.token_urlsafe(12))
    ledger = opened.ledger()
    with ledger.reading() as connection:
        known = {account.name for account in all_accounts(connection)}
        worker = busiest_worker(connection, today)
    for name, shown, role in PEOPLE:
        if name in known:
            account_jobs.set_password(opened, name, team.password, at=at)
        else:
            new = _account(name, shown, role, worker, team)
            account_jobs.add(opened, new, at=at if known else joined)
    if not known:
        _give_work(opened, ledger, today, month)
    ledger.close()
    return team


def _account(
    name: str, shown: str, role: str, worker: str | None, team: Team
) -> NewAccount:
    return NewAccount(
        name,
        shown,
        role,
        team=TEAM if role in ("caseworker", "manager") else None,
        partner=STEWARD_OF if role == "steward" else None,
        worker=worker if role == "caseworker" else None,
        password=team.password,
    )


def _give_work(opened: Open, ledger: Ledger, today: dt.date, month: dt.date) -> None:
    """Do a month's work; then draw a worklist, give some out, call one record wrong."""
    desk, callers = _desk(opened, ledger, today), _callers(ledger)
    cara, mona = callers["cara"], callers["mona"]
    score = opened.score(None).name
    work_a_month(desk, mona, cara, score, month)
    drawn = draw(desk, mona, score)
    for number in range(1, min(GIVEN, drawn.people) + 1):
        allocate(desk, mona, drawn.worklist, number, cara.name)
    _call_wrong(desk, cara, score)


def _call_wrong(desk: Desk, cara: Caller, score: str) -> None:
    """Say of the first record that the steward's partner has that it is wrong."""
    stretch = Stretch(limit=1, partner=STEWARD_OF)
    for one in my_people(desk, cara, Choice(score=score)).people:
        if not one.score:
            continue
        for record in chronology(desk, cara, one.person, stretch).records:
            wrong = Opinion(
                score=score,
                kind="the record is wrong",
                text="She says that this never happened; please look it up.",
                record=record.record,
            )
            opine(desk, cara, one.person, wrong)
            return


def _desk(opened: Open, ledger: Ledger, today: dt.date) -> Desk:
    files = account_jobs.key_files(read_service_options(opened.settings))
    ids = OpaqueIds(derived(service_key(files.service), "opaque ids"))
    audit = Audit(ledger, opened.settings.audit_files)
    return Desk(audit, lambda: dt.datetime.now(dt.UTC), ids, today)


def _callers(ledger: Ledger) -> dict[str, Caller]:
    with ledger.reading() as connection:
        found = all_accounts(connection)
    return {account.name: account.caller for account in found}
