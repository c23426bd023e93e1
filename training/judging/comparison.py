"""Comparison: two registered versions of a score, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from models.judging.intervals import Figure
from models.shown.figure_words import figure_at, name_of, told
from models.tables.envelope import Calibration
from training.cards.gates import gate_rows
from training.cards.subject import Subject
from training.checks.same_cases import Drawn, differences


Row = dict[str, str]

_ORIGIN = {
    "data from": "data_from",
    "data to": "data_to",
    "judged from": "judged_from",
    "links": "links",
    "snapshot": "snapshot",
    "snapshot sha256": "snapshot_sha256",
    "definitions sha256": "definition_sha256",
    "place sha256": "place_sha256",
    "gates sha256": "gates_sha256",
    "commit": "git_commit",
}
_COUNTS = ("fitted_rows", "fitted_events", "judged_rows", "judged_events")
_CALIBRATED = ("observed_expected", "calibration_intercept", "calibration_slope")


@dataclass(frozen=True)
class Side:
    """One version.

    Attributes:
        subject: With the version's number.
        drawn: Its figures on each draw, where its run kept them.
    """

    subject: Subject
    drawn: Drawn | None

    @property
    def name(self) -> str:
        """What its column is called."""
        return f"version {self.subject.version}"


def compare(one: Side, other: Side) -> dict[str, Any]:
    """Return two different versions side by side, as the command shows them."""
    pair = _Pair(one, other)
    return {
        "score": one.subject.score.name,
        "versions": list(_versions(pair)),
        "indicators": list(_indicators(pair)) or "the same, in the same words",
        "same cases": _same(one.drawn, other.drawn),
        "figures": list(_figures(pair)),
        "calibration": list(_calibration(pair)),
        "gates": list(_gates(pair)) or "none is declared",
        "sources": list(_sources(pair)) or "not measured",
    }


@dataclass(frozen=True)
class _Pair:
    one: Side
    other: Side

    def row(self, what: str, tell: Callable[[Subject], str]) -> Row:
        """Return a row: what it is, and what is told of it for each."""
        sides = (self.one, self.other)
        return {"what": what, **{side.name: tell(side.subject) for side in sides}}


def _versions(pair: _Pair) -> Iterator[Row]:
    yield pair.row("family", lambda side: side.model.family)
    yield pair.row("model sha256", lambda side: side.model.sha256)
    yield pair.row("judged beside it", _judged)
    yield pair.row("indicators", lambda side: str(len(side.model.names)))
    for name in _COUNTS:
        yield pair.row(name.replace("_", " "), _count(name))
    yield pair.row("base rate", lambda side: told(side.figure("base_rate")))
    yield pair.row("sample", _sample)
    price = "challenger's AUC above it"
    yield pair.row(price, lambda side: told(side.figure("price", "auc")))
    for words, name in _ORIGIN.items():
        yield pair.row(words, _fact(name))


def _count(name: str) -> Callable[[Subject], str]:
    return lambda side: str(side.found.get(name, "not counted"))


def _fact(name: str) -> Callable[[Subject], str]:
    return lambda side: side.fact(name)


def _judged(side: Subject) -> str:
    verdicts = side.found.get("verdicts", {})
    return ", ".join(name for name in verdicts if name != side.model.family)


def _sample(side: Subject) -> str:
    sample = side.found.get("sample")
    if not sample:
        return "not counted"
    had, needed = sample["groups_with_outcome"], sample["needed_with_outcome"]
    return f"{had} with the outcome, least {needed}"


def _indicators(pair: _Pair) -> Iterator[Row]:
    """Yield each indicator that only one of the two reads, or in other words."""
    one, other = (_described(side.subject) for side in (pair.one, pair.other))
    for name in sorted({*one, *other}):
        if name not in other:
            yield {"indicator": name, "change": f"not in {pair.other.name}"}
        elif name not in one:
            yield {"indicator": name, "change": f"not in {pair.one.name}"}
        elif one[name] != other[name]:
            yield {"indicator": name, "change": "another unit or wording"}


def _described(side: Subject) -> Mapping[str, tuple[str, str]]:
    envelope = side.model.envelope
    if envelope is None:
        return dict.fromkeys(side.model.names, ("", ""))
    return {each.name: (each.unit, each.wording) for each in envelope.indicators}


def _same(one: Drawn | None, other: Drawn | None) -> str:
    if one is None or other is None:
        return "cannot tell: a run did not keep its draws"
    if one.cases != other.cases:
        return "no: other cases were judged, so that nothing may be subtracted"
    return "yes: the difference is taken draw by draw"


def _figures(pair: _Pair) -> Iterator[Row]:
    for name in _forecast_figures(pair):
        yield pair.row(name.replace("_", " "), _forecast(name))
    one, other = pair.one.drawn, pair.other.drawn
    gained = differences(one, other) if one and other else {}
    above = f"{pair.other.name} above"
    for part in ("later", "later_and_new"):
        for name in _names(pair, part):
            row = pair.row(
                f"{name_of(name)}, {part.replace('_', ' ')}", _told(part, name)
            )
            figure = gained.get(name) if part == "later" else None
            yield {**row, above: _difference(figure)}


def _forecast_figures(pair: _Pair) -> Iterator[str]:
    """Yield the figures of a count or a sum, which is forecast."""
    if pair.one.subject.score.outcome.is_number:
        yield from pair.one.subject.found.get("figures", ())


def _forecast(name: str) -> Callable[[Subject], str]:
    return lambda side: told(side.figure("figures", name))


def _difference(figure: Figure | None) -> str:
    return "" if figure is None else told(figure)


def _names(pair: _Pair, part: str) -> list[str]:
    """Return the figures that either of the two has, in order."""
    found = (_verdict(side.subject).get(part, {}) for side in (pair.one, pair.other))
    return list(dict.fromkeys(name for each in found for name in each))


def _told(part: str, name: str) -> Callable[[Subject], str]:
    return lambda side: told(figure_at(_verdict(side), part, name))


def _verdict(side: Subject) -> Mapping[str, Any]:
    found: Mapping[str, Any] = side.found.get("verdicts", {})
    verdict: Mapping[str, Any] = found.get(side.model.family, {})
    return verdict


def _calibration(pair: _Pair) -> Iterator[Row]:
    yield pair.row("applied", _applied)
    for name in _CALIBRATED:
        yield pair.row(name_of(name), _told("later", name))


def _applied(side: Subject) -> str:
    envelope = side.model.envelope
    if envelope is None or envelope.calibration == Calibration():
        return "none"
    made = envelope.calibration
    return f"log-odds times {made.slope:.3g}, plus {made.intercept:.3g}"


def _gates(pair: _Pair) -> Iterator[Row]:
    """Yield the gates as they are declared now, each version's figure and verdict."""
    sides = (pair.one, pair.other)
    rows = {side.name: {r[0]: r for r in gate_rows(side.subject)} for side in sides}
    for gate in dict.fromkeys(name for each in rows.values() for name in each):
        both = {name: each.get(gate) for name, each in rows.items()}
        yield {
            "what": gate,
            "limit": next(row[1] for row in both.values() if row),
            **{n: f"{row[3]}: {row[2]}" if row else "" for n, row in both.items()},
        }


def _sources(pair: _Pair) -> Iterator[Row]:
    """Yield what each version loses where it is fitted without a source."""
    found = [
        {each["source"]: each for each in side.subject.found.get("sources", ())}
        for side in (pair.one, pair.other)
    ]
    names = (pair.one.name, pair.other.name)
    for source in sorted({*found[0], *found[1]}):
        lost = (
            told(figure_at(each[source], "refitted")) if source in each else "not read"
            for each in found
        )
        yield {"what": f"lost without {source}", **dict(zip(names, lost, strict=True))}
