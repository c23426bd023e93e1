"""The tables about those who work here: accounts, sessions, and their right to look."""

from __future__ import annotations

import sqlalchemy as sa

from models.ledger.tables import RowNumber, UtcDateTime, batches, metadata


accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", RowNumber, primary_key=True),
    # What is typed at sign-in, and what stands in the audit.
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("role", sa.String(63), nullable=False),
    sa.Column("team", sa.String(63)),
    # Whose records a steward looks after.
    sa.Column("partner", sa.String(63)),
    # The number under which the caseload's source knows them.
    sa.Column("worker", sa.Text),
    sa.Column("password", sa.Text),
    # Who they are to an OpenID provider.
    sa.Column("issuer", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disabled_at", UtcDateTime),
    sa.UniqueConstraint("issuer", "subject", name="accounts_one_a_subject"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("account", sa.ForeignKey(accounts.c.id), nullable=False, index=True),
    sa.Column("begun", UtcDateTime, nullable=False),
    sa.Column("last_seen", UtcDateTime, nullable=False),
    sa.Column("ended", UtcDateTime),
)

# Signed tokens for machines that were issued, so that one can be taken back. Each lets
# a machine do what its account may, and never more.
tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("account", sa.ForeignKey(accounts.c.id), nullable=False, index=True),
    sa.Column("what_for", sa.Text, nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("expires", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
)

# A score's top, drawn by a manager as one act; who is on it, and given to whom.
worklists = sa.Table(
    "worklists",
    metadata,
    sa.Column("id", RowNumber, primary_key=True),
    sa.Column("score", sa.String(63), nullable=False),
    sa.Column("batch", sa.ForeignKey(batches.c.id), nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("purpose", sa.String(63), nullable=False),
    sa.Column("team", sa.String(63), nullable=False, index=True),
    sa.Column("drawn_by", sa.ForeignKey(accounts.c.id), nullable=False),
    sa.Column("drawn_at", UtcDateTime, nullable=False),
    sa.Column("expires", UtcDateTime, nullable=False),
)

worklist_people = sa.Table(
    "worklist_people",
    metadata,
    sa.Column("worklist", sa.ForeignKey(worklists.c.id), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entity_id", sa.Text, nullable=False, index=True),
    sa.Column("band", sa.String(63)),
    sa.Column("allocated_to", sa.ForeignKey(accounts.c.id), index=True),
    sa.Column("allocated_at", UtcDateTime),
    sa.Column("opened_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
)

# What gives a right beside a caseload's source and a worklist: `case` (kept
# by a manager), `contact` (today, with a reference) and `break-glass` (with a reason).
grants = sa.Table(
    "grants",
    metadata,
    sa.Column("id", RowNumber, primary_key=True),
    sa.Column("kind", sa.String(63), nullable=False),
    sa.Column("account", sa.ForeignKey(accounts.c.id), nullable=False, index=True),
    sa.Column("entity_id", sa.Text, nullable=False, index=True),
    sa.Column("purpose", sa.String(63), nullable=False),
    sa.Column("reference", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("given_by", sa.ForeignKey(accounts.c.id), nullable=False),
    sa.Column("begins", UtcDateTime, nullable=False),
    sa.Column("ends", UtcDateTime),
)

# What somebody must be told: break-glass, too many views. Never a person's value.
alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", RowNumber, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(63), nullable=False),
    sa.Column("about", sa.ForeignKey(accounts.c.id), nullable=False),
    # Who is told: a team's managers; where there is no team, all administrators.
    sa.Column("team", sa.String(63), index=True),
    sa.Column("entity_id", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("seen_at", UtcDateTime),
    sa.Column("seen_by", sa.ForeignKey(accounts.c.id)),
)

# A write that is sent twice is done once.
idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("account", sa.ForeignKey(accounts.c.id), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("request_sha256", sa.String(64), nullable=False),
    # What was answered and at whom was looked, as JSON.
    sa.Column("done", sa.Text, nullable=False),
)
