"""What a card is of: a judged model, its definitions, and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from features.definitions.contracts import Contract
from features.definitions.place import Place
from features.faults import Fault
from models.definitions.definition import ScoreDefinition, sources_of
from models.judging.intervals import Figure
from models.shown.figure_words import figure_at
from models.shown.wording import window_words
from models.tables.table import TableModel


@dataclass(frozen=True)
class Subject:
    """What a card is of.

    Attributes:
        score: The definition.
        place: The definitions beside it.
        model: As it is, or is to be, registered.
        found: The evaluation as the registry keeps it; what is not there is told of
            as not measured.
        version: The registry's number; None while there is none yet.
        refused: Why promotion was refused; empty where it was not tried, or was not
            refused.
        opened: What was found on the sealed date; None until it is opened.
    """

    score: ScoreDefinition
    place: Place
    model: TableModel
    found: Mapping[str, Any]
    version: int | None = None
    refused: tuple[Fault, ...] = ()
    opened: Mapping[str, Any] | None = None

    @property
    def people(self) -> str:
        """What the score is about, in the plural."""
        kinds = {kind.kind: kind.plural for kind in self.place.file.entities}
        return kinds.get(self.score.cohort.entity, self.score.cohort.entity)

    @property
    def places(self) -> str:
        """How many can be visited, in words."""
        judgement = self.score.judgement
        if judgement.capacity is not None:
            return f"the first {judgement.capacity:,} of each list"
        return f"the first {100 * (judgement.capacity_share or 0):g} of 100"

    @property
    def sources(self) -> list[Contract]:
        """The contracts of all that the score reads."""
        names = sorted(sources_of(self.score, self.place))
        return [self.place.contracts[n] for n in names if n in self.place.contracts]

    def label(self, name: str) -> str:
        """Return what an indicator, or a pair of them, is called."""
        named = self.model.indicators_by_term.get(name, (name,))
        return " and ".join(self._label(each) for each in named)

    def group(self, attribute: str, value: str) -> str:
        """Return what a group is called: the attribute, and what its code means."""
        named = (g for g in self.place.file.groups if g.name == attribute)
        group = next(named, None)
        if group is None:
            return f"{attribute}: {value}"
        meanings = self.place.contracts[group.source].column(group.column).values
        return f"{group.label}: {meanings.get(value, value)}"

    def figure(self, *path: str) -> Figure:
        """Return one of the figures that were found."""
        return figure_at(self.found, *path)

    def later(self, name: str) -> Figure:
        """Return a figure of the family that is served, on later dates."""
        return self.figure("verdicts", self.model.family, "later", name)

    def fact(self, name: str) -> str:
        """Return a fact of the model's origin."""
        return str(self.model.facts.get(name, "not recorded"))

    def counts(self, counts: Iterable[int]) -> Iterator[str]:
        """Yield counts of rows as they may be published.

        Where one of them is small none is told, as it could be had by subtraction.
        """
        every = list(counts)
        limit = self.place.file.suppression_threshold
        small = any(0 < count <= limit for count in every)
        yield from (["too few to tell"] * len(every) if small else map(_long, every))

    def _label(self, name: str) -> str:
        indicator = self.place.indicators.get(name)
        if indicator is None:
            return name
        days = indicator.window_days
        label = indicator.family.label
        return f"{label}, {window_words(days)}" if days else label


def _long(count: int) -> str:
    return f"{count:,}"
