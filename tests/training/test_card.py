"""The card of a model says what was found, with intervals, and no small number."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from features.definitions.place import Group, read_place
from features.faults import Fault
from models.definitions.definition import ScoreDefinition
from models.definitions.score_files import read_scores
from models.judging.gates import Gates, Necessity
from models.tables.table import TableModel
from models.tables.terms import Steps
from tests.features.small_place import contract, family, place
from tests.training.made_up_cases import ENDS, score
from tests.training.made_up_evaluation import (
    end,
    evaluation,
    figure,
    forecasts,
    source,
    verdict,
)
from tests.training.reading import GRADE_OF_TWELVE, grade
from training.cards.card import card_texts, texts_of
from training.cards.subject import Subject
from training.cards.summary import in_short


ROOT = Path(__file__).parents[2]
DAY = dt.date(2024, 7, 1)
PLACE = place([contract("visits")], [family("count", label="Visits")])
MODEL = TableModel(
    "additive", -2.0, (Steps("count", (1.0,), (-0.5, 0.5), missing=None),)
)


def card(found: dict[str, Any] | None = None, **changes: Any) -> str:
    definition = score(first=DAY, **changes)
    found = evaluation() if found is None else found
    subject = Subject(definition, PLACE, MODEL, found, version=3)
    return texts_of(subject)["card.md"]


def cells(text: str, row: str) -> list[str]:
    """Return the cells of the first row of a table that begins with a text."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {row}"))
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def test_a_card_follows_the_order_of_tripod_ai():
    items = re.findall(r"^## .*\(TRIPOD\+AI (\d+)", card(), flags=re.MULTILINE)

    numbers = [int(item) for item in items]
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (2, 27)


def test_every_figure_of_the_served_model_stands_with_its_interval():
    shown = card()

    auc = cells(shown, "AUC: how often")
    assert auc[1:] == [".810 (.780 to .840)", ".800 (.770 to .830)"]
    slope = cells(shown, "calibration slope")
    assert slope[1:] == ["cannot tell: too few cases"] * 2
    assert cells(shown, "boosted")[1] == ".815 (.785 to .845)"


def test_what_was_not_measured_is_told_as_such():
    shown = card({})

    assert "None" not in shown.replace("None is declared", "")
    assert (
        "We cannot tell how well it puts them in order: it was not measured." in shown
    )
    assert "Leaks: not looked for." in shown


def test_a_count_of_few_is_never_told_nor_what_it_could_be_had_from():
    few = [
        end("event", "outcome", 5, figure(0.0042, 0.001, 0.01)),
        end("no event", "none", 1_195, figure(0.9958, 0.99, 0.999)),
    ]

    shown = card(evaluation(judged_ends=few, judged_events=5, untold={"opted out": 3}))

    assert cells(shown, "the outcome came")[3:] == ["too few to tell"] * 2
    assert cells(shown, "none of these")[3:] == ["too few to tell"] * 2
    assert "opted out: too few to tell rows" in shown
    assert "judged on too few to tell rows" in shown


def test_groups_are_told_of_by_their_names_and_without_counts():
    codes = {"name": "kind", "type": "code", "values": {"F": "female", "M": "male"}}
    group = Group(name="sex", label="Sex", source="visits", column="kind")
    columns = [
        {**column.model_dump(), **(codes if column.name == "kind" else {})}
        for column in PLACE.contracts["visits"].columns
    ]
    with_groups = place([contract("visits", columns=columns)], [family("count")])
    with_groups.file.groups.append(group)

    shown = card_texts(
        score(first=DAY, groups=["sex"]), with_groups, MODEL, evaluation()
    )["card.md"]

    assert cells(shown, "Sex: female")[1] == ".200 (.100 to .300)"
    assert cells(shown, "Sex: male")[1] == "cannot tell: few"
    assert "412" not in shown


def test_each_gate_stands_with_its_limit_its_figure_and_its_verdict():
    shown = card(gates=Gates(least_lift=2.0, least_precision=0.28, source_margin=0.0))

    assert cells(shown, "least lift") == [
        "least lift",
        "2",
        "3.000 (2.400 to 3.600)",
        "passed",
    ]
    assert cells(shown, "least precision")[2:] == ["0.3 (0.25 to 0.35)", "DID NOT PASS"]
    assert cells(shown, "least sample")[3] == "passed"
    assert "It had to show 5 things, and failed to show 1." in shown
    assert cells(shown, "visits earns its place")[3] == "passed"


def test_a_source_that_is_necessary_stands_with_the_reason_for_it():
    why = Necessity(reason="the law asks for it", role="Board", decided_on=DAY)
    found = evaluation(sources=[source("visits", figure(0.0, -0.01, 0.01))])

    shown = card(found, gates=Gates(source_margin=0.0), necessary={"visits": why})

    assert cells(shown, "visits earns its place")[3] == "necessary"
    assert "visits is read all the same: the law asks for it (Board" in shown


def test_a_card_of_what_did_not_pass_says_so_and_why():
    fault = Fault("gates", "the lift, at worst, is at least 9", "2.4", "mend it")

    texts = texts_of(Subject(score(first=DAY), PLACE, MODEL, evaluation(), 3, (fault,)))

    shown = texts["card.md"]
    assert shown.startswith("# Did not pass.")
    assert "the lift, at worst, is at least 9: got 2.4. Next: mend it" in shown
    assert "It did not pass, and may not be used." in shown
    assert "Did not pass." in texts["card.html"]


