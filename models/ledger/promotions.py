"""Promotions: which frozen bundle is served for a score, and which were before."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

import sqlalchemy as sa

from features.faults import Fault, Refusal
from models.definitions.bundle import Bundle
from models.ledger.ledger import Ledger, insert_new, keep_to_self
from models.ledger.tables import bundles, promotions


def promote(ledger: Ledger, bundle: Bundle, *, by: str, at: dt.datetime) -> None:
    """Make `bundle` the one that is served for its score; the same again is nothing.

    Args:
        ledger: Where the bundle is copied to, whole.
        bundle: What the score means from now on.
        by: The role that promotes it; never a person's name.
        at: The moment of it.
    """
    with ledger.writing() as connection:
        # Of two who promote at once, the second sees what the first has done.
        keep_to_self(promotions, connection)
        kept = insert_new(bundles, connection).values(
            sha256=bundle.sha256,
            score=bundle.score,
            frozen_at=at,
            content=bundle.content,
        )
        connection.execute(kept)
        if champion(connection, bundle.score) == bundle.sha256:
            return
        connection.execute(
            sa.insert(promotions).values(
                score=bundle.score,
                bundle=bundle.sha256,
                promoted_at=at,
                promoted_by=by,
            )
        )


def champion(connection: sa.Connection, score: str) -> str | None:
    """Return the hash of the bundle promoted last; None if the score has none."""
    newest = (
        sa.select(promotions.c.bundle)
        .where(promotions.c.score == score)
        .order_by(promotions.c.id.desc())
        .limit(1)
    )
    return connection.execute(newest).scalar()


def read_bundle(connection: sa.Connection, wanted: str) -> Bundle:
    """Return a bundle of the ledger, whose bytes are those that its hash names.

    Raises:
        Refusal: The ledger lacks it, or its bytes have changed.
    """
    query = sa.select(bundles.c.content).where(bundles.c.sha256 == wanted)
    content = connection.execute(query).scalar()
    if content is None or sha256(content.encode()).hexdigest() != wanted:
        got = "none" if content is None else "other bytes"
        what = f"the ledger must hold the bundle {wanted[:12]}... unchanged"
        raise Refusal([Fault("ledger: bundles", what, got, "restore the ledger")])
    return Bundle.as_stored(content)


class BundleShelf:
    """Bundles read once and kept, as no hash ever names another content."""

    def __init__(self) -> None:
        self._kept: dict[str, Bundle] = {}

    def take(self, connection: sa.Connection, wanted: str) -> Bundle:
        """Return the bundle of that hash, from the ledger if it is not kept yet.

        Raises:
            Refusal: The ledger lacks it, or its bytes have changed.
        """
        if wanted not in self._kept:
            self._kept[wanted] = read_bundle(connection, wanted)
        return self._kept[wanted]
