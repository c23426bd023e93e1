"""Charts: what a model does, as small pictures in SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from models.drawing import GREY, INK, PALETTE, Axis, Panel, Point, legend, page
from models.pairs import AnyTerm, Pair
from models.swarms import Swarm
from models.table import TableModel
from models.terms import Categories, Line, Log, Steps


_WIDTH, _HEIGHT = 150, 90
_ADDS = "adds to the log-odds"
# A staircase is drawn a little beyond its outer edges.
_MARGIN = 0.05
_COLD, _PALE, _WARM = (0, 114, 178), (238, 238, 238), (213, 94, 0)
# From the lowest values to the highest.
_RISING = ("#0072b2", "#6f6fb8", "#a06aa8", "#c4627a", "#d55e00")

Row = Mapping[str, float | str]


def calibration_chart(rates: Sequence[Row]) -> str:
    """Draw what was observed against what the model said, with intervals, as SVG.

    Args:
        rates: `mean_probability`, `share`, `low` and `high`, one a group of cases.
    """
    said = [float(rate["mean_probability"]) for rate in rates]
    highest = max([*said, *(float(rate["high"]) for rate in rates)], default=1.0)
    axis = Axis(0.0, highest, "the model said", is_share=True)
    panel = Panel("Calibration", axis, Axis(0.0, highest, "came true", is_share=True))
    spans = [
        panel.line([(at, float(rate["low"])), (at, float(rate["high"]))])
        for at, rate in zip(said, rates, strict=True)
    ]
    dots = [(at, float(r["share"])) for at, r in zip(said, rates, strict=True)]
    diagonal = panel.line([(0.0, 0.0), (highest, highest)], GREY, dashed=True)
    panel = panel.with_marks(diagonal, *spans, panel.dots(dots))
    return page([panel], title="What came true against what the model said")


def curve_chart(
    title: str,
    curves: Mapping[str, Sequence[Point]],
    *,
    x: str,
    y: str,
    is_share: bool = True,
    beside: Mapping[str, Sequence[Point]] | None = None,
) -> str:
    """Draw one curve a model, as SVG.

    Args:
        title: Above the picture.
        curves: By the model's name, in the order of the colours.
        x: What the horizontal axis is, which goes from left to right in percent.
        y: What the vertical axis is.
        is_share: The vertical axis is in percent as well.
        beside: What is no model, drawn dashed: chance, say.
    """
    others = beside or {}
    points = [p for line in (*curves.values(), *others.values()) for p in line]
    panel = Panel(
        title,
        Axis.around([0.0, *(at for at, _ in points)], x, is_share=True),
        Axis.around([0.0, *(up for _, up in points)], y, is_share=is_share),
        width=340,
        height=260,
    )
    dashed = [panel.line(line, GREY, dashed=True) for line in others.values()]
    pairs = zip(curves.values(), PALETTE, strict=False)
    drawn = [panel.line(line, colour) for line, colour in pairs]
    colours = [*PALETTE[: len(curves)], *(GREY for _ in others)]
    names, falls = [*curves, *others], _falls(list(curves.values()))
    words = legend(panel, names, colours, at_top=falls)
    return page([panel.with_marks(*dashed, *drawn, *words)], title=title)


def shape_chart(model: TableModel) -> str:
    """Draw what each value of each indicator adds to the log-odds, as SVG."""
    panels = [_panel(term) for term in model.terms]
    return page(panels, title="What each value adds to the log-odds", columns=3)


def beeswarm_chart(swarms: Sequence[Swarm]) -> str:
    """Draw what the indicators add for all cases, the weightiest first, as SVG.

    Args:
        swarms: One an indicator, or pair of them, from the top.
    """
    names = [swarm.name for swarm in reversed(swarms)]
    every = [at for swarm in swarms for at in swarm.adds]
    each = swarms[0].cases_a_dot if swarms else 0
    panel = Panel(
        f"What each indicator adds; a dot is about {each} cases",
        Axis.around([0.0, *every], f"{_ADDS} (blue: low values, orange: high)"),
        Axis.of_names(names),
        width=420,
        height=24 * len(names),
        left=190,
    )
    marks = [panel.line([(0.0, -0.5), (0.0, len(names) - 0.5)], GREY)]
    for row, swarm in enumerate(reversed(swarms)):
        marks += _dots(panel, swarm, row)
    return page([panel.with_marks(*marks)], title="Beeswarm of contributions")


def _falls(curves: Sequence[Sequence[Point]]) -> bool:
    """Say whether curves leave the upper right corner free."""
    ends = [line[-1][1] < max(up for _, up in line) for line in curves if line]
    return any(ends)


def _dots(panel: Panel, swarm: Swarm, row: int) -> Iterator[str]:
    """Yield a row's dots, those of one colour together, piled up where they meet."""
    piles: dict[int, int] = {}
    sizes: dict[int, int] = {}
    spots = [round(at / panel.x.span * panel.width / 3) for at in swarm.adds]
    for spot in spots:
        sizes[spot] = sizes.get(spot, 0) + 1
    by_colour: dict[str, list[Point]] = {}
    for spot, at, rank in zip(spots, swarm.adds, swarm.ranks, strict=True):
        height = piles[spot] = piles.get(spot, -1) + 1
        step = min(0.11, 0.8 / sizes[spot])
        offset = (height + 1) // 2 * step * (1 if height % 2 else -1)
        by_colour.setdefault(_colour(rank), []).append((at, row + offset))
    for colour, points in sorted(by_colour.items()):
        yield panel.dots(points, colour, size=3)


