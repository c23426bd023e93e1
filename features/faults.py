"""Faults: what is wrong, where, what was found, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong, told so that a stranger can put it right.

    Attributes:
        where: The file, then the path or the line and column inside it.
        what: The rule that does not hold.
        got: What was found. Never a value out of a person's record.
        next: What to write or do instead.
        rule: A short name of the rule that stays the same (`type.date`), if it has one.
    """

    where: str
    what: str
    got: str
    next: str
    rule: str = ""

    def __str__(self) -> str:
        """Return the fault as the two lines that the command prints."""
        rule = f" [{self.rule}]" if self.rule else ""
        return f"{self.where}: {self.what}, got {self.got}{rule}\n    next: {self.next}"

    def as_dict(self) -> dict[str, str]:
        """Return the fault for `--json`."""
        return asdict(self)


class Refusal(Exception):
    """Work that was refused; it carries every fault found, not just the first.

    Attributes:
        faults: Sorted by place, then by rule; line 9 comes before line 10.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults), key=_in_reading_order))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[Refusal], tuple[tuple[Fault, ...]]]:
        """Come whole out of another process."""
        return type(self), (self.faults,)


class Misuse(Refusal):
    """A command called with arguments that cannot be meant: exit status 2."""


def refuse_if_any(faults: Iterable[Fault]) -> None:
    """Raise a `Refusal` that carries all `faults`, or do nothing if there are none."""
    found = tuple(faults)
    if found:
        raise Refusal(found)


def _in_reading_order(fault: Fault) -> tuple[list[str | int], Fault]:
    # Text and digits take turns, so that like is only ever compared with like.
    parts = re.split(r"([0-9]+)", fault.where)
    return [int(p) if n % 2 else p for n, p in enumerate(parts)], fault
