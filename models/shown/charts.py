"""Charts: small pictures as SVG text, drawn by Vega-Lite without a browser."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import altair as alt
import vl_convert as vlc

from models.families.pairs import AnyTerm, Pair
from models.shown.swarms import Swarm
from models.tables.table import TableModel
from models.tables.terms import Categories, Line, Log, Steps


_WIDTH, _HEIGHT = 340, 240
_SMALL = {"width": 150, "height": 90}
_INK, _GREY = "#00625e", "grey"
# Told apart by those who see no red or green: Okabe and Ito's.
_PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"]
# From the lowest values to the highest.
_RISING = ["#0072b2", "#6f6fb8", "#a06aa8", "#c4627a", "#d55e00"]
# A staircase is drawn a little beyond its outer edges.
_MARGIN = 0.05

Row = Mapping[str, float | str | None]
Point = tuple[float, float]


def calibration_chart(rates: Sequence[Row]) -> str:
    """Draw what was observed against what the model said, with intervals, as SVG.

    Args:
        rates: `mean_probability`, `share`, `low` and `high`, one a group of cases.
    """
    base = _chart(rates)
    said = alt.X("mean_probability:Q", title="the model said", axis=_percent())
    drawn = (
        _dashed(_diagonal(rates))
        + base.mark_rule(color=_INK).encode(x=said, y="low:Q", y2="high:Q")
        + base.mark_circle(color=_INK, opacity=1).encode(
            x=said, y=alt.Y("share:Q", title="came true", axis=_percent())
        )
    )
    title = "What came true against what the model said"
    return _as_svg(drawn.properties(title=title, width=_WIDTH, height=_HEIGHT))


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
    names = [*curves, *others]
    colours = [*_PALETTE[: len(curves)], *(_GREY for _ in others)]
    encoding = {
        "x": alt.X("x:Q", title=x, axis=_percent()),
        "y": alt.Y("y:Q", title=y, axis=_percent() if is_share else alt.Axis()),
        "color": alt.Color(
            "model:N", title=None, scale=alt.Scale(domain=names, range=colours)
        ),
        "order": "order:Q",
    }
    drawn = _chart(_curve_rows(curves)).mark_line().encode(**encoding)
    if others:
        dashed = _chart(_curve_rows(others)).mark_line(strokeDash=[4, 4])
        drawn = drawn + dashed.encode(**encoding)
    return _as_svg(drawn.properties(title=title, width=_WIDTH, height=_HEIGHT))


def shape_chart(model: TableModel) -> str:
    """Draw what each value of each indicator adds to the log-odds, as SVG."""
    panels = [_panel(term) for term in model.terms]
    title = "What each value adds to the log-odds"
    return _as_svg(
        alt.concat(*panels, columns=3, title=title).resolve_scale(color="independent")
    )


def beeswarm_chart(swarms: Sequence[Swarm]) -> str:
    """Draw what the indicators add for all cases, the weightiest first, as SVG.

    Args:
        swarms: One an indicator, or pair of them, from the top.
    """
    each = swarms[0].cases_a_dot if swarms else 0
    rows = [row for swarm in swarms for row in _dots(swarm)]
    colour = alt.Color(
        "rank:Q",
        title="its value, from low to high",
        scale=alt.Scale(type="quantize", domain=[0, 1], range=_RISING),
        legend=alt.Legend(format="%", gradientLength=100),
    )
    names = [swarm.name for swarm in swarms]
    drawn = (
        _chart(rows)
        .mark_circle(size=10, opacity=1, invalid=None)
        .encode(
            x=alt.X("adds:Q", title="adds to the log-odds"),
            y=alt.Y("name:N", title=None, sort=names, scale=alt.Scale(domain=names)),
            yOffset=alt.YOffset("offset:Q", scale=alt.Scale(domain=[-1, 1])),
            color=alt.condition("datum.rank == null", alt.value(_GREY), colour),
        )
    )
    title = f"What each indicator adds; a dot is about {each} cases"
    return _as_svg(drawn.properties(title=title, width=_WIDTH, height=alt.Step(24)))


def _dots(swarm: Swarm) -> Iterator[Row]:
    """Yield a dot a row; those that would meet are piled up to both sides."""
    width = (max(swarm.adds) - min(swarm.adds)) / 60 if swarm.adds else 0.0
    piles: dict[int, int] = {}
    for adds, rank in zip(swarm.adds, swarm.ranks, strict=True):
        spot = round(adds / width) if width else 0
        height = piles[spot] = piles.get(spot, -1) + 1
        offset = (height + 1) // 2 * 0.12 * (1 if height % 2 else -1)
        known = None if math.isnan(rank) else rank
        inside = max(-1.0, min(1.0, offset))
        yield {"name": swarm.name, "adds": adds, "rank": known, "offset": inside}


def _curve_rows(curves: Mapping[str, Sequence[Point]]) -> list[Row]:
    return [
        {"model": name, "x": x, "y": y, "order": float(number)}
        for name, points in curves.items()
        for number, (x, y) in enumerate(points)
    ]


def _panel(term: AnyTerm) -> alt.Chart:
    if isinstance(term, Pair):
        return _pair_panel(term)
    if isinstance(term, Categories):
        pairs = zip(term.categories, term.values, strict=True)
        rows: list[Row] = [{"value": name, "adds": added} for name, added in pairs]
        chart = _chart(rows).mark_bar(color=_INK)
        return _sized(chart.encode(x=alt.X("value:N", title=None), y=_ADDS), term.name)
    corners = [{**p, "order": float(n)} for n, p in enumerate(_points(term))]
    line = _chart(corners).mark_line(color=_INK)
    drawn = line.encode(x=alt.X("value:Q", title=None), y=_ADDS, order="order:Q")
    return _sized(drawn, term.name)


def _pair_panel(pair: Pair) -> alt.Chart:
    """Draw a square a cell: blue takes away from the log-odds, orange adds."""
    names = [_bin_names(axis) for axis in (pair.first, pair.second)]
    rows: list[Row] = [
        {"first": first, "second": second, "adds": pair.values[n][m]}
        for n, first in names[0].items()
        for m, second in names[1].items()
    ]
    scale = alt.Scale(domainMid=0, range=[_PALETTE[0], "#eeeeee", _PALETTE[1]])
    cells = (
        _chart(rows)
        .mark_rect()
        .encode(
            x=alt.X("first:N", title=pair.first.name, sort=None),
            y=alt.Y("second:N", title=pair.second.name, sort=None),
            color=alt.Color("adds:Q", title="adds", scale=scale),
        )
    )
    return _sized(cells, pair.name)


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


_ADDS = alt.Y("adds:Q", title="adds to the log-odds")


def _points(term: Steps | Line | Log) -> Iterator[Row]:
    """Yield the corners of a staircase, or points of a line."""
    if isinstance(term, Line):
        for x in (-1.0, 1.0):
            yield {"value": term.centre + x, "adds": term.weight * x}
    elif isinstance(term, Log):
        for x in range(-8, 9):
            yield {"value": math.exp(term.centre + x / 4), "adds": x / 4}
    else:
        edges = term.edges or (0.0,)
        margin = _MARGIN * (edges[-1] - edges[0]) or 1.0
        corners = [edges[0] - margin, *term.edges, edges[-1] + margin]
        for (left, right), adds in zip(pairwise(corners), term.values, strict=True):
            yield {"value": left, "adds": adds}
            yield {"value": right, "adds": adds}


def _diagonal(rates: Sequence[Row]) -> list[Row]:
    most = max((float(rate["high"] or 0.0) for rate in rates), default=1.0)
    return [{"at": 0.0}, {"at": most}]


def _dashed(ends: Sequence[Row]) -> alt.Chart:
    line: alt.Chart = _chart(ends).mark_line(strokeDash=[4, 4], color=_GREY)
    return line.encode(x="at:Q", y="at:Q")


def _chart(rows: Iterable[Row]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _percent() -> alt.Axis:
    return alt.Axis(format="%")


def _sized(chart: alt.Chart, title: str) -> alt.Chart:
    return chart.properties(title=title, **_SMALL)


def _as_svg(chart: alt.TopLevelMixin) -> str:
    svg: str = vlc.vegalite_to_svg(chart.to_json(), vl_version="v6_1")
    return svg
