from __future__ import annotations

from xml.etree import ElementTree

import pytest

from models.charts import beeswarm_chart, calibration_chart, curve_chart, shape_chart
from models.drawing import Axis
from models.pairs import Pair
from models.swarms import Swarm
from models.table import TableModel
from models.terms import Categories, Line, Steps


SVG = "{http://www.w3.org/2000/svg}"
AGE = Steps("age", (70.0, 80.0), (-0.5, 0.0, 0.75), missing=0.1)
AXES = (
    Steps("age", (80.0,), (0.0, 1.0), missing=0.0),
    Categories("tenure", ("own", "rents <1>"), (0.0, 1.0), missing=None),
)
MODEL = TableModel(
    "pairs",
    -1.0,
    (
        AGE,
        Line("visits", 1.0, 0.25, missing=None),
        Categories("area", ("north", "a & b"), (0.5, -0.5), missing=None),
        Pair("age and tenure", *AXES, ((0.5, -0.5), (1.0, 0.0))),
        Steps("flat", (), (0.0,), missing=None),
    ),
)


def read(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def words(svg: str) -> list[str]:
    return [each.text or "" for each in read(svg).iter(f"{SVG}text")]


def lines(svg: str) -> list[list[tuple[float, float]]]:
    return [
        [tuple(map(float, p.split(","))) for p in each.get("points", "").split()]
        for each in read(svg).iter(f"{SVG}polyline")
    ]


def test_every_term_has_its_panel_and_names_are_escaped():
    found = words(shape_chart(MODEL))

    assert {"age", "visits", "area", "age and tenure", "flat"} <= set(found)
    assert "a & b" in found


def test_each_cell_of_a_pair_says_what_it_is_of():
    cells = [each.text for each in read(shape_chart(MODEL)).iter(f"{SVG}title")]

    assert "up to 80, not known, rents <1>: -0.5" in cells
    assert "above, own: 1" in cells


def test_a_staircase_has_a_flat_step_for_each_value():
    [stairs] = lines(shape_chart(TableModel("additive", 0.0, (AGE,))))

    heights = [y for _, y in stairs]
    assert heights[0::2] == heights[1::2]
    assert heights[0] > heights[2] > heights[4]  # SVG counts downwards


def test_the_calibration_chart_has_a_dot_and_an_interval_for_each_group():
    rates = [
        {"mean_probability": 0.1, "share": 0.12, "low": 0.05, "high": 0.2},
        {"mean_probability": 0.3, "share": 0.25, "low": 0.15, "high": 0.4},
    ]

    svg = calibration_chart(rates)

    dots = next(read(svg).iter(f"{SVG}path")).get("d", "")
    assert dots.count("M") == 2
    assert len(lines(svg)) == 3  # the diagonal too
    assert {"0%", "20%", "40%"} <= set(words(svg))


def test_a_calibration_chart_of_no_group_is_empty():
    assert len(lines(calibration_chart([]))) == 1


def test_curves_are_named_in_their_colours():
    curves = {"additive": [(0.0, 0.0), (1.0, 1.0)], "rule": [(0.0, 0.0), (1.0, 0.5)]}

    svg = curve_chart(
        "ROC",
        curves,
        x="others",
        y="found",
        beside={"chance": [(0.0, 0.0), (1.0, 1.0)]},
    )

    named = {t.text: t.get("fill") for t in read(svg).iter(f"{SVG}text")}
    drawn = {line.get("stroke") for line in read(svg).iter(f"{SVG}polyline")}
    assert {named[name] for name in ("additive", "rule", "chance")} == drawn


def test_a_beeswarm_has_every_dot_and_says_what_one_is():
    swarms = [Swarm("age", (-1.0, 0.0, 2.0), (0.1, 0.5, 0.9), 8), Swarm("x", (), (), 0)]

    svg = beeswarm_chart(swarms)

    assert sum(p.get("d", "").count("M") for p in read(svg).iter(f"{SVG}path")) == 3
    assert "a dot is about 8 cases" in " ".join(words(svg))


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (0.0, 1.0, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (-0.31, 0.3, ["-0.2", "0", "0.2"]),
        (3.0, 3.0, ["3", "3.2", "3.4", "3.6", "3.8", "4"]),
        (0.0, 4_000.0, ["0", "1000", "2000", "3000", "4000"]),
    ],
)
def test_ticks_are_round(low: float, high: float, wanted: list[str]):
    assert [text for _, text in Axis(low, high).ticks()] == wanted
