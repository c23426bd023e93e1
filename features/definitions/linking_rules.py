"""How records of a kind are linked: attributes, comparisons, vetoes, thresholds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from features.definitions.attributes import Attribute
from features.definitions.comparisons import Comparison, Probability
from features.definitions.contracts import Contract
from features.definitions.definition import Definition, Name, inside
from features.definitions.vetoes import Veto
from features.faults import Fault


Names = Annotated[list[Name], Field(min_length=1)]


class Training(Definition):
    """From which pairs the weights are estimated (Splink's expectation maximisation).

    Attributes:
        blocking: One round of training for each: the pairs equal in these attributes
            train the comparisons of all others.
        sure: Pairs equal in one of these are nearly always one entity ...
        sure_share: ... and are this share of all pairs that are.
        least_identities: With fewer, the declared weights are used as they are.
    """

    blocking: Annotated[list[Names], Field(min_length=1)]
    sure: Annotated[list[Names], Field(min_length=1)]
    sure_share: Annotated[float, Field(gt=0, le=1)]
    least_identities: Annotated[int, Field(ge=2)] = 500


class Truth(Definition):
    """Which attribute tells the truth; it is never read for linking.

    Attributes:
        reference: Sources whose entities the other records are to find. Without any,
            every pair of records is judged.
    """

    attribute: Name
    reference: list[Name] = Field(default_factory=list)


class KindRules(Definition):
    """How one kind of entity is linked.

    Attributes:
        attributes: What the contracts' `identifiers` name, and what is derived of it.
        exact: Records equal in all attributes of one of these are one entity, unless
            vetoed.
        sides: Groups of sources; only records of two groups are compared. Without
            any, all records are compared.
        blocking: Only records equal in all attributes of one of these are compared.
        prior: The probability that two records taken at random are of one entity, as
            long as it is not estimated.
        threshold: The probability from which two records are one entity.
        bridge_below: A link less probable than this does not join two groups that are
            each held by exact keys or better links: it is flagged for a steward.
        kept_from: Pairs less probable than this are forgotten.
        tie_margin_bits: A record stays unlinked if its two best entities veto each
            other and are no more than this apart in weight; None: the better is taken.
    """

    kind: Name
    attributes: Annotated[dict[Name, Attribute], Field(min_length=1)]
    exact: list[Names] = Field(default_factory=list)
    sides: list[Names] = Field(default_factory=list)
    comparisons: list[Comparison] = Field(default_factory=list)
    blocking: list[Names] = Field(default_factory=list)
    training: Training | None = None
    prior: Probability = 0.0001
    threshold: Probability = 0.95
    bridge_below: Probability = 0.99
    kept_from: Probability = 0.5
    tie_margin_bits: Annotated[float, Field(ge=0, le=10)] | None = None
    vetoes: list[Veto] = Field(default_factory=list)
    truth: Truth | None = None

    @property
    def used(self) -> list[str]:
        """The attributes that linking reads, in the order declared."""
        read = {name for _, name, _ in _references(self)}
        return [name for name in self.attributes if name in read]

    @property
    def final_vetoes(self) -> list[str]:
        """The vetoes that no decision overcomes: two valid numbers that differ."""
        checked = {name for name, a in self.attributes.items() if a.check}
        return [veto.name for veto in self.vetoes if checked & set(veto.differs)]

    @property
    def is_weighted(self) -> bool:
        """Whether pairs can be weighed without training."""
        return all(comparison.is_weighted for comparison in self.comparisons)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        checks = (_methods, _names, _forms, _thresholds, _truth, _weights)
        faults = list(chain.from_iterable(check(self) for check in checks))
        if faults:
            raise ValueError("; ".join(dict.fromkeys(faults)))
        return self


class LinkageFile(Definition):
    """What `linkage.toml` holds."""

    kinds: list[KindRules]

    @model_validator(mode="after")
    def _once(self) -> Self:
        kinds = [rules.kind for rules in self.kinds]
        for kind in sorted({kind for kind in kinds if kinds.count(kind) > 1}):
            raise ValueError(f"the kind {kind!r} is declared twice")
        return self


def _references(rules: KindRules) -> Iterator[tuple[str, str, str]]:
    """Every place that names an attribute to link by, the name, the form it needs."""
    for role in ("exact", "blocking"):
        for name in chain.from_iterable(getattr(rules, role)):
            yield role, name, "any"
    for comparison in rules.comparisons:
        yield from (("comparisons", n, form) for n, form in _compared(comparison))
    for veto in rules.vetoes:
        yield from (("vetoes", n, form) for n, form in veto.typed_attributes)
    if rules.training:
        for name in chain(*rules.training.blocking, *rules.training.sure):
            yield "training", name, "any"


def _compared(comparison: Comparison) -> Iterator[tuple[str, str]]:
    kinds = {level.agree for level in comparison.levels}
    form = "text" if kinds & {"similar", "swapped"} else "any"
    form = "date" if "within" in kinds else form
    yield from ((name, form) for name in (comparison.attribute, *comparison.also))
    yield from comparison.beside


def _methods(rules: KindRules) -> Iterator[str]:
    if not rules.exact and not rules.comparisons:
        yield "give `exact`, or `comparisons` and `blocking`, or both"
    if bool(rules.comparisons) != bool(rules.blocking):
        yield "`comparisons` and `blocking` need each other"
    if rules.training and not rules.comparisons:
        yield "`training` needs `comparisons`"


def _names(rules: KindRules) -> Iterator[str]:
    for role, name, _ in _references(rules):
        if name not in rules.attributes:
            yield f"{role} names an attribute that is not declared: {name!r}"
    for name, attribute in rules.attributes.items():
        for other in attribute.made_of:
            if other not in rules.attributes or rules.attributes[other].of:
                what = "must be made of an attribute that has a column"
                yield f"{name} {what}: not {other!r}"


def _forms(rules: KindRules) -> Iterator[str]:
    for role, name, needed in _references(rules):
        attribute = rules.attributes.get(name)
        if attribute and needed != "any" and attribute.is_date != (needed == "date"):
            yield f"{role} needs {name!r} as {'a date' if needed == 'date' else 'text'}"
    for name, attribute in rules.attributes.items():
        if any(
            isinstance(p, dt.date) != attribute.is_date for p in attribute.placeholders
        ):
            yield f"{name}.placeholders: dates, without quotes, for a date, else texts"
        if attribute.is_date and (attribute.check or attribute.stands_for):
            yield f"{name}: a date has no `check` and no `stands_for`"


def _thresholds(rules: KindRules) -> Iterator[str]:
    if rules.kept_from > rules.threshold:
        yield "`kept_from` may not be greater than `threshold`"


def _truth(rules: KindRules) -> Iterator[str]:
    if rules.truth is None:
        return
    name = rules.truth.attribute
    if name not in rules.attributes:
        yield f"truth names an attribute that is not declared: {name!r}"
    for used in rules.used:
        if name == used or name in rules.attributes[used].made_of:
            yield f"{used!r} is linked by: it may not tell the truth"


def _weights(rules: KindRules) -> Iterator[str]:
    weighted = {comparison.is_weighted for comparison in rules.comparisons}
    if len(weighted) > 1:
        yield "give `if_same` and `if_other` in all comparisons, or in none"
    if rules.training is None and False in weighted:
        yield "comparisons need `training`, or `if_same` and `if_other`"
    for comparison in rules.comparisons if rules.training else []:
        rounds = rules.training.blocking if rules.training else []
        if all(set(comparison.attributes) & set(names) for names in rounds):
            yield f"no round of training leaves {comparison.attribute!r} free"


def faults_of_rules(
    rules: KindRules, contracts: Iterable[Contract], root: Path
) -> Iterator[Fault]:
    """Yield what is wrong with the rules in the light of the contracts."""
    where = inside(root / "linkage.toml", "kinds", rules.kind)
    supplied: set[str] = set()
    sources: list[str] = []
    for contract in contracts:
        for about in (a for a in contract.about if a.kind == rules.kind):
            path = inside(root / "sources" / f"{contract.name}.toml", "about")
            yield from _faults_of_source(rules, contract, path)
            supplied |= set(about.identifiers)
            sources.append(contract.name)
    own = {name for name, a in rules.attributes.items() if a.of is None}
    for name in sorted(own - supplied):
        do = "name its column in a contract's `about.identifiers`, or remove it"
        yield Fault(where, "an attribute must have a source", repr(name), do)
    yield from _faults_of_sides(rules, sources, where)


def _faults_of_source(
    rules: KindRules, contract: Contract, path: str
) -> Iterator[Fault]:
    abouts = [about for about in contract.about if about.kind == rules.kind]
    for about in abouts:
        if not about.identifiers:
            what = f"{rules.kind} is linked, so its sources give `identifiers`"
            yield Fault(path, what, "it is named outright", "give `identifiers`")
        for name, column in about.identifiers.items():
            yield from _faults_of_column(rules, contract, path, name, column)


def _faults_of_column(
    rules: KindRules, contract: Contract, path: str, name: str, column: str
) -> Iterator[Fault]:
    attribute = rules.attributes.get(name)
    if attribute is None or attribute.of:
        known = ", ".join(n for n, a in rules.attributes.items() if a.of is None)
        what = "identifiers name attributes that linkage.toml declares"
        yield Fault(path, what, repr(name), f"use: {known}")
        return
    forms = [a.form for n, a in rules.attributes.items() if name in (n, a.of)]
    type_ = contract.column(column).type
    if (type_ == "date") != ("date" in forms) or len({f == "date" for f in forms}) > 1:
        what = f"the column of {name!r} and its form are both dates, or neither"
        do = "correct the column's type or the attribute's form"
        yield Fault(path, what, f"type {type_}, form {', '.join(forms)}", do)


def _faults_of_sides(
    rules: KindRules, sources: list[str], where: str
) -> Iterator[Fault]:
    named = list(chain(*rules.sides))
    if rules.sides and sorted(named) != sorted(set(sources)):
        got = ", ".join(named)
        do = f"name each of these once: {', '.join(sorted(set(sources)))}"
        yield Fault(where, "`sides` names every source of the kind", got, do)
    for name in rules.truth.reference if rules.truth else []:
        if name not in sources:
            do = f"use: {', '.join(sorted(set(sources)))}"
            yield Fault(where, "truth.reference names sources", repr(name), do)
