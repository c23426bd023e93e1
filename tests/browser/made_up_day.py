"""The made-up service on a working day: real passwords, a clock, all that can wait.

Beside the people of `made_up_people`: one score that rests on a stale source and one
whose approval is over, two people of one name and birth date, a record that Ann said
is wrong, a link that is uncertain, twelve months of work, and Eve, who has nobody.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page

from models.audit.audit import Audit
from models.audit.rows import Entry
from models.definitions.bundle import FrozenApproval
from models.definitions.frozen_place import FrozenPlace, ShownColumn
from models.ledger.access_tables import accounts
from models.ledger.batches import Batch, CaseRows, Identity, write_batch
from models.ledger.frozen_places import keep_place
from models.ledger.ledger import Ledger, connect_ledger
from models.ledger.link_queue import LinkQuestion, ask
from models.ledger.people_tables import cases
from models.ledger.promotions import promote
from models.ledger.work_tables import decisions, opinions
from serving.access.opaque_ids import OpaqueIds
from serving.access.passwords import hash_password
from serving.access.service_keys import KeyFiles, derived, service_key
from serving.app import ServiceSettings, create_app
from serving.desk.contacts import break_glass
from serving.desk.desk import Desk
from serving.desk.kept_cases import keep_case
from serving.desk.packs import make_pack
from serving.desk.register import answer, enter
from serving.schemas.leading import KeepCaseBody
from serving.schemas.rights import NewRequest, RequestReply
from serving.scoring import score_cohort
from tests.browser.judged import WIDE, listen
from tests.browser.walking import push
from tests.made_up_score import (
    AS_OF,
    NOW,
    PEOPLE,
    TODAY,
    audit_files,
    bundle,
    clock,
    cohort,
    url_of,
)
from tests.serving.made_up_people import (
    BEFORE,
    caller,
    people_desk,
    people_ledger,
    place,
)


PASSWORD = "made up for one day of tests"
REASON = "Called from the ward, must know about falls now"
MINUTE = dt.timedelta(minutes=1)
EVE = {
    **{"id": 8, "name": "eve", "display_name": "Eve Example", "role": "caseworker"},
    **{"team": "East", "worker": "W8", "created_at": NOW},
}

_LONG_AGO = dt.date(2026, 1, 5)
_STALE = bundle(score="falls", question="Will they fall within 12 months?")
_PAUSED = bundle(
    score="moves",
    question="Will they move within 12 months?",
    approvals=[
        FrozenApproval(role="Board", approved_on=_LONG_AGO, expires=BEFORE),
    ],
)
_SIDES = {
    "forename": (["Ann"], ["Rose", "Rosie"]),
    "birth_date": (["1944-03-02"], ["1944-03-02"]),
    "postcode": (["AV1 1AA"], []),
}


def day_app(folder: Path) -> FastAPI:
    """Return the application over a folder's ledger, by the folder's clock."""
    told = folder / "clock.txt"
    settings = ServiceSettings(
        url_of(folder),
        audit_files(folder),
        today=TODAY,
        busy_timeout_ms=200,
        insecure_cookies=True,
    )
    return create_app(
        settings, clock=lambda: dt.datetime.fromisoformat(told.read_text())
    )


def day_place(**rules: Any) -> FrozenPlace:
    """Return the made-up place, which says which column a record's one line is."""
    plain = place(**rules)
    sources = [
        source.model_copy(update={"columns": [_first(source.columns[0]), *rest]})
        if (rest := source.columns[1:])
        else source
        for source in plain.sources
    ]
    return plain.model_copy(update={"sources": sources})


def _first(column: ShownColumn) -> ShownColumn:
    return column.model_copy(update={"is_first": True})


@dataclasses.dataclass
class Day:
    """A folder whose ledger is served at an address, and who is signed in there.

    Attributes:
        now: What the service's clock says; `wait` moves it.
    """

    folder: Path
    ledger: Ledger
    address: str = ""
    now: dt.datetime = NOW
    inside: dict[str, BrowserContext] = dataclasses.field(default_factory=dict)

    @classmethod
    def in_folder(cls, folder: Path) -> Day:
        """Return a day that nobody serves yet."""
        day = cls(folder, day_ledger(folder))
        day.keep_rules()
        return day

    def wait(self, for_: dt.timedelta) -> None:
        """Let time go by for the service."""
        self.now += for_
        (self.folder / "clock.txt").write_text(self.now.isoformat())

    def page(self, browser: Browser, name: str) -> Page:
        """Return a new page of somebody's browser, signed in the first time."""
        is_in = name in self.inside
        if not is_in:
            self.inside[name] = self.browser_of(browser)
        page = self.page_in(self.inside[name])
        if not is_in:
            sign_in(page, name)
        return page

    def browser_of(self, browser: Browser) -> BrowserContext:
        """Return a browser that has never been anywhere."""
        size: Any = {"width": WIDE, "height": 800}
        return browser.new_context(base_url=self.address, viewport=size)

    def page_in(self, context: BrowserContext) -> Page:
        """Return a new page that is listened to."""
        page = context.new_page()
        listen(page)
        return page

    def shut(self) -> None:
        """Close all browsers; whoever comes back signs in anew."""
        for context in self.inside.values():
            context.close()
        self.inside.clear()

    def person(self, entity_id: str, name: str = "ann") -> str:
        """Return the address of somebody for an account."""
        keys = KeyFiles.in_folder(audit_files(self.folder).key_file.parent)
        ids = OpaqueIds(derived(service_key(keys.service), "opaque ids"))
        return f"/people/{ids.seal(caller(name), entity_id)}"

    def keep_rules(self, **rules: Any) -> None:
        """Let the place have other rules from now on."""
        self.wait(MINUTE)
        with self.ledger.writing() as connection:
            keep_place(connection, day_place(**rules), at=self.now)

    def end_case(self, entity_id: str) -> None:
        """Let the case system say that a case was closed."""
        whose = cases.c.entity_id == entity_id
        with self.ledger.writing() as connection:
            connection.execute(sa.update(cases).where(whose).values(closed_on=TODAY))


