"""Touched scores: those in the ledger whose person's records a linking moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa

from models.ledger.ledger import Ledger
from models.ledger.tables import batches, scores


# Fewer than any database's limit on what one statement may name.
_NAMES_A_QUERY = 500


@dataclass(frozen=True)
class TouchedScore:
    """A score that was given for an entity.

    Attributes:
        score: The score's name.
        as_of: The as-of date.
        entity_id: The pseudonym.
        batch: The batch that gave it.
        state: Why no score was given; None if one was.
    """

    score: str
    as_of: dt.date
    entity_id: str
    batch: str
    state: str | None


def scores_of(ledger: Ledger, entity_ids: Iterable[str]) -> list[TouchedScore]:
    """Return every score that was ever given for some entities, in a fixed order.

    Batches that were never finished are left out: nobody was shown them.
    """
    names = iter(sorted(set(entity_ids)))
    found: list[TouchedScore] = []
    with ledger.reading() as connection:
        while some := list(islice(names, _NAMES_A_QUERY)):
            rows = connection.execute(
                sa.select(
                    batches.c.score,
                    scores.c.as_of,
                    scores.c.entity_id,
                    scores.c.batch,
                    scores.c.state,
                )
                .join(batches, scores.c.batch == batches.c.id)
                .where(scores.c.entity_id.in_(some), batches.c.finished.is_not(None))
            )
            found += [TouchedScore(*row) for row in rows]
    return sorted(found, key=_in_order)


def _in_order(one: TouchedScore) -> tuple[str, dt.date, str, str]:
    return one.score, one.as_of, one.entity_id, one.batch