def test_a_card_names_the_model_by_its_hash_and_version():
    shown = card()

    assert f"sha256 {MODEL.sha256}" in shown
    assert f"Registered as: {PLACE.name}.score, version 3" in shown


def test_a_card_tells_the_dates_the_choice_and_what_is_sealed():
    found = evaluation(
        sealed={"first": "2024-10-01", "last": "2024-10-01"},
        dates=[
            {
                "first": "2024-07-01",
                "last": "2024-07-01",
                "fitted_rows": 4_000,
                "judged_rows": 600,
                "figures": {"additive": {"auc": figure(0.79, 0.75, 0.83)}},
            }
        ],
        choice={
            "metric": "auc",
            "family": "additive",
            "families": [
                {
                    "family": "additive",
                    "regret": 0.001,
                    "standard_error": 0.002,
                    "is_within": True,
                }
            ],
        },
        calibration={
            "slope": figure(0.8, 0.7, 0.9),
            "intercept": figure(-0.1, -0.2, 0.0),
            "reason": "the slope's interval leaves out 1",
        },
        baselines=[
            {
                "name": "best rule",
                "indicator": "count",
                "figures": {"auc": figure(0.66, 0.6, 0.7)},
                "gain": {"auc": figure(0.15, 0.1, 0.2)},
                "reason": None,
            },
            {"name": "current practice", "indicator": None, "reason": "not recorded"},
        ],
    )

    shown = card(found)

    assert cells(shown, "2024-07-01")[2:] == ["4,000", "600", ".790 (.750 to .830)"]
    assert "Sealed until promotion, and opened once: 2024-10-01" in shown
    assert cells(shown, "additive | 0.0010")[1:] == ["0.0010", "0.0020", "yes"]
    assert "Before that: slope .800 (.700 to .900)" in shown
    assert cells(shown, "best rule: Visits")[3] == ".150 (.100 to .200)"
    assert cells(shown, "current practice")[1] == "cannot tell: not recorded"


def test_what_was_found_on_the_sealed_date_stands_beside_the_rest_once_it_is_open():
    opened = {
        "first": "2024-10-01",
        "last": "2024-10-01",
        "later": {"auc": figure(0.79, 0.75, 0.83)},
    }
    subject = Subject(score(first=DAY), PLACE, MODEL, evaluation(), 3, opened=opened)

    shown = texts_of(subject)["card.md"]

    assert "On 2024-10-01, sealed until its promotion and opened once:" in shown
    assert "| on that date |" in shown
    assert ".790 (.750 to .830) |" in shown


def test_the_summary_can_be_read_at_twelve():
    cases = [
        evaluation(),
        evaluation(sample=None, price={"auc": figure(0.02, 0.01, 0.03)}),
        {**evaluation(), "verdicts": {"additive": verdict(0.9, later={})}},
    ]
    for found in cases:
        definition = score(first=DAY, question="A visit within 90 days", ends=ENDS)
        section = in_short(Subject(definition, PLACE, MODEL, found))
        texts = [p for p in section.parts if isinstance(p, str)]
        texts += section.parts[-3].items

        assert grade(" ".join(texts)) <= GRADE_OF_TWELVE


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_stands_by_itself_and_runs_nothing():
    texts = card_texts(score(first=DAY, question="<b>&?"), PLACE, MODEL, evaluation())

    tags = Tags()
    tags.feed(texts["card.html"])
    assert tags.open == []
    assert not tags.seen & {"script", "link", "img", "iframe", "b"}
    assert tags.attributes == {"lang", "charset", "name", "content", "scope"}
    assert "&lt;b&gt;&amp;?" in texts["card.html"]


def test_every_row_of_a_table_has_as_many_cells_as_its_head():
    widths: dict[int, set[int]] = {}
    number = 0
    for line in card().splitlines():
        number += not line.startswith("|")
        if line.startswith("|"):
            widths.setdefault(number, set()).add(len(re.findall(r"(?<!\\)\|", line)))

    assert widths
    assert all(len(each) == 1 for each in widths.values())


def shipped() -> list[tuple[str, str]]:
    return [
        (folder.name, path.stem)
        for folder in sorted((ROOT / "places").iterdir())
        for path in sorted((folder / "scores").glob("*.toml"))
    ]


@pytest.mark.parametrize(("place_name", "score_name"), shipped())
def test_every_shipped_score_has_a_card(place_name: str, score_name: str):
    real, faults = read_place(ROOT / "places" / place_name)
    assert real is not None, faults
    definition: ScoreDefinition = read_scores(real)[0][score_name]
    terms = tuple(Steps(n, (1.0,), (-0.5, 0.5), 0.0) for n in definition.indicators)
    model = TableModel("additive", -2.0, terms)

    found = evaluation(above_rule=None)
    found = forecasts() if definition.outcome.is_number else found

    shown = card_texts(definition, real, model, found)

    assert definition.question in shown["card.html"]
    for limit in definition.limits:
        assert limit.split(":")[0][:40] in shown["card.md"]
