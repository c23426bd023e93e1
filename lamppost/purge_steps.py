"""The steps of a purge: written down, done in the warehouse, done in the ledger.

The tombstone is the journal. The ledger's own copy of it is written last, with what is
removed there, so a purge that was cut short is one that the ledger does not know of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.faults import Fault, Refusal, refuse_if_any
from features.forgetting.tombstones import (
    Seals,
    Tombstone,
    folder_in,
    read_tombstones,
    write_tombstones,
)
from lamppost.audit_jobs import account
from lamppost.ledger_jobs import is_there
from lamppost.settings import Settings, pseudonym_key
from models.ledger.faults import LedgerUnavailable


if TYPE_CHECKING:
    from features.forgetting.selection import Held, Selection
    from lamppost.opened import Open
    from models.ledger.ledger import Ledger

Answer = dict[str, Any]

_REPLAY = "run: lamppost purge replay"


class Purge:
    """The stores that a purge goes through, held open.

    Attributes:
        seals: Made with the place's key of pseudonyms.
    """

    def __init__(self, opened: Open) -> None:
        from models.audit.audit import Audit

        self._opened = opened
        self._ledger: Ledger = opened.ledger()
        self._audit = Audit(self._ledger, opened.settings.audit_files)
        self.seals = Seals(pseudonym_key(opened.settings))
        self._inside, self._outside = _folders(opened.settings)

    def __enter__(self) -> Purge:
        """Begin, if what is written down can then be done.

        Raises:
            Refusal: The ledger or its audit would refuse half-way through.
        """
        try:
            self._refuse_what_would_end_halfway()
        except (Refusal, LedgerUnavailable):
            self._ledger.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Give the ledger back."""
        self._ledger.close()

    def _refuse_what_would_end_halfway(self) -> None:
        from models.ledger.append_only import barred_from_changing

        with self._ledger.reading() as connection:
            role = barred_from_changing(connection)
        refuse_if_any([_barred(self._ledger.address, role)] if role else [])
        self._audit.open()

    def held(self) -> Held:
        """Return the warehouse as it is now."""
        from features.forgetting.selection import Held

        warehouse = self._opened.warehouse
        return Held(warehouse, warehouse.manifest())

    def of_person(self, entity_id: str) -> Selection | None:
        """Return what goes with a person; None if no store knows them."""
        from features.forgetting.selection import Selection
        from models.ledger.forgetting import names_in

        if found := self.held().of_person(entity_id):
            return found
        with self._ledger.reading() as connection:
            is_known = entity_id in names_in(connection)
        return Selection(names=frozenset({entity_id})) if is_known else None

    def copies_of(self, entity_id: str) -> list[tuple[str, int, int]]:
        """Return the records that the ledger says are a person's."""
        from models.ledger.forgetting import copies_of

        with self._ledger.reading() as connection:
            return [
                (c.source, c.record_id, c.load)
                for c in copies_of(connection, entity_id)
            ]

    def sealed_names(self, selection: Selection) -> list[str]:
        """Return the seals of all pseudonyms that go, in order."""
        return sorted(map(self.seals.entity, selection.names))

    def again(self, at: dt.datetime) -> list[Answer]:
        """Carry out every tombstone of any store, and let all stores know of it.

        Raises:
            Refusal: A tombstone is not as it was sealed.
        """
        known = self._in_files() | self._in_ledger()
        self._refuse_forged(known)
        self._write_down(known.values())
        done = self._carried_out(known, at)
        self.scrub()
        return done

    def finish(self, at: dt.datetime) -> None:
        """Carry out what was written down and not done, because it was cut short.

        Raises:
            Refusal: A tombstone is not as it was sealed.
        """
        done = self._in_ledger()
        begun = {s: one for s, one in self._in_files().items() if s not in done}
        self._refuse_forged(begun)
        if begun:
            self._write_down(begun.values())
            self._carried_out(begun, at)
            self.scrub()

    def forgotten(self, entity_id: str) -> Tombstone | None:
        """Return by which tombstone somebody was forgotten; None if by none."""
        seal = self.seals.entity(entity_id)
        found = self._in_ledger().values()
        return next((one for one in found if seal in one.entities), None)

    def _in_files(self) -> dict[str, Tombstone]:
        return read_tombstones(self._inside, self._outside)

    def _in_ledger(self) -> dict[str, Tombstone]:
        from models.ledger.forgetting import tombstones_in

        with self._ledger.reading() as connection:
            return {one.seal: one for one in tombstones_in(connection)}

    def _refuse_forged(self, tombstones: Mapping[str, Tombstone]) -> None:
        genuine = self.seals.is_genuine
        refuse_if_any(_forged(o) for o in tombstones.values() if not genuine(o))

    def _carried_out(
        self, tombstones: Mapping[str, Tombstone], at: dt.datetime
    ) -> list[Answer]:
        in_order = sorted(tombstones.values(), key=lambda one: (one.at, one.seal))
        return [self._carry_out(tombstone, at) for tombstone in in_order]

    def begin(self, tombstone: Tombstone, at: dt.datetime) -> Answer:
        """Write a tombstone down and do what it says."""
        sealed = self.seals.sealed(tombstone)
        self._write_down([sealed])
        done = self._carried_out({sealed.seal: sealed}, at)
        self.scrub()
        return {"tombstone": sealed.seal, **done[0]}

    def _carry_out(self, tombstone: Tombstone, at: dt.datetime) -> Answer:
        """Remove whatever a tombstone stands for; twice is once."""
        from features.forgetting.removal import remove

        removed = remove(self._opened.warehouse, tombstone, self.seals)
        rows, looks = self._from_ledger(tombstone, at)
        return {
            "records": removed.records,
            "files": removed.files,
            "rows": removed.rows + rows,
            "looks": looks,
        }

    def _write_down(self, some: Collection[Tombstone]) -> None:
        for folder in (self._inside, self._outside):
            write_tombstones(folder, some)

    def scrub(self) -> None:
        """Let nothing of what was removed stay in the ledger's free space."""
        from models.ledger.forgetting import scrub

        scrub(self._ledger)

    def _from_ledger(self, tombstone: Tombstone, at: dt.datetime) -> tuple[int, int]:
        from models.audit.rows import Entry
        from models.ledger.forgetting import forget, going_of, keep_tombstone

        with self._ledger.writing() as connection:
            going = going_of(connection, tombstone, self.seals)
            is_new = keep_tombstone(connection, tombstone)
            rows = sum(forget(connection, going, is_new=is_new).values())
            if not (is_new or rows or going.names):
                return 0, 0
            why = {"purpose": tombstone.because, "detail": tombstone.seal}
            entry = Entry(at, account(), "forgot", **why)
            looks = self._audit.forget(connection, going.names, entry)
        self._audit.anchor(at=at)
        return rows, looks


