"""Faults: what is wrong, where, what was found, and what to do next."""

from __future__ import annotations

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
    """

    where: str
    what: str
    got: str
    next: str

    def __str__(self) -> str:
        """Return the fault as the two lines that the command prints."""
        return f"{self.where}: {self.what}, got {self.got}\n    next: {self.next}"

    def as_dict(self) -> dict[str, str]:
        """Return the fault for `--json`."""
        return asdict(self)


class Refusal(Exception):
    """Work that was refused; it carries every fault found, not just the first.

    Attributes:
        faults: Sorted by place, then by rule.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Misuse(Refusal):
    """A command called with arguments that cannot be meant: exit status 2."""


def refuse_if_any(faults: Iterable[Fault]) -> None:
    """Raise a `Refusal` that carries all `faults`, or do nothing if there are none."""
    found = tuple(faults)
    if found:
        raise Refusal(found)
