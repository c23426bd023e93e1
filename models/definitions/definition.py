"""A score's definition: what it asks, for what purpose, of whom, and who agreed."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from features.definitions.definition import (
    Definition,
    Name,
    Text,
)
from features.definitions.filters import columns_of
from features.definitions.outcomes import Cohort, Outcome, SnapshotPlan
from features.definitions.place import Place
from models.definitions.doubt import DoubtRules
from models.families.trees import FamilyTrees, Search
from models.judging.gates import Gates, Necessity
from models.judging.judgement import Judgement


Family = Literal["points", "logistic", "additive", "pairs"]
Pairs = Annotated[list[list[Name]], Field(max_length=5)]

# What no score may be used for, in any place.
_NEVER = frozenset({"refuse", "reduce", "ration"})


class Approval(Definition):
    """A role that agreed to the score, until a day."""

    role: Text
    approved_on: dt.date
    expires: dt.date


class Band(Definition):
    """A band of ranks, such as the highest tenth.

    Attributes:
        from_rank: Share of the cohort ranked below the band: 0.9 is the top tenth.
    """

    name: Name
    label: Text
    from_rank: Annotated[float, Field(ge=0, lt=1)]


class ScoreDefinition(Definition):
    """One score of a place.

    Attributes:
        question: What the score answers; the title of every page about it.
        forbidden_uses: Always holds refuse, reduce and ration.
        limits: Sentences that stand on every page and card.
        caveat: One sentence that stands beside every score, such as "predicts
            council-funded care, not need". Where the outcome has ends it must be there,
            because a low score may then mean another end.
        about: Whom it is about, in plain words, such as "People of 65 and over who live
            in their own home"; it stands on its pages. None shows the conditions alone.
        linked_group: A relation whose members are kept on one side of a split (a
            household); None means the entity by itself.
        indicators: What the model may use, in the order shown.
        families: Fitted and judged; the challenger, `boosted`, always is, and is never
            served.
        pairs: Of indicators that the family `pairs` looks at together.
        serve: The family that is promoted, unless the judgement chooses one.
        groups: Protected attributes it is judged by.
        doubt: How doubt in links is carried through.
        gates: What a model must show to be promoted; None tests nothing.
        necessary: By source: why it is read though it did not earn its place.
        search: Whether settings are searched for, in the fitted rows alone; None keeps
            those of `trees`.
        trees: How the boosted families grow their trees.
    """

    name: Name
    question: Text
    purpose: Name
    forbidden_uses: list[Text]
    limits: Annotated[list[Text], Field(min_length=1)]
    caveat: Text | None = None
    about: Text | None = None
    contact_role: Text
    cohort: Cohort
    outcome: Outcome
    linked_group: Name | None = None
    indicators: Annotated[list[Name], Field(min_length=1)]
    families: Annotated[list[Family], Field(min_length=1)]
    pairs: Pairs = Field(default_factory=list)
    serve: Family = "additive"
    groups: list[Name] = Field(default_factory=list)
    judgement: Judgement
    bands: Annotated[list[Band], Field(min_length=1)]
    approvals: Annotated[list[Approval], Field(min_length=1)]
    doubt: DoubtRules = DoubtRules()
    gates: Gates | None = None
    necessary: dict[Name, Necessity] = Field(default_factory=dict)
    search: Search | None = None
    trees: FamilyTrees = FamilyTrees()
    seed: int = 1

    @model_validator(mode="after")
    def _binds(self) -> Self:
        if missing := sorted(_NEVER - set(self.forbidden_uses)):
            raise ValueError(f"`forbidden_uses` must also hold {missing}")
        if self.outcome.ends and self.caveat is None:
            raise ValueError("an outcome with `ends` needs a `caveat`")
        self._serves_one()
        if bool(self.pairs) != ("pairs" in self.families):
            raise ValueError("name `pairs` if, and only if, `families` has it")
        if self.search and self.trees != FamilyTrees():
            raise ValueError("declare either `search` or `trees`")
        if min(band.from_rank for band in self.bands) != 0:
            raise ValueError("one band must start at from_rank = 0")
        return self

    def _serves_one(self) -> None:
        """Refuse a family that is both named and chosen, or that is not fitted."""
        if self.judgement.choose is None:
            if self.serve not in self.families:
                raise ValueError("`serve` must be one of `families`")
        elif "serve" in self.model_fields_set:
            raise ValueError("give either `serve` or [judgement] `choose`")

    def plan(self) -> SnapshotPlan:
        """Return what a snapshot for this score holds."""
        return SnapshotPlan(
            score=self.name,
            purpose=self.purpose,
            cohort=self.cohort,
            outcome=self.outcome,
            indicators=[
                *self.indicators,
                *self.judgement.beside(self.indicators),
            ],
            cohort_indicators=self.cohort_indicators,
            groups=self.groups,
            linked_group=self.linked_group,
        )

    @property
    def cohort_indicators(self) -> list[str]:
        """Indicators that decide who is scored, in the order first named."""
        texts = [self.cohort.where, *(way.when for way in self.cohort.exits)]
        named = (sorted(columns_of(text)) for text in texts if text)
        return list(dict.fromkeys(name for names in named for name in names))


def sources_of(score: ScoreDefinition, place: Place) -> set[str]:
    """Return the names of all sources that the score reads, groups apart."""
    named = [*score.plan().indicators, *score.cohort_indicators]
    sources = {place.indicators[name].family.source for name in named}
    return sources | {score.cohort.source, *score.outcome.sources}
