from __future__ import annotations

from xml.etree import ElementTree

from models.families.pairs import Pair
from models.shown.charts import (
    beeswarm_chart,
    calibration_chart,
    curve_chart,
    shape_chart,
)
from models.shown.swarms import Swarm
from models.tables.table import TableModel
from models.tables.terms import Categories, Line, Steps


SVG = "{http://www.w3.org/2000/svg}"
ROLE = "aria-roledescription"
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


def words(svg: str) -> set[str]:
    return {each.text or "" for each in read(svg).iter(f"{SVG}text")}


def marks(svg: str, kind: str) -> list[ElementTree.Element]:
    """Return the paths of one kind of mark: "line mark", "circle" ..."""
    return [p for p in read(svg).iter(f"{SVG}path") if p.get(ROLE) == kind]


def test_every_term_has_its_panel_and_names_are_escaped():
    found = words(shape_chart(MODEL))

    assert {"age", "visits", "area", "age and tenure", "flat"} <= found
    assert "a & b" in found


def test_each_cell_of_a_pair_says_what_it_is_of():
    found = words(shape_chart(MODEL))

    assert {"up to 80, not known", "above", "own", "rents <1>"} <= found
    assert len(marks(shape_chart(MODEL), "rect mark")) == 4


def test_a_staircase_has_a_flat_step_for_each_value():
    [stairs] = marks(shape_chart(TableModel("additive", 0.0, (AGE,))), "line mark")

    corners = [pair.split(",") for pair in stairs.get("d", "")[1:].split("L")]
    heights = [float(y) for _, y in corners]
    assert heights[0::2] == heights[1::2]
    assert heights[0] > heights[2] > heights[4]  # SVG counts downwards


def test_the_calibration_chart_has_a_dot_and_an_interval_for_each_group():
    rates = [
        {"mean_probability": 0.1, "share": 0.12, "low": 0.05, "high": 0.2},
        {"mean_probability": 0.3, "share": 0.25, "low": 0.15, "high": 0.4},
    ]

    svg = calibration_chart(rates)

    assert len(marks(svg, "circle")) == 2
    assert {"0%", "20%", "40%"} <= words(svg)


def test_a_calibration_chart_of_no_group_is_empty():
    assert marks(calibration_chart([]), "circle") == []


def test_curves_are_named_in_their_colours():
    curves = {"additive": [(0.0, 0.0), (1.0, 1.0)], "rule": [(0.0, 0.0), (1.0, 0.5)]}
    beside = {"chance": [(0.0, 0.0), (1.0, 1.0)]}

    svg = curve_chart("ROC", curves, x="others", y="found", beside=beside)

    lines = marks(svg, "line mark")
    assert len({line.get("stroke") for line in lines}) == len(lines) == 3
    assert {"additive", "rule", "chance"} <= words(svg)


def test_a_beeswarm_has_every_dot_and_says_what_one_is():
    ranks = (0.1, float("nan"), 0.9)
    swarms = [Swarm("age", (-1.0, 0.0, 2.0), ranks, 8), Swarm("x", (), (), 0)]

    svg = beeswarm_chart(swarms)

    assert len(marks(svg, "circle")) == 3
    assert {"age", "x"} <= words(svg)
    assert "a dot is about 8 cases" in " ".join(words(svg))
