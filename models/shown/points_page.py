"""A scorecard on one page: to be found, added up and looked up with a pencil."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from models.shown.line_words import LineWords, plain_edge
from models.shown.points_card import (
    CardLine,
    PointsCard,
    Staircase,
    band_starts,
    read_card,
)
from models.tables.table import TableModel
from models.tables.terms import Categories, Floats, Value


Words = Callable[[str], LineWords]

_RISK_LINES = 9


def points_card(
    model: TableModel,
    *,
    title: str,
    words: Words,
    bands: Sequence[tuple[str, float]],
    among: Floats,
) -> str:
    """Return a scorecard as Markdown, of one page.

    Args:
        model: Of the family `points`.
        title: The score's question.
        words: Says what an indicator and its values are called, by its name.
        bands: Label and `from_rank` (0 to 1) of each.
        among: Log-odds that the ranks are taken among: of the cases it was judged on.

    Raises:
        Refusal: The model is of another family.
    """
    card = read_card(model)
    starts = band_starts(card, bands, among)
    parts = [
        f"# {title}\n",
        "Find each line's points and add them up. Where nothing on a line fits, there "
        "is no score.\n",
        *(_line_text(*told, words(told[0].name)) for told in _told(card)),
        "\n| total | band |\n|---|---|",
        *(f"| from {start} | {label} |" for label, start in starts),
        "\n| total | of 100 people like this about |\n|---|---|",
        *(f"| {n} | {100 * card.risk_at(n):.0f} |" for n in _some_totals(card)),
        f"\nSomebody made up: {_example(card, words, starts)}",
    ]
    return "\n".join(parts) + "\n"


def _told(card: PointsCard) -> Iterator[tuple[Staircase, CardLine]]:
    """Yield the lines that matter: points can be had, or nothing may fit."""
    for term, line in zip(card.terms, card.lines, strict=True):
        if any(line.points) or isinstance(term, Categories) or term.missing is None:
            yield term, line


def _line_text(term: Staircase, line: CardLine, words: LineWords) -> str:
    levels = " · ".join(f"{what}: **{n}**" for what, n in _levels(term, line, words))
    return f"- {words.label} — {levels}"


def _levels(
    term: Staircase, line: CardLine, words: LineWords
) -> Iterator[tuple[str, int]]:
    """Yield what may hold, in words, and its points; categories of like points once."""
    if isinstance(term, Categories):
        by_points: dict[int, list[str]] = {}
        for category, points in zip(term.categories, line.points, strict=False):
            by_points.setdefault(points, []).append(category)
        yield from ((words.categories(named), n) for n, named in by_points.items())
    else:
        yield from zip(words.steps(term.edges), line.points, strict=False)
    if term.missing is not None:
        yield "not known", line.points[-1]


def _example(card: PointsCard, words: Words, starts: Sequence[tuple[str, int]]) -> str:
    """Return somebody made up, worked out: the middle of each line."""
    row = {term.name: _middle(term) for term in card.terms}
    parts = [
        f"{words(term.name).label}: {_shown(term, words(term.name))}, "
        f"{line.points[_place(term)]}"
        for term, line in _told(card)
    ]
    total = card.points_of(row)
    band = next(label for label, start in starts if total >= start)
    return f"{'; '.join(parts)}. Total {total}: {band}."


def _place(term: Staircase) -> int:
    return (len(term.values) - 1) // 2


def _middle(term: Staircase) -> Value:
    """Return a value that falls on the middle step, or the middle category."""
    if isinstance(term, Categories):
        return term.categories[_place(term)]
    # A step holds up to and with its upper edge.
    return term.edges[_place(term)] if term.edges else 0.0


def _shown(term: Staircase, words: LineWords) -> str:
    if isinstance(term, Categories):
        return words.categories([term.categories[_place(term)]])
    if words.is_yes_or_no:
        return words.steps(term.edges)[_place(term)]
    return plain_edge(term.edges[_place(term)]) if term.edges else "0"


def _some_totals(card: PointsCard) -> list[int]:
    apart = max(1, math.ceil(card.most / _RISK_LINES))
    return [*range(0, card.most, apart), card.most]
