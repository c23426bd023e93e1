"""Findings: which rule an extract breaks, and on which lines, without any value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from features.faults import Fault


LINES_SHOWN = 5
GREATEST_NUMBER_OF_FAULTS = 1_000


@dataclass(frozen=True)
class Finding:
    """One rule that does not hold, with the lines where it does not.

    Attributes:
        rule: Its short, lasting name, such as `type.date`.
        what: The rule in words.
        got: What was found; never a cell.
        next: What to do instead.
        column: The heading of the column, or None if it is not about one.
        lines: The first few lines, counted from 1; empty if about the whole file.
        count: On how many lines.
    """

    rule: str
    what: str
    got: str
    next: str
    column: str | None = None
    lines: tuple[int, ...] = ()
    count: int = 0


class Findings:
    """Gathers findings line by line; equal ones become one that holds all lines."""

    def __init__(self) -> None:
        self._lines: dict[Finding, list[int]] = {}
        self._counts: dict[Finding, int] = {}

    def add(self, finding: Finding, line: int | None = None) -> None:
        """Note `finding`, given without lines, for a line or for the whole file."""
        lines = self._lines.setdefault(finding, [])
        if line is None or (lines and lines[-1] == line):
            return
        # The last one is kept beyond those shown, to know a line that comes again.
        lines[LINES_SHOWN:] = [line]
        self._counts[finding] = self._counts.get(finding, 0) + 1

    def __iter__(self) -> Iterator[Finding]:
        """Yield each finding once, with its lines."""
        for finding, lines in self._lines.items():
            shown = tuple(lines[:LINES_SHOWN])
            yield replace(finding, lines=shown, count=self._counts.get(finding, 0))


def faults_of(findings: Iterable[Finding], file_name: str) -> list[Fault]:
    """Return findings as faults, at most 1,000 and one that says how many more.

    Args:
        findings: From any of the checks.
        file_name: The extract's own name.
    """
    name = printable(file_name)
    faults = (fault for finding in findings for fault in _faults(finding, name))
    shown = list(islice(faults, GREATEST_NUMBER_OF_FAULTS))
    if more := sum(1 for _ in faults):
        do = "correct those above and load again"
        shown.append(Fault(name, "there are more faults", f"{more} more", do))
    return shown


def printable(text: str) -> str:
    r"""Return `text` with what cannot be seen or is not ASCII as code points.

    >>> printable("n\u0430me")
    'n\\u0430me'
    """
    shown = text.encode("ascii", "backslashreplace").decode()
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown)


def _faults(finding: Finding, name: str) -> Iterator[Fault]:
    column = f"column '{printable(finding.column)}'" if finding.column else ""
    places = [f"line {line}" for line in finding.lines] or [""]
    for place in places:
        where = ", ".join(part for part in (place, column) if part)
        yield _fault(finding, f"{name}: {where}" if where else name, finding.got)
    if more := finding.count - len(finding.lines):
        where = f"{name}: {column}" if column else name
        yield _fault(finding, where, f"{finding.got} on {more} more lines")


def _fault(finding: Finding, where: str, got: str) -> Fault:
    return Fault(where, finding.what, got, finding.next, finding.rule)
