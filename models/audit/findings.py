"""What verifying the audit may find, told row by row or stretch by stretch."""

from __future__ import annotations

from typing import Literal

from features.faults import Fault


Kind = Literal[
    "changed",
    "another entity",
    "another key",
    "forgotten otherwise",
    "gone",
    "cut",
    "numbered below 1",
    "anchored otherwise",
    "unreadable",
]

# More stretches than this are counted, not listed: all is wrong then.
MOST_LISTED = 1_000

_EVIDENCE = "keep the database as it is for whoever investigates, and compare with"
_BACKUP = f"{_EVIDENCE} the newest backup"
# By kind: the rule that does not hold, what was found, what to do.
_WORDS: dict[Kind, tuple[str, str, str]] = {
    "changed": (
        "a row is as it was written",
        "content, or a place in the order, that was not chained with the audit's key",
        _BACKUP,
    ),
    "another entity": (
        "a row is about the entity that it was written about",
        "an entity, or none, that does not fit the row's seal",
        _BACKUP,
    ),
    "another key": (
        "a row is chained with a key of the audit",
        "a key that is not in the file of keys",
        "restore the file of keys if a key is missing there; else "
        "somebody wrote these rows without the key",
    ),
    "forgotten otherwise": (
        "a purge vouches for every row that says no more about whom it was",
        "other rows than it, or another purge, made say so",
        f"if a backup was restored, run: lamppost purge replay; else {_BACKUP}",
    ),
    "gone": ("rows are numbered without a gap", "no such row", _BACKUP),
    "cut": (
        "the ledger has every row that was anchored",
        "a ledger that ends before",
        "if an older backup was restored, say so on record with: lamppost audit "
        f"restored; else {_BACKUP}",
    ),
    "numbered below 1": ("the first row is row 1", "a row before it", _BACKUP),
    "anchored otherwise": (
        "a row is the one that was anchored",
        "another row of that number",
        f"{_EVIDENCE} the newest backup and the anchors",
    ),
    "unreadable": ("a row can be read", "content that is no text", _BACKUP),
}


class Findings:
    """Findings by row; neighbours of one kind are one stretch."""

    def __init__(self) -> None:
        self._stretches: dict[Kind, list[tuple[int, int]]] = {}
        self._listed = self._more = 0

    def add(self, kind: Kind, first: int, last: int | None = None) -> None:
        """Note that rows from first to last are wrong in a way, the lowest first."""
        last = first if last is None else last
        known = self._stretches.setdefault(kind, [])
        if known and known[-1][1] == first - 1:
            known[-1] = (known[-1][0], last)
        elif self._listed < MOST_LISTED:
            known.append((first, last))
            self._listed += 1
        else:
            self._more += 1

    def faults(self) -> list[Fault]:
        """Return one fault a stretch."""
        faults = [
            _fault(kind, first, last)
            for kind, stretches in self._stretches.items()
            for first, last in stretches
        ]
        if self._more:
            got = f"{self._more} more findings"
            faults.append(Fault("views", "the audit is whole", got, _BACKUP))
        return faults


def _fault(kind: Kind, first: int, last: int) -> Fault:
    where = f"views: row {first}" if first == last else f"views: rows {first} to {last}"
    return Fault(where, *_WORDS[kind])
