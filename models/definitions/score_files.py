"""A place's `scores/`: read, and held against everything that they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from features.definitions.definition import inside, read_definition
from features.definitions.filters import parse_filter
from features.definitions.indicators import Indicator
from features.definitions.place import Place, definition_files
from features.faults import Fault
from models.definitions.definition import ScoreDefinition
from models.families.number_faults import faults_of_number
from models.judging.gates import references


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


def _faults_of(score: ScoreDefinition, place: Place, path: Path) -> Iterator[Fault]:
    if score.name != path.stem:
        got, do = repr(score.name), f"write {path.stem!r}"
        yield Fault(inside(path, "name"), "a score's file is called after it", got, do)
    for where, what, name, known in _references(score, place, path):
        if name not in known:
            listed = ", ".join(sorted(known)) or "none is declared"
            yield Fault(where, f"{what} must be declared", repr(name), f"use: {listed}")
    yield from _filter_faults(score, place, path)
    yield from faults_of_number(score, place, path)
    named: dict[str, tuple[str, str | int]] = dict.fromkeys(
        score.plan().indicators, ("judgement", "practice")
    )
    named |= {name: ("indicators", n) for n, name in enumerate(score.indicators)}
    for name, parts in named.items():
        indicator = place.indicators.get(name)
        if indicator:
            where = inside(path, *parts)
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
    yield from _rules(score, place, path)
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


def _rules(
    score: ScoreDefinition, place: Place, path: Path
) -> Iterator[tuple[str, str, str, Iterable[str]]]:
    """Yield the indicators that a model is judged beside, and what each may be."""
    where, what = inside(path, "judgement", "rule"), "the indicator"
    yield where, what, score.judgement.rule, score.indicators
    if score.judgement.practice:
        where = inside(path, "judgement", "practice")
        yield where, what, score.judgement.practice, place.indicators


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
