"""The desk: the ledger, the clock and the keys that every question is asked with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

import sqlalchemy as sa

from models.audit.audit import Audit
from models.definitions.frozen_place import FrozenPlace
from models.ledger.frozen_places import newest_place
from models.ledger.promotions import BundleShelf
from models.ledger.tables import views
from serving.access.opaque_ids import OpaqueIds
from serving.access.rights import Moment, Right, right_to
from serving.access.roles import Caller
from serving.audit import Absent, Action, Forbidden, Look, looked
from serving.desk.identities import is_held
from serving.desk.once import Done, Once, Repeated
from serving.desk.pace import keep_pace
from serving.local_time import day_of


T = TypeVar("T")

# As long as an id, and nobody's.
_NOBODY = "nobody".ljust(32)


@dataclass(frozen=True)
class Desk:
    """What every question needs; it is made once for a service.

    Attributes:
        clock: The time in UTC.
        ids: What stands for people in addresses.
        today: The day on which cases, approvals and freshness are judged; None takes
            the clock's. Only for showing data of the past.
        shelf: The bundles that were read so far.
        once: What tells that a write is the same as one before; None where that does
            not matter.
    """

    audit: Audit
    clock: Callable[[], dt.datetime]
    ids: OpaqueIds
    today: dt.date | None = None
    shelf: BundleShelf = field(default_factory=BundleShelf)
    once: Once | None = None

    def on(self) -> dt.date:
        """Return the day on which cases, approvals and freshness are judged."""
        return self.today or day_of(self.clock())

    def place(self, connection: sa.Connection) -> FrozenPlace:
        """Return the place as the service knows it."""
        return newest_place(connection)

    def moment(self, place: FrozenPlace) -> Moment:
        """Return when rights are asked for."""
        return Moment(self.clock(), self.on(), place.care_purpose)

    def asked(
        self,
        caller: Caller,
        action: Action,
        read: Callable[[sa.Connection, Look], T],
    ) -> T:
        """Return what `read` finds or does, once it is on record, in one transaction.

        Args:
            caller: Who asks.
            action: What for; a role that may not do it is refused.
            read: Reads or writes; fills in the look as it finds out whom it is about.

        Raises:
            Unseen: It is not there, or the caller may not.
            Repeated: It was done before; with what was answered then.
            KeyUsed: Something else was done under the same key.
            LedgerUnavailable: Nothing is shown without a record of it.
        """
        look = Look(caller.name, action)

        def allowed(connection: sa.Connection) -> T:
            if not caller.may(action):
                raise Forbidden
            if self.once is None:
                return read(connection, look)
            if done := self.once.done(connection, caller, self.clock()):
                self._repeat(connection, caller, look, done)
            answer = read(connection, look)
            self.once.keep(connection, caller, look, answer, self.clock())
            return answer

        return looked(self.audit, look, allowed, at=self.clock())

    def _repeat(
        self, connection: sa.Connection, caller: Caller, look: Look, done: Done
    ) -> NoReturn:
        """Answer as before, on record as before, to who may still look.

        Raises:
            Repeated: With what was answered then.
            Absent: The right to look has ended, or the caller is not who they were.
        """
        done.look.tell(look)
        look.detail = {**(look.detail or {}), "repeated": 1}
        if not done.is_by(caller):
            raise Absent
        if done.by_right_to is not None:
            moment = self.moment(newest_place(connection))
            if right_to(connection, caller, done.by_right_to, moment) is None:
                raise Absent
        raise Repeated(done.answer)

    def person(
        self, connection: sa.Connection, caller: Caller, look: Look, person: str
    ) -> tuple[Right, FrozenPlace]:
        """Return why a caller may look at somebody, whom the look is then about.

        Args:
            connection: The transaction that looks.
            caller: Who asks.
            look: What will stand in the audit: a refusal says about whom it was.
            person: The opaque id.

        Raises:
            Absent: There is nobody of that id, or no relation to them now.
            TooMany: The caller has looked at more people than the place allows.
        """
        # Asked of an id that is none, too: it must not be told by how long it takes.
        entity_id = self.ids.open(caller, person) or _NOBODY
        place = newest_place(connection)
        right = right_to(connection, caller, entity_id, self.moment(place))
        if right or is_held(connection, entity_id):
            # Whoever is forgotten must not be written down again.
            look.entity_id = entity_id
        if right is None:
            raise Absent
        look.purpose, look.detail = right.purpose, right.detail
        keep_pace(connection, caller, entity_id, self.clock(), place.rules)
        return right, place

    def check(self) -> None:
        """Raise a `LedgerUnavailable` unless the ledger can be read."""
        with self.audit.ledger.reading() as connection:
            connection.execute(sa.select(views.c.id).limit(1)).all()
