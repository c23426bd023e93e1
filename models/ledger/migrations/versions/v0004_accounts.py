"""Accounts, sessions, tokens that are signed, worklists, grants and alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)
_NAME = sa.String(63)
_HASH = sa.String(64)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    # Tokens of before named nobody's account: whoever holds one is given a new one.
    op.drop_table("tokens")
    _make_accounts()
    _make_sessions()
    _make_tokens()
    _make_worklists()
    _make_worklist_people()
    _make_grants()
    _make_alerts()
    _make_idempotency()
    op.create_index("views_by_who_and_when", "views", ["token_name", "at"])


def _make_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", _NAME, nullable=False),
        sa.Column("team", _NAME),
        sa.Column("partner", _NAME),
        sa.Column("worker", sa.Text()),
        sa.Column("password", sa.Text()),
        sa.Column("issuer", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("disabled_at", _MOMENT),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("issuer", "subject", name="accounts_one_a_subject"),
        sa.UniqueConstraint("name"),
    )


def _make_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("sha256", _HASH, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("begun", _MOMENT, nullable=False),
        sa.Column("last_seen", _MOMENT, nullable=False),
        sa.Column("ended", _MOMENT),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])


def _make_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", _HASH, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("what_for", sa.Text(), nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_tokens_account", "tokens", ["account"])


def _make_worklists() -> None:
    op.create_table(
        "worklists",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("score", _NAME, nullable=False),
        sa.Column("batch", _HASH, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("purpose", _NAME, nullable=False),
        sa.Column("team", _NAME, nullable=False),
        sa.Column("drawn_by", _NUMBER, nullable=False),
        sa.Column("drawn_at", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"]),
        sa.ForeignKeyConstraint(["drawn_by"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_worklists_team", "worklists", ["team"])


def _make_worklist_people() -> None:
    op.create_table(
        "worklist_people",
        sa.Column("worklist", _NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("band", _NAME),
        sa.Column("allocated_to", _NUMBER),
        sa.Column("allocated_at", _MOMENT),
        sa.Column("opened_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.ForeignKeyConstraint(["allocated_to"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["worklist"], ["worklists.id"]),
        sa.PrimaryKeyConstraint("worklist", "number"),
    )
    op.create_index(
        "ix_worklist_people_allocated_to", "worklist_people", ["allocated_to"]
    )
    op.create_index("ix_worklist_people_entity_id", "worklist_people", ["entity_id"])


def _make_grants() -> None:
    op.create_table(
        "grants",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("purpose", _NAME, nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("given_by", _NUMBER, nullable=False),
        sa.Column("begins", _MOMENT, nullable=False),
        sa.Column("ends", _MOMENT),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["given_by"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_grants_account", "grants", ["account"])
    op.create_index("ix_grants_entity_id", "grants", ["entity_id"])


def _make_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("about", _NUMBER, nullable=False),
        sa.Column("team", _NAME),
        sa.Column("entity_id", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("seen_at", _MOMENT),
        sa.Column("seen_by", _NUMBER),
        sa.ForeignKeyConstraint(["about"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["seen_by"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_alerts_team", "alerts", ["team"])


def _make_idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("request_sha256", _HASH, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account", "key"),
    )