def _colour(rank: float) -> str:
    if math.isnan(rank):
        return GREY
    return _RISING[min(int(rank * len(_RISING)), len(_RISING) - 1)]


def _panel(term: AnyTerm) -> Panel:
    if isinstance(term, Pair):
        return _pair_panel(term)
    if isinstance(term, Categories):
        return _bar_panel(term)
    points = list(_points(term))
    panel = Panel(
        term.name,
        Axis.around([at for at, _ in points]),
        Axis.around([0.0, *(adds for _, adds in points)], _ADDS),
        width=_WIDTH,
        height=_HEIGHT,
    )
    return panel.with_marks(panel.line(points))


def _bar_panel(term: Categories) -> Panel:
    axis = Axis.around([0.0, *term.values], _ADDS)
    panel = Panel(term.name, Axis.of_names(term.categories), axis, _WIDTH, _HEIGHT)
    pairs = enumerate(zip(term.categories, term.values, strict=True))
    bars = [
        panel.box((n - 0.35, 0.0), (n + 0.35, adds), INK, f"{name}: {adds:.3g}")
        for n, (name, adds) in pairs
    ]
    return panel.with_marks(*bars)


def _pair_panel(pair: Pair) -> Panel:
    """Draw a box a cell: blue takes away from the log-odds, orange adds."""
    rows, columns = _bin_names(pair.first), _bin_names(pair.second)
    most = max(abs(value) for row in pair.values for value in row) or 1.0
    panel = Panel(
        pair.name,
        Axis.of_names(list(rows.values()), pair.first.name),
        Axis.of_names(list(columns.values()), pair.second.name),
        width=_WIDTH,
        height=_HEIGHT,
        left=110,
    )
    cells = [
        panel.box(
            (x - 0.5, y - 0.5),
            (x + 0.5, y + 0.5),
            _shade(pair.values[n][m] / most),
            f"{first}, {second}: {pair.values[n][m]:.3g}",
        )
        for x, (n, first) in enumerate(rows.items())
        for y, (m, second) in enumerate(columns.items())
    ]
    return panel.with_marks(*cells)


def _shade(share: float) -> str:
    """Return blue at -1, pale at 0 and orange at 1."""
    end = _WARM if share > 0 else _COLD
    pairs = zip(_PALE, end, strict=True)
    mixed = (round(pale + (full - pale) * abs(share)) for pale, full in pairs)
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _bin_names(axis: Steps | Categories) -> dict[int, str]:
    """Return what each row or column of a pair holds, in words."""
    if isinstance(axis, Categories):
        words = list(axis.categories)
    else:
        words = [*(f"up to {edge:.12g}" for edge in axis.edges), "above"]
    pairs = list(zip(axis.values, words, strict=True))
    if axis.missing is not None:
        pairs.append((axis.missing, "not known"))
    named: dict[int, list[str]] = {}
    for place, word in pairs:
        named.setdefault(int(place), []).append(word)
    return {place: ", ".join(named[place]) for place in sorted(named)}


def _points(term: Steps | Line | Log) -> Iterator[Point]:
    """Yield the corners of a staircase, or two points of a line."""
    if isinstance(term, Line):
        yield from ((term.centre + x, term.weight * x) for x in (-1.0, 1.0))
        return
    if isinstance(term, Log):
        yield from ((math.exp(term.centre + x / 4), x / 4) for x in range(-8, 9))
        return
    edges = term.edges or (0.0,)
    margin = _MARGIN * (edges[-1] - edges[0]) or 1.0
    corners = [edges[0] - margin, *term.edges, edges[-1] + margin]
    for (left, right), adds in zip(pairwise(corners), term.values, strict=True):
        yield left, adds
        yield right, adds