def replay_problems(settings: Settings) -> Iterator[str]:
    """Yield why a replay is due: a store that does not know of every purge.

    And what cannot be read of where they are kept.
    """
    stores: dict[str, set[str]] = {}
    for folder in _folders(settings):
        try:
            stores[str(folder)] = set(read_tombstones(folder))
        except Refusal as refusal:
            yield from map(str, refusal.faults)
    if is_there(settings.ledger_url):
        stores["the ledger"] = _sealed_in(settings)
    known = set[str]().union(*stores.values())
    for store, seals in stores.items():
        if lacking := len(known - seals):
            yield f"{store}: knows nothing of {lacking} purges; {_REPLAY}"


def _folders(settings: Settings) -> tuple[Path, Path]:
    """Return where tombstones are: with the warehouse, and with the anchors."""
    return folder_in(settings.store / "warehouse"), folder_in(settings.anchors)


def _sealed_in(settings: Settings) -> set[str]:
    from models.ledger.ledger import open_ledger

    ledger = open_ledger(settings.ledger_url)
    seals = _seals_in(ledger)
    ledger.close()
    return seals


def _seals_in(ledger: Ledger) -> set[str]:
    from models.ledger.forgetting import tombstones_in

    with ledger.reading() as connection:
        return {one.seal for one in tombstones_in(connection)}


def _barred(ledger: str, role: str) -> Fault:
    what = "who purges owns the ledger's tables, for the record of looking is changed"
    do = (
        "let LAMPPOST_LEDGER name the tables' owner (with docker compose: "
        "docker compose run --rm purge ...); nothing was removed"
    )
    return Fault(ledger, what, f"the role {role!r}", do)


def _forged(tombstone: Tombstone) -> Fault:
    what = "a tombstone is as it was sealed with the key of the pseudonyms"
    do = (
        "restore the key, or the tombstone, from your backup; nothing was removed by it"
    )
    return Fault(f"tombstone {tombstone.seal}", what, "another", do)
