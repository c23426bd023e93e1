"""What a person adds up on the printed page is what the model says, to the band."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.families.estimators import fit_points
from models.families.inputs import columns_of, read_training
from models.shown.line_words import LineWords, line_words
from models.shown.points_card import read_card
from models.shown.points_page import points_card
from models.tables.table import TableModel
from models.tables.terms import Categories, Steps
from tests.features.small_place import contract, family, place
from tests.models.by_hand import by_hand, risks
from tests.models.conftest import People, some_people


BANDS = [("Usual", 0.0), ("High: visit soon", 0.75), ("Highest", 0.95)]
HOMES = {"owned": "their own", "rented": "rented from someone", "shared": "shared"}
PEOPLE = some_people(3_000, seed=7)


def with_a_flag(people: People) -> pd.DataFrame:
    draw = np.random.default_rng(3)
    often = draw.random(len(people.table)) < 0.2 + 0.4 * people.outcome
    return people.table.assign(often=often.astype(float))


def words(name: str) -> LineWords:
    meanings = HOMES if name == "tenure" else {}
    return LineWords(name.replace("_", " "), meanings, is_yes_or_no=name == "often")


TABLE = with_a_flag(PEOPLE)
MODEL = fit_points(
    read_training(TABLE, PEOPLE.outcome, indicators=list(TABLE), directions={}), seed=1
)
AMONG = MODEL.log_odds(columns_of(TABLE, MODEL.names))
PAGE = points_card(MODEL, title="Will they?", words=words, bands=BANDS, among=AMONG)


def as_told(row: dict[str, float | str | None]) -> dict[str, float | str | None]:
    """Return a person's values as somebody would tell them: by the page's words."""
    told = {words(name).label: value for name, value in row.items()}
    return {**told, "tenure": HOMES.get(str(row["tenure"]), row["tenure"])}


def band_by_model(row: dict[str, float | str | None]) -> str | None:
    log_odds = MODEL.log_odds_of(row)
    if math.isnan(log_odds):
        return None
    rank = np.searchsorted(np.sort(AMONG), log_odds, side="left") / len(AMONG)
    return [label for label, from_rank in BANDS if from_rank <= rank][-1]


def near_edges(name: str) -> st.SearchStrategy[float]:
    (term,) = [term for term in MODEL.terms if term.name == name]
    edges = term.edges if isinstance(term, Steps) else ()
    around = [e + step for e in edges for step in (-1.0, -1e-9, 0.0, 1e-9, 1.0)]
    return st.sampled_from(around) if around else st.just(0.0)


def numbers(name: str) -> st.SearchStrategy[float | None]:
    many = st.floats(-1e6, 1e6, allow_nan=False)
    return st.one_of(st.none(), near_edges(name), st.integers(-5, 30).map(float), many)


made_up_people = st.fixed_dictionaries(
    {
        **{name: numbers(name) for name in ("visits", "income", "tiny", "constant")},
        "never_known": st.none(),
        "often": st.sampled_from([0.0, 1.0, None]),
        "tenure": st.sampled_from([*HOMES, "a houseboat", None]),
        "band": st.sampled_from(["under 18", "18 to 64", "65 and over", None]),
    }
)


@given(made_up_people)
@settings(max_examples=500, deadline=None)
def test_a_made_up_person_comes_to_the_same_band_by_hand(person):
    added_up = by_hand(PAGE, as_told(person))

    if added_up is None:
        assert math.isnan(MODEL.log_odds_of(person))
    else:
        total, band = added_up
        assert (total, band) == (
            read_card(MODEL).points_of(person),
            band_by_model(person),
        )


def test_all_kinds_of_values_stand_on_the_page_and_people_reach_every_band():
    later = with_a_flag(some_people(500, seed=8)).astype(object)

    found = set()
    for row in later.to_dict("records"):
        person = {name: None if pd.isna(v) else v for name, v in row.items()}
        added_up = by_hand(PAGE, as_told(person))
        found.add(added_up and added_up[1])

    assert found == {label for label, _ in BANDS}
    assert "often — no: **0** · yes: **" in PAGE
    assert "not known: **" in PAGE
    assert "rented from someone" in PAGE


def test_a_value_that_no_line_holds_has_no_score_by_hand_either():
    person = dict.fromkeys(MODEL.names) | {"tenure": "a houseboat"}

    assert by_hand(PAGE, as_told(person)) is None
    assert "Where nothing on a line fits, there is no score." in PAGE


def test_the_example_on_the_page_adds_up():
    (example,) = re.findall(r"^Somebody made up: (.+)$", PAGE, flags=re.MULTILINE)
    parts, total, band = re.fullmatch(r"(.+)\. Total (\d+): (.+)\.", example).groups()

    points = [int(part.rsplit(", ", 1)[1]) for part in parts.split("; ")]
    assert sum(points) == int(total)
    assert band in {label for label, _ in BANDS}


def test_the_page_tells_the_model_s_own_risks():
    card = read_card(MODEL)

    for total, of_100 in risks(PAGE).items():
        assert of_100 == pytest.approx(100 * card.risk_at(total), abs=0.5)


def test_the_page_is_one_page():
    assert len(PAGE.splitlines()) <= 50
    assert max(map(len, PAGE.splitlines())) <= 400


def test_a_line_is_called_as_the_place_calls_it():
    codes = {"name": "kind", "type": "code", "values": {"a": "owned", "b": "rented"}}
    columns = [
        {**column.model_dump(), **(codes if column.name == "kind" else {})}
        for column in contract("visits").columns
    ]
    families = [
        family("count", label="Visits", unit="minutes", windows_days=[365]),
        family("latest", label="Home", column="kind"),
        family("exists", label="A fall"),
    ]
    small = place([contract("visits", columns=columns)], families)

    found = {name: line_words(each, small) for name, each in small.indicators.items()}

    assert found["count"] == LineWords("Visits, the last 12 months, in minutes")
    assert found["latest"] == LineWords("Home", {"a": "owned", "b": "rented"})
    assert found["exists"] == LineWords("A fall", is_yes_or_no=True)


def test_a_card_whose_lines_give_nothing_has_an_example_too():
    terms = (
        Steps("visits", (), (0.0,), 0.0),
        Categories("tenure", ("owned",), (0.0,), None),
    )
    flat = TableModel("points", -1.0, terms)

    page = points_card(flat, title="?", words=words, bands=BANDS, among=np.zeros(10))

    assert "- visits" not in page
    assert "Somebody made up: tenure: their own, 0. Total 0: Usual." in page
