"""Definitions: what a score is declared to be, and what is frozen of it."""
