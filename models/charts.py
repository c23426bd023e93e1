"""Charts: small pictures as SVG text, drawn by Vega-Lite without a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import vl_convert as vlc

from models.pairs import AnyTerm, Pair
from models.table import TableModel
from models.terms import Categories, Line, Steps


_WIDTH = 280
_HEIGHT = 180
_INK = "#00625e"
# A staircase is drawn a little beyond its outer edges.
_MARGIN = 0.05

Row = Mapping[str, float | str]


def calibration_chart(rates: Sequence[Row]) -> str:
    """Draw what was observed against what the model said, with intervals, as SVG.

    Args:
        rates: `mean_probability`, `share`, `low` and `high`, one a group of cases.
    """
    base = _chart(rates)
    said = alt.X("mean_probability:Q", title="the model said", axis=_percent())
    line = _chart(_diagonal(rates)).mark_line(strokeDash=[4, 4], color="grey")
    drawn = (
        line.encode(x="at:Q", y="at:Q")
        + base.mark_rule(color=_INK).encode(x=said, y="low:Q", y2="high:Q")
        + base.mark_circle(color=_INK, opacity=1).encode(
            x=said, y=alt.Y("share:Q", title="came true", axis=_percent())
        )
    )
    return _as_svg(drawn.properties(width=_WIDTH, height=_HEIGHT))


def shape_chart(model: TableModel) -> str:
    """Draw what each value of each indicator adds to the log-odds, as SVG."""
    panels = [_panel(term) for term in model.terms]
    return _as_svg(alt.concat(*panels, columns=3))


def _panel(term: AnyTerm) -> alt.Chart:
    if isinstance(term, Pair):
        return _pair_panel(term)
    if isinstance(term, Categories):
        pairs = zip(term.categories, term.values, strict=True)
        rows: list[Row] = [{"value": name, "adds": added} for name, added in pairs]
        chart = _chart(rows).mark_bar(color=_INK)
        return _sized(chart.encode(x="value:N", y=_ADDS), term.name)
    chart = _chart(_points(term))
    if isinstance(term, Steps):
        line = chart.mark_line(color=_INK, interpolate="step-before")
    else:
        line = chart.mark_line(color=_INK)
    return _sized(line.encode(x=alt.X("value:Q", title=None), y=_ADDS), term.name)


def _pair_panel(pair: Pair) -> alt.Chart:
    """Draw a square a cell, the darker the more the two add together."""
    names = [_bin_names(axis) for axis in (pair.first, pair.second)]
    rows: list[Row] = [
        {"first": first, "second": second, "adds": pair.values[n][m]}
        for n, first in names[0].items()
        for m, second in names[1].items()
    ]
    cells = (
        _chart(rows)
        .mark_rect()
        .encode(
            x=alt.X("first:N", title=pair.first.name, sort=None),
            y=alt.Y("second:N", title=pair.second.name, sort=None),
            color=alt.Color("adds:Q", title="adds"),
        )
    )
    return _sized(cells, pair.name)


def _bin_names(axis: Steps | Categories) -> dict[int, str]:
    """Return what each row or column of a pair holds, in words."""
    if isinstance(axis, Categories):
        named: dict[int, str] = {}
        for category, place in zip(axis.categories, axis.values, strict=True):
            joined = [named[int(place)]] if int(place) in named else []
            named[int(place)] = ", ".join([*joined, category])
    else:
        words = [*(f"up to {edge:.12g}" for edge in axis.edges), "above"]
        named = {int(v): w for v, w in zip(axis.values, words, strict=True)}
    if axis.missing is not None:
        named[int(axis.missing)] = "not known"
    return named


_ADDS = alt.Y("adds:Q", title="adds to the log-odds")


def _points(term: Steps | Line) -> list[dict[str, float]]:
    if isinstance(term, Line):
        ends = (term.centre - 1, term.centre + 1)
        return [{"value": x, "adds": term.weight * (x - term.centre)} for x in ends]
    if not term.edges:
        return [{"value": 0.0, "adds": term.values[0]}]
    margin = _MARGIN * max(term.edges[-1] - term.edges[0], 1.0)
    at = [term.edges[0] - margin, *term.edges, term.edges[-1] + margin]
    values = [term.values[0], *term.values]
    return [{"value": x, "adds": y} for x, y in zip(at, values, strict=True)]


def _diagonal(rates: Sequence[Row]) -> list[dict[str, float]]:
    names = ("mean_probability", "high")
    ends = [float(rate[name]) for rate in rates for name in names]
    return [{"at": 0.0}, {"at": max(ends, default=1.0)}]


def _chart(rows: Sequence[Row]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _percent() -> alt.Axis:
    return alt.Axis(format="%")


def _sized(chart: alt.Chart, title: str) -> alt.Chart:
    return chart.properties(title=title, width=_WIDTH // 2, height=_HEIGHT // 2)


def _as_svg(chart: alt.TopLevelMixin) -> str:
    svg: str = vlc.vegalite_to_svg(chart.to_json(), vl_version="v6_1")
    return svg
