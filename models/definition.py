"""A score's definition: what it asks, for what purpose, of whom, and who agreed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from features.definitions.definition import (
    Definition,
    Name,
    Text,
    inside,
    read_definition,
)
from features.definitions.filters import columns_of, parse_filter
from features.definitions.indicators import Indicator
from features.definitions.outcomes import Cohort, Outcome, SnapshotPlan
from features.definitions.place import Place, definition_files
from features.faults import Fault
from models.doubt import DoubtRules
from models.gates import Gates, Necessity, references


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


class Judgement(Definition):
    """What is held back to judge the model on.

    Attributes:
        first: The first as-of date that is judged; nothing later is fitted on.
        last: The last one; None means all that are known.
        capacity: How many entities can be visited per as-of date or, at events, the
            share of them that comes first.
        rule: The indicator whose own ranking is the one-indicator rule.
    """

    first: dt.date
    last: dt.date | None = None
    capacity: Annotated[int, Field(ge=1)] | None = None
    capacity_share: Annotated[float, Field(gt=0, lt=1)] | None = None
    rule: Name

    @model_validator(mode="after")
    def _one_capacity(self) -> Self:
        if (self.capacity is None) == (self.capacity_share is None):
            raise ValueError("give either `capacity` or `capacity_share`")
        return self


class ScoreDefinition(Definition):
    """One score of a place.

    Attributes:
        question: What the score answers; the title of every page about it.
        forbidden_uses: Always holds refuse, reduce and ration.
        limits: Sentences that stand on every page and card.
        caveat: One sentence that stands beside every score, such as "predicts
            council-funded care, not need". Where the outcome has ends it must be there,
            because a low score may then mean another end.
        linked_group: A relation whose members are kept on one side of a split (a
            household); None means the entity by itself.
        indicators: What the model may use, in the order shown.
        families: Fitted and judged; the challenger, `boosted`, always is, and is never
            served.
        pairs: Of indicators that the family `pairs` looks at together.
        serve: The family that is promoted.
        groups: Protected attributes it is judged by.
        doubt: How doubt in links is carried through.
        gates: What a model must show to be promoted; None tests nothing.
        necessary: By source: why it is read though it did not earn its place.
    """

    name: Name
    question: Text
    purpose: Name
    forbidden_uses: list[Text]
    limits: Annotated[list[Text], Field(min_length=1)]
    caveat: Text | None = None
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
    seed: int = 1

    @model_validator(mode="after")
    def _binds(self) -> Self:
        if missing := sorted(_NEVER - set(self.forbidden_uses)):
            raise ValueError(f"`forbidden_uses` must also hold {missing}")
        if self.outcome.ends and self.caveat is None:
            raise ValueError("an outcome with `ends` needs a `caveat`")
        if self.serve not in self.families:
            raise ValueError("`serve` must be one of `families`")
        if bool(self.pairs) != ("pairs" in self.families):
            raise ValueError("name `pairs` if, and only if, `families` has it")
        if min(band.from_rank for band in self.bands) != 0:
            raise ValueError("one band must start at from_rank = 0")
        return self

    def paused_on(self, day: dt.date) -> list[Approval]:
        """Return the approvals that have ended by `day`; any pauses the score."""
        return [approval for approval in self.approvals if day > approval.expires]

    def plan(self) -> SnapshotPlan:
        """Return what a snapshot for this score holds."""
        return SnapshotPlan(
            score=self.name,
            purpose=self.purpose,
            cohort=self.cohort,
            outcome=self.outcome,
            indicators=self.indicators,
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


def read_scores(place: Place) -> tuple[dict[str, ScoreDefinition], list[Fault]]:
    """Read a place's `scores/`; returns them by name, with every fault found."""
    scores: dict[str, ScoreDefinition] = {}
    faults: list[Fault] = []
    for path in definition_files(place.root, "scores"):
        score, more = read_definition(path, ScoreDefinition)
        faults += more
        if score:
            faults += _faults_of(score, place, path)
            scores[score.name] = score
    return scores, faults


def sources_of(score: ScoreDefinition, place: Place) -> set[str]:
    """Return the names of all sources that the score reads, groups apart."""
    named = [*score.indicators, *score.cohort_indicators]
    sources = {place.indicators[name].family.source for name in named}
    return sources | {score.cohort.source, *score.outcome.sources}


