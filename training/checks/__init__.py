"""Checks: leaks, shuffles, and what each source is worth."""
