"""What a benchmark reports: figures, the targets they are held to, and progress."""

from __future__ import annotations

import json
import operator
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


_HOLDS = {">=": operator.ge, "<=": operator.le}
_STARTED = time.monotonic()

Target = tuple[str, float]


@dataclass(frozen=True)
class Report:
    """A benchmark's outcome.

    Attributes:
        benchmark: Its name.
        figures: Flat numbers, as measured; None where a figure could not be made.
        targets: By figure: `>=` or `<=`, and the number.
    """

    benchmark: str
    figures: Mapping[str, float | None]
    targets: Mapping[str, Target] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether every target that has a figure is met, and at least one has."""
        judged = [self._holds(name) for name in self.targets if self._is_made(name)]
        return all(judged) and (bool(judged) or not self.targets)

    def as_json(self) -> str:
        """Return the report as one line."""
        targets = {n: list(t) for n, t in self.targets.items() if self._is_made(n)}
        content = {
            "benchmark": self.benchmark,
            "figures": dict(self.figures),
            "targets": targets,
            "met": self.met,
        }
        return json.dumps(content)

    def _is_made(self, name: str) -> bool:
        return self.figures.get(name) is not None

    def _holds(self, name: str) -> bool:
        relation, limit = self.targets[name]
        return bool(_HOLDS[relation](self.figures[name], limit))


def progress(message: str) -> None:
    """Say on stderr what is being done."""
    seconds = time.monotonic() - _STARTED
    print(f"{seconds:7.1f} s  {message}", file=sys.stderr, flush=True)


def data_folder(named: Path | None) -> Path:
    """Return the folder of real data: as named, or LAMPPOST_DATA, or ../shared/data.

    Ends the benchmark with exit status 2 where there is none.
    """
    root = Path(__file__).resolve().parent.parent
    default = os.environ.get("LAMPPOST_DATA") or root.parent / "shared" / "data"
    folder = Path(named or default)
    if not folder.is_dir():
        message = f"{folder}: the real data must be there; name it with --data DIR"
        print(message, file=sys.stderr)
        raise SystemExit(2)
    return folder