def sign_in(page: Page, name: str, password: str = PASSWORD, to: str = "/") -> None:
    """Sign in as a person does."""
    page.goto(f"/sign-in?next={to}" if to != "/" else "/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    push(page, "Sign in")


def day_ledger(folder: Path) -> Ledger:
    """Write a day's ledger, and return it."""
    with closing(people_ledger(folder, bundle(capacity=3))) as ledger:
        _write_stopped_scores(ledger)
        rest = ("bridge", 1.0, True, _SIDES)
        ask(ledger, [LinkQuestion("a" * 16, "person", "health", *rest)], at=NOW)
        with ledger.writing() as connection:
            connection.execute(sa.insert(accounts).values(EVE))
            kept = sa.update(accounts).values(password=hash_password(PASSWORD))
            connection.execute(kept)
        _write_year(folder, ledger)
        _write_today(people_desk(folder, ledger))
    return connect_ledger(url_of(folder))


def _write_stopped_scores(ledger: Ledger) -> None:
    for promoted, received in (
        (_STALE, {"visits": _LONG_AGO, "homes": _LONG_AGO}),
        (_PAUSED, {"visits": AS_OF, "homes": AS_OF}),
    ):
        promote(ledger, promoted, by="Analyst", at=NOW)
        rows = score_cohort(promoted, cohort({"p05": PEOPLE["p05"]}), on=TODAY)
        twins = [
            Identity(
                f"t0{number}",
                "person",
                {"forename": name, "surname": "Twin", "birth_date": "1950-01-01"},
            )
            for number, name in enumerate(("Una", "Uma"))
        ]
        batch = Batch(promoted.score, promoted.sha256, AS_OF, promoted.score, received)
        write_batch(ledger, batch, CaseRows(rows, [], twins), clock=clock)


def _write_year(folder: Path, ledger: Ledger) -> None:
    months = [TODAY.replace(day=3) - dt.timedelta(days=30 * n) for n in range(1, 4)]
    some = [dt.datetime.combine(day, dt.time(9), dt.UTC) for day in months]
    about = {"account": 1, "score": "care"}
    done = [
        {**about, "at": at, "entity_id": f"x{n}", "relation": "own case", "kind": kind}
        for at in some
        for n, kind in enumerate(["visited"] * 12 + ["offered"] * 3 + ["no action"] * 9)
    ]
    wrong = {"kind": "the record is wrong", "partner": "health", "at": some[0]}
    said = {**wrong, "record_id": 2, "load": 1, "text": "That was her sister."}
    looks = [
        Entry(at, "ann", "score", "care", f"x{n}", "prevention", "shown", None)
        for at in some[::-1]
        for n in range(20)
    ]
    with ledger.writing() as connection:
        connection.execute(sa.insert(decisions), done)
        connection.execute(sa.insert(opinions).values(**about, **said, entity_id="p05"))
        Audit(ledger, audit_files(folder)).append(connection, *looks)


def _write_today(desk: Desk) -> None:
    """Ann looked at Max without a relation; Mia keeps a case for her.

    Ada asks for a copy, of which there is a draft; Bo objected, and was answered.
    """
    ann, mia = caller("ann"), caller("mia")
    break_glass(desk, ann, desk.ids.seal(ann, "p01"), REASON, "safety")
    una = desk.ids.seal(mia, "t00")
    keep_case(desk, mia, KeepCaseBody(person=una, account="ann", reference="CASE-9"))
    plain: dict[str, Any] = {"received_on": BEFORE, "owner": "Head of care"}
    ada, bo = (desk.ids.seal(mia, one) for one in ("p05", "p04"))
    enter(desk, mia, NewRequest(kind="access", person=ada, **plain))
    enter(desk, mia, NewRequest(kind="objection", person=bo, **plain))
    make_pack(desk, mia, 1)
    reply = RequestReply(outcome="refused", answer="The law asks us to look.")
    answer(desk, mia, 2, reply)
