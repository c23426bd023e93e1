"""History: how a person's score moved from date to date, and what changed it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import sqlalchemy as sa

from models.definitions.bundle import Bundle
from models.definitions.states import State
from models.ledger.cases import CaseFile, Scored, case_of, finished_batches
from models.shown.wording import described, spoken_value
from serving.access.roles import Caller
from serving.answers.scores import rank_sentence, state_answer
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.desk.found import Found, as_seen, as_shown, is_plain
from serving.desk.own_view import OwnViewFirst, waiting_scores
from serving.desk.shown_records import Sight, sight_of
from serving.schemas.people import HistoryAnswer, StepAnswer


MOST_STEPS = 12
MOST_CHANGES = 3
_NOT_SHOWN = "something that is not shown to you moved it"


def history(desk: Desk, caller: Caller, person: str, name: str) -> HistoryAnswer:
    """Return how a person's score moved.

    Raises:
        Unseen: It is not there, or the caller may not look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> list[StepAnswer]:
        right, place = desk.person(connection, caller, look, person)
        if not is_plain(name):
            raise Absent
        sight = sight_of(connection, right, place, desk.on())
        if waiting_scores(desk, connection, caller, sight, {name}):
            raise OwnViewFirst
        found = steps(desk, connection, name, sight)
        if not found:
            raise Absent
        look.score = name
        return found

    found = desk.asked(caller, "history", read)
    return HistoryAnswer(person=person, name=name, steps=found)


def steps(
    desk: Desk, connection: sa.Connection, name: str, sight: Sight
) -> list[StepAnswer]:
    """Return the steps of a score, newest first; of each date, what was said last."""
    rows = list(_rows(desk, connection, name, sight))
    older = [*(before for _, before in pairwise(rows)), None]
    return [_step(now, then) for now, then in zip(rows, older, strict=False)]


def _rows(
    desk: Desk, connection: sa.Connection, name: str, sight: Sight
) -> Iterator[Found]:
    seen = set()
    for number, batch in enumerate(finished_batches(connection, name, MOST_STEPS)):
        row = case_of(connection, batch, sight.right.entity_id)
        if row is None or row.as_of in seen:
            continue
        seen.add(row.as_of)
        if number == 0:
            yield as_shown(desk, connection, batch, row, sight)
        else:
            bundle = desk.shelf.take(connection, batch.bundle)
            # What was given then; its sources have grown old since.
            yield as_seen(Found(bundle, batch, row, row.given), sight)


def _step(now: Found, then: Found | None) -> StepAnswer:
    given, band, rank = now.given, None, None
    if isinstance(given, Scored):
        labels = {band.name: band.label for band in now.bundle.bands}
        band, among = labels.get(given.band or ""), given.case_file.ranked_among
        if among is not None and given.rank_share is not None:
            rank = rank_sentence(given.rank_share, among)
    return StepAnswer(
        as_of=now.row.as_of,
        state=state_answer(given) if isinstance(given, State) else None,
        band=band,
        rank=rank,
        model=now.bundle.version,
        changed=list(_changes(now, then)) if then else [],
    )


def _changes(now: Found, then: Found) -> Iterator[str]:
    if now.bundle.sha256 != then.bundle.sha256:
        versions = f"{then.bundle.version} to {now.bundle.version}"
        yield f"the model changed, from version {versions}"
    if isinstance(now.given, Scored) and isinstance(then.given, Scored):
        new, old = now.given.case_file, then.given.case_file
        moved = _moved(new, old)
        told = [name for name in moved if not (now.hides(name) or then.hides(name))]
        for name in told[:MOST_CHANGES]:
            yield _words(now.bundle, name, new, old)
        if len(told) < len(moved):
            yield _NOT_SHOWN


def _moved(new: CaseFile, old: CaseFile) -> list[str]:
    """Return what moved the score, the largest first."""
    by = {
        name: abs(part - old.contributions.get(name, 0.0))
        for name, part in new.contributions.items()
    }
    return sorted((n for n, size in by.items() if size > 0), key=lambda n: (-by[n], n))


def _words(bundle: Bundle, name: str, new: CaseFile, old: CaseFile) -> str:
    """Return, for example: falls in the last 12 months: 0, now 2 (moved it up)."""
    told = []
    for indicator in described(bundle, name):
        was = spoken_value(indicator, old.values.get(indicator.name))
        now = spoken_value(indicator, new.values.get(indicator.name))
        told.append(f"{indicator.label}: {was}, now {now}")
    rose = new.contributions[name] > old.contributions.get(name, 0.0)
    return f"{'; '.join(told)} (moved it {'up' if rose else 'down'})"
