"""Likeness: how alike two texts are, by a function of DuckDB's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any


EDITS = "select damerau_levenshtein(unnest(?), unnest(?))"
JARO_WINKLER = "select jaro_winkler_similarity(unnest(?), unnest(?))"


class NotMeasuredError(LookupError):
    """Two texts are still to be measured."""


class Likeness:
    """A function of two texts, computed once for each two.

    A query for each would cost more than all else, so what is known to be asked can be
    asked `together`.

    Args:
        database: Returns a connection to DuckDB; called only when one is needed.
        query: `EDITS` or `JARO_WINKLER`.

    >>> import duckdb
    >>> Likeness(duckdb.connect, EDITS)("ANNA", "ANAN")
    1.0
    """

    def __init__(self, database: Callable[[], Any], query: str) -> None:
        self._database = database
        self._query = query
        self._known: dict[tuple[str, str], float] = {}
        # What is to be measured together; None while each is measured at once.
        self._asked: set[tuple[str, str]] | None = None

    def __call__(self, one: str, other: str) -> float:
        """Return how alike two texts are.

        Raises:
            NotMeasuredError: Inside `together`: after it, the answer is known.
        """
        pair = (one, other)
        if pair not in self._known:
            if self._asked is not None:
                self._asked.add(pair)
                raise NotMeasuredError
            self._measure([pair])
        return self._known[pair]

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Put off whatever is asked and not known, and measure all of it at the end."""
        asked: set[tuple[str, str]] = set()
        self._asked = asked
        try:
            yield
        finally:
            self._asked = None
        if asked:
            self._measure(sorted(asked))

    def _measure(self, pairs: list[tuple[str, str]]) -> None:
        texts = [list(side) for side in zip(*pairs, strict=True)]
        rows = self._database().execute(self._query, texts).fetchall()
        self._known |= zip(pairs, (float(value) for [value] in rows), strict=True)
