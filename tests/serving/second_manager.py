"""A second manager of the team East: who reviews what the first one made."""

from __future__ import annotations

import sqlalchemy as sa

from models.ledger.access_tables import accounts
from models.ledger.ledger import Ledger
from tests.made_up_score import NOW


def add_second_manager(ledger: Ledger) -> None:
    """Let Max have an account."""
    row = {"id": 8, "name": "max", "display_name": "Max Example", "role": "manager"}
    with ledger.writing() as connection:
        connection.execute(
            sa.insert(accounts).values(row | {"team": "East", "created_at": NOW})
        )