def _faults_of(score: ScoreDefinition, place: Place, path: Path) -> Iterator[Fault]:
    if score.name != path.stem:
        got, do = repr(score.name), f"write {path.stem!r}"
        yield Fault(inside(path, "name"), "a score's file is called after it", got, do)
    for where, what, name, known in _references(score, place, path):
        if name not in known:
            listed = ", ".join(sorted(known)) or "none is declared"
            yield Fault(where, f"{what} must be declared", repr(name), f"use: {listed}")
    yield from _filter_faults(score, place, path)
    for number, name in enumerate(score.indicators):
        indicator = place.indicators.get(name)
        if indicator:
            where = inside(path, "indicators", number)
            yield from _kind_faults(indicator, score, place, where)


def _references(
    score: ScoreDefinition, place: Place, path: Path
) -> Iterator[tuple[str, str, str, Iterable[str]]]:
    file, cohort = place.file, score.cohort
    purposes = [purpose.name for purpose in file.purposes]
    groups = [group.name for group in file.groups]
    # Who belongs to several at once has no one group to be kept with.
    of_one = [r for r in file.relations if r.of == cohort.entity and not r.many]
    relations = [relation.name for relation in of_one]
    kinds = [entity.kind for entity in file.entities]
    yield inside(path, "purpose"), "the purpose", score.purpose, purposes
    where = inside(path, "cohort")
    yield where, "the entity kind", cohort.entity, kinds
    yield where, "the source", cohort.source, place.contracts
    where = inside(path, "outcome", "source")
    yield where, "the source", score.outcome.source, place.contracts
    for number, end in enumerate(score.outcome.ends):
        where = inside(path, "outcome", "ends", number, "source")
        what = f"a source about a {cohort.entity}"
        yield where, what, end.source, _about(cohort.entity, place)
    where = inside(path, "judgement", "rule")
    yield where, "the indicator", score.judgement.rule, score.indicators
    if score.linked_group:
        where = inside(path, "linked_group")
        yield where, "a relation to one at a time", score.linked_group, relations
    for number, name in enumerate(score.indicators):
        where = inside(path, "indicators", number)
        yield where, "the indicator", name, place.indicators
    for number, name in enumerate(score.groups):
        yield inside(path, "groups", number), "the group", name, groups
    known = (score.groups, place.contracts)
    yield from references(score.gates, score.necessary, path, *known)


def _filter_faults(score: ScoreDefinition, place: Place, path: Path) -> Iterator[Fault]:
    cohort, outcome = score.cohort, score.outcome
    texts = [
        (
            inside(path, "cohort", "filter"),
            cohort.filter,
            _columns(place, cohort.source),
        ),
        (
            inside(path, "outcome", "filter"),
            outcome.filter,
            _columns(place, outcome.source),
        ),
        (inside(path, "cohort", "where"), cohort.where, list(place.indicators)),
    ]
    for number, end in enumerate(outcome.ends):
        where = inside(path, "outcome", "ends", number, "filter")
        texts.append((where, end.filter, _columns(place, end.source)))
    for number, way in enumerate(cohort.exits):
        where = inside(path, "cohort", "exits", number, "when")
        texts.append((where, way.when, list(place.indicators)))
    for where, text, columns in texts:
        try:
            parse_filter(text or "true", columns)
        except ValueError as error:
            got = str(text)
            yield Fault(where, "the expression must be readable", got, str(error))


def _about(kind: str, place: Place) -> list[str]:
    """Return the sources whose rows are about a kind of entity."""
    return [
        name
        for name, contract in place.contracts.items()
        if kind in {about.kind for about in contract.about}
    ]


def _columns(place: Place, source: str) -> dict[str, str]:
    """Return the columns that a filter over a source may read, with their types."""
    contract = place.contracts.get(source)
    names = contract.record_columns if contract else []
    return {name: contract.column(name).type for name in names} if contract else {}


def _kind_faults(
    indicator: Indicator, score: ScoreDefinition, place: Place, where: str
) -> Iterator[Fault]:
    """An indicator must be about the score's kind, or about a kind related to it."""
    family, kinds = indicator.family, {score.cohort.entity}
    if family.nearby:
        return
    if family.relation:
        # About the related kind itself, or about its members, who are then counted.
        kinds = {place.relation(family.relation).to, place.relation(family.relation).of}
    if family.measure == "at_index":
        events = score.cohort.at_events
        kinds = {events.kind} if events else kinds
    about = {entity.kind for entity in place.contracts[family.source].about}
    if not kinds & about:
        yield Fault(
            where,
            f"the indicator's source must be about a {' or '.join(sorted(kinds))}",
            f"{family.source} is about {', '.join(sorted(about))}",
            "give the indicator a `relation`, or leave it out",
        )
