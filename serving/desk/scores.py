"""Scores: a person's newest ones, the records behind them, and values of one's own."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from models.definitions.bundle import Bundle
from models.definitions.states import State
from models.ledger.cases import (
    Scored,
    newest_as_of,
    newest_batch,
    rank_among,
)
from models.ledger.promotions import champion
from serving.access.roles import Caller
from serving.answers.scores import Subject, score_answer, subject_of
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.desk.found import Found, find, is_plain
from serving.desk.own_view import need_own_view
from serving.desk.shown_records import sight_of
from serving.given import Given, read_values
from serving.schemas.scores import ScoreAnswer
from serving.scoring import Rank, score_values, state_of, with_rank


def score(desk: Desk, caller: Caller, person: str, name: str) -> ScoreAnswer:
    """Return a person's newest score, or the state that stands for it.

    Raises:
        Unseen: It is not there, or the caller may not look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> Found:
        right, place = desk.person(connection, caller, look, person)
        sight = sight_of(connection, right, place, desk.on())
        found = find(desk, connection, look, name, right.entity_id, sight)
        need_own_view(connection, caller, place, found)
        return found

    return told(person, desk.asked(caller, "score", read))


def told(person: str, found: Found) -> ScoreAnswer:
    """Return what was found as it is shown."""
    subject = subject_of(person, found.row, found.batch, found.hidden_sources)
    return score_answer(found.bundle, subject, found.given)


def explain(
    desk: Desk, caller: Caller, name: str, values: Mapping[str, Given]
) -> ScoreAnswer:
    """Score values that the caller supplies, by the promoted tables.

    The rank is the one it would have among those scored last by the same bundle.

    Raises:
        Misuse: The score lacks an indicator that is named, or takes another type.
        Unseen: There is no such score, or the caller may not ask.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> tuple[Bundle, Scored | State]:
        promoted = champion(connection, name) if is_plain(name) else None
        if promoted is None:
            raise Absent
        bundle = desk.shelf.take(connection, promoted)
        look.score, look.purpose = name, bundle.purpose
        given = score_values(bundle, read_values(bundle, values))
        return bundle, _ranked(connection, bundle, given)

    bundle, given = desk.asked(caller, "explain", read)
    stop = state_of(bundle, given, on=desk.on(), stale=frozenset())
    return score_answer(bundle, Subject(None, desk.on(), {}), stop or given)


def _ranked(
    connection: sa.Connection, bundle: Bundle, given: Scored | State
) -> Scored | State:
    """Rank a score among those scored last, if the same bundle scored them."""
    batch = newest_batch(connection, bundle.score)
    if isinstance(given, State) or batch is None or batch.bundle != bundle.sha256:
        return given
    as_of = newest_as_of(connection, batch)
    rank = as_of and rank_among(connection, batch, as_of, given.log_odds)
    return with_rank(bundle, given, Rank(*rank)) if rank else given
