"""The demonstration: a simulated town, from its partners' files to a served score."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from features.extracts.deliveries import Delivery
from features.faults import Fault, Refusal
from lamppost import account_jobs, jobs
from lamppost.answers import Answer
from lamppost.console import note, show, step
from lamppost.demo_team import make_team
from lamppost.opened import Open, open_place
from lamppost.people_jobs import people
from lamppost.second import Start, second_process
from lamppost.settings import read_settings
from models.judging.gates import Necessity


if TYPE_CHECKING:
    from features.town import Extract

# The day after the town's last delivery: its "today".
TODAY = dt.date(2026, 4, 1)
# Scored too, so that a page can say how a score moved.
QUARTER_BEFORE = dt.date(2026, 1, 1)
TOKEN_DAYS = 1

# A smaller town has too few outcomes to pass any gate.
LEAST_JUDGED = 5_000
NECESSITY = Necessity(
    reason="Kept in this demonstration alone, to show a refusal and a decision on "
    "record. It adds nothing: a board should drop it.",
    role="Joint board (simulated)",
    decided_on=dt.date(2026, 4, 1),
)


@dataclass(frozen=True)
class Demo:
    """What the demonstration is run with.

    Attributes:
        people: How many people of 65 and over.
        seed: The same seed makes the same town.
        store: The folder of data; None means one of its own for each town.
        port: The service's.
        serve: Leave the service up at the end.
    """

    people: int
    seed: int
    store: Path | None
    port: int
    serve: bool

    @property
    def folder(self) -> Path:
        """Where this town's data are."""
        return self.store or Path("var") / f"demo-{self.people}-{self.seed}"


def run_demo(demo: Demo, *, as_json: bool) -> None:
    """Run every verb on the town of Avonmere."""
    opened = open_place(read_settings(shipped_place("avonmere"), demo.folder))
    if demo.people < LEAST_JUDGED:
        note(f"Of fewer than {LEAST_JUDGED:,} people too little is known: no gates.")
        opened = without_gates(opened)
    found = _walk(opened, demo)
    found["withheld"] = withheld_answer(opened)
    found["team"] = make_team(opened, TODAY).as_rows()
    show(found | {"service": _how_to_try(opened, demo.port)}, as_json=as_json)
    if demo.serve:
        from lamppost.service import serve_ledger

        serve_ledger(opened, "127.0.0.1", demo.port, TODAY)


def _walk(opened: Open, demo: Demo) -> Answer:
    """From the partners' files to a monitored batch of scores, an answer a verb."""
    with second_process(opened) as start:
        return _gather(opened, demo) | _answer(opened, start)


def _gather(opened: Open, demo: Demo) -> Answer:
    """From the partners' files to a snapshot."""
    found: Answer = {}
    with step("writing the town's files"):
        extracts = _write_town(demo)
    with step(f"checking and loading {len(extracts)} extracts"):
        found["load"] = [_load(opened, extract) for extract in extracts]
    with step("linking records to people"):
        found["link"] = jobs.link(opened, lambda _: None)
    with step("building the snapshot"):
        found["build"] = jobs.build(opened, None, on=TODAY)
    return found


def _answer(opened: Open, start: Start) -> Answer:
    """From the snapshot to a monitored batch of scores; each core does its part."""
    found: Answer = {}
    with step("fitting and judging, and writing down who is known"):
        trained = start(jobs.train, opened, None, on=TODAY)
        found["people"] = people(opened, on=TODAY)
        found["train"] = trained.result()
    with step("promoting and scoring"):
        found["promote"] = _promote(opened, start, found["train"]["version"])
        scored = start(_score, opened, TODAY)
        _score(opened, QUARTER_BEFORE)
        found["score"] = scored.result()
    with step("monitoring"):
        found["monitor"] = start(jobs.monitor, opened, None, on=TODAY).result()
    return found


def _score(opened: Open, date: dt.date) -> Answer:
    dates = jobs.scoring_dates(opened.score(None), date)
    return jobs.score_cohort(opened, None, dates, on=TODAY)


def _promote(opened: Open, start: Start, version: int) -> Answer:
    """Be refused because of the police notices, and promote once that is decided."""
    named = (None, version, "analyst", dt.datetime.now(dt.UTC))
    try:
        return start(jobs.promote, opened, *named).result()
    except Refusal as refusal:
        decided = with_decision(opened)
        return {
            "refused at first": [str(fault) for fault in refusal.faults],
            "then decided": NECESSITY.reason,
            **start(jobs.promote, decided, *named).result(),
        }


def with_decision(opened: Open) -> Open:
    """Return the place as if its board had named the police notices as necessary."""
    score = opened.score(None)
    necessary = {**score.necessary, "police_notices": NECESSITY}
    decided = score.model_copy(update={"necessary": necessary})
    return replace(opened, scores={score.name: decided})


def without_gates(opened: Open) -> Open:
    """Return the place without its score's gates, which a small town cannot pass."""
    score = opened.score(None).model_copy(update={"gates": None})
    return replace(opened, scores={score.name: score})


def withheld_answer(opened: Open) -> Answer:
    """Return somebody whose score is withheld because of a link, and why."""
    from models.definitions.states import State
    from models.ledger.cases import first_withheld_for_link
    from serving.answers.doubt import why_withheld
    from serving.answers.scores import state_answer
    from serving.batch import promoted_bundle

    score, ledger = opened.score(None).name, opened.ledger()
    row = first_withheld_for_link(ledger, score)
    bundle = promoted_bundle(ledger, score)
    ledger.close()
    if row is None or not isinstance(row.given, State):
        return {"nobody": "no score of this town hangs on an uncertain link"}
    because = why_withheld(bundle, row.given, row.withheld)
    answer = state_answer(row.given, because)
    return {"entity": row.entity_id, **answer.model_dump(exclude_none=True)}


def _load(opened: Open, extract: Extract) -> Answer:
    delivery = Delivery(extract.received, extract.history, extract.period)
    return jobs.load(opened, extract.source, extract.path, delivery)


def shipped_place(name: str) -> Path:
    """Return the folder of a place that comes with Lamppost.

    Raises:
        Refusal: It is not beside the program.
    """
    beside = Path(__file__).resolve().parent
    for folder in (beside.parent / "places" / name, beside / "places" / name):
        if (folder / "place.toml").is_file():
            return folder
    got, do = "no such folder", "install Lamppost again"
    raise Refusal([Fault(f"places/{name}", "the place comes with Lamppost", got, do)])


def _write_town(demo: Demo) -> tuple[Extract, ...]:
    from features.town import write_town

    folder = demo.folder.with_name(f"{demo.folder.name}-town")
    return write_town(folder, people=demo.people, seed=demo.seed).extracts


def _how_to_try(opened: Open, port: int) -> dict[str, str]:
    """Where to sign in; and a token and a line to paste, for the same as JSON."""
    at = dt.datetime.now(dt.UTC)
    issued = account_jobs.token(opened, "cara", "demonstration", TOKEN_DAYS, at=at)
    address = f"http://127.0.0.1:{port}"
    head = f'curl -s -H "Authorization: Bearer {issued["token"]}"'
    return {
        "sign in at": f"{address}/sign-in",
        "as": "any name above; cara, the caseworker, first",
        "the same as JSON": f"{head} {address}/v1/people",
    }
