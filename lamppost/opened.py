"""A place, opened: its definitions, and the way to its stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from features.definitions.place import Place, read_place
from features.faults import Fault, Misuse, refuse_if_any
from features.store.warehouse import Warehouse
from lamppost.settings import Settings
from models.definitions.definition import ScoreDefinition
from models.definitions.score_files import read_scores


if TYPE_CHECKING:
    from models.ledger.ledger import Ledger
    from models.registry.registry import Registry


@dataclass(frozen=True)
class Open:
    """A place whose definitions were read and found to be right."""

    settings: Settings
    place: Place
    scores: dict[str, ScoreDefinition]

    @property
    def warehouse(self) -> Warehouse:
        """The place's warehouse."""
        return Warehouse(self.settings.store)

    def ledger(self) -> Ledger:
        """Open the place's ledger."""
        from models.ledger.ledger import open_ledger

        return open_ledger(self.settings.ledger_url)

    def registry(self) -> Registry:
        """Open the place's registry."""
        from models.registry.registry import open_registry

        return open_registry(
            self.settings.tracking_uri,
            self.settings.store / "artifacts",
            place=self.place.name,
        )

    def score(self, name: str | None) -> ScoreDefinition:
        """Return the score called `name`, or the only one there is."""
        if name is None and len(self.scores) == 1:
            return next(iter(self.scores.values()))
        if name is None or name not in self.scores:
            got = repr(name) if name else "no name, and there are several"
            do = f"name one of: {', '.join(self.scores) or 'none is declared'}"
            raise Misuse([Fault("SCORE", "the score must be declared", got, do)])
        return self.scores[name]


def open_place(settings: Settings) -> Open:
    """Read a place's definitions.

    Raises:
        Refusal: With every fault of every file.
    """
    place, faults = read_place(settings.place)
    refuse_if_any(faults)
    if place is None:
        raise AssertionError("a place that cannot be read has faults")
    scores, faults = read_scores(place)
    refuse_if_any(faults)
    return Open(settings, place, scores)
