"""Identities: how people are named to those who may see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from models.ledger.people_tables import cases, entity_records
from models.ledger.prepared import Prepared
from models.ledger.tables import identities
from serving.schemas.people import IdentityAnswer


UNKNOWN = IdentityAnswer(name="Name not known", birth_date="", details={})

_NAMES = ("forename", "surname")
_BIRTH = "birth_date"

_HELD_IN = (identities, entity_records, cases)
_HELD = Prepared(
    sa.select(
        sa.or_(
            *(
                sa.exists().where(table.c.entity_id == sa.bindparam("entity_id"))
                for table in _HELD_IN
            )
        ).label("is_held")
    )
)


def is_held(connection: sa.Connection, entity_id: str) -> bool:
    """Say whether the ledger holds anything of somebody: not of who is forgotten."""
    return bool(_HELD.first(connection, entity_id=entity_id).is_held)


def identities_of(
    connection: sa.Connection, entity_ids: Collection[str]
) -> dict[str, IdentityAnswer]:
    """Return how each is shown; who has no identity here is left out."""
    query = sa.select(identities).where(identities.c.entity_id.in_(entity_ids))
    rows = connection.execute(query)
    return {row.entity_id: identity_answer(row.display) for row in rows}


def identity_answer(display: Mapping[str, str]) -> IdentityAnswer:
    """Return an identity as it is shown.

    >>> identity_answer({"forename": "ANN", "surname": "LEE"}).name
    'Ann Lee'
    """
    name = " ".join(display[part] for part in _NAMES if display.get(part))
    rest = {k: v for k, v in display.items() if k not in (*_NAMES, _BIRTH)}
    return IdentityAnswer(
        name=name.title() if name.isupper() else name or UNKNOWN.name,
        birth_date=display.get(_BIRTH, ""),
        details={key.replace("_", " "): value for key, value in sorted(rest.items())},
    )
