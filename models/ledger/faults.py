"""What may be wrong with a ledger; nothing heavy is imported to say so."""

from __future__ import annotations


class LedgerUnavailable(Exception):
    """The ledger could not be read or written; nothing was shown or changed."""
