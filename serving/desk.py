"""The desk: what may be asked of the ledger, by whom, always on record. No HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from models.audit.audit import Audit
from models.definitions.bundle import Bundle
from models.definitions.states import State
from models.ledger.cases import (
    BatchRow,
    Scored,
    ScoreRow,
    StoredRecord,
    case_of,
    newest_as_of,
    newest_batch,
    rank_among,
    ranked,
    records_of,
)
from models.ledger.promotions import BundleShelf, champion
from models.ledger.tables import views
from serving.access import Caller
from serving.answers import (
    NOTHING,
    Page,
    Subject,
    evidence_answer,
    list_answer,
    score_answer,
    subject_of,
)
from serving.audit import Absent, Forbidden, Look, NotGiven, looked
from serving.given import Given, read_values
from serving.schemas import EvidenceAnswer, ListAnswer, ScoreAnswer
from serving.scoring import Rank, score_values, state_of, stop_of, with_rank


_LONGEST_ID = 200


@dataclass(frozen=True)
class Found:
    """A row of the newest batch, as it may be shown today."""

    bundle: Bundle
    batch: BatchRow
    row: ScoreRow
    given: Scored | State


_FoundRecords = tuple[Found, Scored, list[StoredRecord]]


@dataclass(frozen=True)
class Desk:
    """Answers questions about scores out of the ledger and nothing else.

    Attributes:
        clock: The time in UTC.
        today: The day on which approvals and freshness are judged; None takes the
            clock's. Only for showing data of the past.
    """

    audit: Audit
    clock: Callable[[], dt.datetime]
    today: dt.date | None = None
    shelf: BundleShelf = field(default_factory=BundleShelf)

    def score(self, caller: Caller, name: str, entity_id: str) -> ScoreAnswer:
        """Return an entity's newest score, or the state that stands for it.

        Raises:
            Unseen: It is not there, or the caller may not look.
            LedgerUnavailable: Nothing is shown without a record of it.
        """
        look = Look(caller.name, "score")

        def read(connection: sa.Connection) -> Found:
            _allow(caller, look)
            return self._find(connection, look, name, entity_id)

        found = looked(self.audit, look, read, at=self.clock())
        subject = subject_of(found.row, found.batch)
        return score_answer(found.bundle, subject, found.given)

    def evidence(
        self, caller: Caller, name: str, entity_id: str, indicator: str
    ) -> EvidenceAnswer:
        """Return the records behind one indicator of an entity's newest score.

        Those of another person or thing need a right of their own: they are counted
        and dated, and not read.

        Raises:
            Unseen: It is not there, no score is given, or the caller may not look.
            LedgerUnavailable: Nothing is shown without a record of it.
        """
        look = Look(caller.name, "evidence")

        def read(connection: sa.Connection) -> _FoundRecords:
            _allow(caller, look)
            found = self._find(connection, look, name, entity_id)
            if indicator not in found.bundle.by_name:
                raise Absent
            if isinstance(found.given, State):
                raise NotGiven(found.given)
            evidence = found.given.case_file.evidence.get(indicator, NOTHING)
            is_own = found.bundle.by_name[indicator].relation is None
            shown = records_of(connection, evidence.records) if is_own else []
            return found, found.given, shown

        found, given, records = looked(self.audit, look, read, at=self.clock())
        described = found.bundle.by_name[indicator]
        return evidence_answer(
            found.bundle, found.row, given.case_file, described, records
        )

    def explain(
        self, caller: Caller, name: str, values: Mapping[str, Given]
    ) -> ScoreAnswer:
        """Score values that the caller supplies, by the promoted tables.

        The rank is the one it would have among those scored last by the same bundle.

        Raises:
            Misuse: The score lacks an indicator that is named, or takes another type.
            Unseen: There is no such score, or the caller may not ask.
            LedgerUnavailable: Nothing is shown without a record of it.
        """
        look = Look(caller.name, "explain")

        def read(connection: sa.Connection) -> tuple[Bundle, Scored | State]:
            _allow(caller, look)
            promoted = champion(connection, name) if _is_plain(name) else None
            if promoted is None:
                raise Absent
            bundle = self.shelf.take(connection, promoted)
            look.score, look.purpose = name, bundle.purpose
            given = score_values(bundle, read_values(bundle, values))
            return bundle, _ranked(connection, bundle, given)

        bundle, given = looked(self.audit, look, read, at=self.clock())
        stop = state_of(bundle, given, on=self._today(), stale=frozenset())
        return score_answer(bundle, Subject(None, self._today(), {}), stop or given)

    def entities(self, caller: Caller, name: str, page: Page) -> ListAnswer:
        """Return who was scored on one as-of date, highest first, then the states.

        Raises:
            Unseen: There is no such score, none is given, or the caller may not list.
            LedgerUnavailable: Nothing is shown without a record of it.
        """
        look = Look(caller.name, "list")

        def read(connection: sa.Connection) -> ListAnswer:
            _allow(caller, look)
            bundle, batch = self._newest(connection, look, name)
            if stop := stop_of(bundle, self._today(), self._stale(bundle, batch)):
                raise NotGiven(stop)
            as_of = page.as_of or batch.as_of
            shown = {"limit": page.limit, "offset": page.offset}
            look.detail = {"batch": batch.id, "as_of": as_of.isoformat(), **shown}
            found = ranked(connection, batch, as_of, **shown)
            return list_answer(bundle, as_of, page, *found)

        return looked(self.audit, look, read, at=self.clock())

    def check(self) -> None:
        """Raise a `LedgerUnavailable` unless the ledger can be read."""
        with self.audit.ledger.reading() as connection:
            connection.execute(sa.select(views.c.id).limit(1)).all()

    def _today(self) -> dt.date:
        return self.today or self.clock().date()

    def _newest(
        self, connection: sa.Connection, look: Look, name: str
    ) -> tuple[Bundle, BatchRow]:
        batch = newest_batch(connection, name) if _is_plain(name) else None
        if batch is None:
            raise Absent
        bundle = self.shelf.take(connection, batch.bundle)
        look.score, look.purpose = name, bundle.purpose
        return bundle, batch

    def _find(
        self, connection: sa.Connection, look: Look, name: str, entity_id: str
    ) -> Found:
        bundle, batch = self._newest(connection, look, name)
        row = case_of(connection, batch, entity_id) if _is_plain(entity_id) else None
        if row is None:
            raise Absent
        look.entity_id = entity_id
        stale = self._stale(bundle, batch)
        stop = state_of(bundle, row.given, on=self._today(), stale=stale)
        return Found(bundle, batch, row, stop or row.given)

    def _stale(self, bundle: Bundle, batch: BatchRow) -> frozenset[str]:
        return bundle.stale_sources(batch.received, self._today())


def _allow(caller: Caller, look: Look) -> None:
    if not caller.may(look.action):
        raise Forbidden


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


def _is_plain(text: str) -> bool:
    """Nothing that is stored has a longer name, or one that cannot be printed."""
    return len(text) <= _LONGEST_ID and text.isprintable()
