"""Answers: what the ledger holds, in the words of the bundle. No HTTP, no database."""
