from __future__ import annotations

import datetime as dt
from dataclasses import replace

from models.definitions.bundle import Bundle, Rate
from models.definitions.definition import ScoreDefinition
from models.definitions.doubt import DoubtRules
from models.definitions.freezing import freeze
from models.tables.table import TableModel
from models.tables.terms import Categories, Steps
from tests.features.small_place import contract, family, place


PLACE = place(
    [contract(title="Visits made")],
    [
        family("count", windows_days=[90, 365], unit="visits", label="Visits"),
        family("latest", column="kind", label="Kind"),
        family("exists", label="Any visit"),
    ],
)
SCORE = ScoreDefinition.model_validate(
    {
        "name": "care",
        "question": "Will they?",
        "purpose": "planning",
        "forbidden_uses": ["refuse", "reduce", "ration"],
        "limits": ["It may be wrong."],
        "contact_role": "Head of care",
        "cohort": {
            "entity": "person",
            "source": "visits",
            "where": "exists = 1",
            "calendar": {"first": dt.date(2024, 1, 1), "every_months": 3},
        },
        "outcome": {
            "source": "visits",
            "filter": "kind = 'b'",
            "horizon_days": 365,
            "recording_lag_days": 30,
            "label": "A visit of kind B",
        },
        "indicators": ["count_90d", "count_365d", "latest", "exists"],
        "families": ["additive"],
        "judgement": {
            "first": dt.date(2025, 1, 1),
            "capacity": 10,
            "rule": "count_90d",
        },
        "bands": [{"name": "all", "label": "All", "from_rank": 0.0}],
        "approvals": [
            {
                "role": "Board",
                "approved_on": dt.date(2026, 1, 1),
                "expires": dt.date(2026, 12, 31),
            }
        ],
    }
)
MODEL = TableModel(
    "additive",
    -1.0,
    (
        Steps("count_365d", (1.0,), (-0.1, 0.2), missing=None),
        Categories("latest", ("a", "b"), (0.1, -0.1), missing=None),
        Steps("exists", (0.0,), (0.0, 0.1), missing=None),
    ),
)
RATE = Rate(share=0.1, low=0.05, high=0.15)


def test_a_bundle_words_exactly_the_indicators_that_the_model_uses():
    frozen = freeze(SCORE, PLACE, MODEL, version=2, base_rate=RATE)

    assert [one.name for one in frozen.indicators] == ["count_365d", "latest", "exists"]
    assert frozen.indicators[0].window_days == 365
    assert [one.value_type for one in frozen.indicators] == [
        "number",
        "category",
        "yes or no",
    ]
    assert frozen.indicators[1].categories == {"a": "A", "b": "B"}


def test_a_bundle_holds_promises_partners_and_the_place_it_came_from():
    frozen = freeze(SCORE, PLACE, MODEL, version=2, base_rate=RATE)

    (source,) = frozen.sources
    assert (source.title, source.partner) == ("Visits made", "Council")
    assert (source.cadence_days, source.greatest_age_days) == (30, 60)
    assert frozen.place_sha256 == PLACE.sha256
    assert frozen.cohort == "person in Visits made, where exists = 1"
    assert frozen.approvals[0].expires == dt.date(2026, 12, 31)


def test_a_bundle_says_whom_it_is_about_as_the_place_wrote_it():
    told = SCORE.model_copy(update={"about": "People whom somebody visits"})

    frozen, silent = (
        freeze(one, PLACE, MODEL, version=2, base_rate=RATE) for one in (told, SCORE)
    )

    assert (frozen.about, silent.about) == ("People whom somebody visits", None)


def test_a_bundle_keeps_how_doubt_in_links_is_carried_through():
    rules = DoubtRules(draws=40, sure=0.99, withhold_across_bands=True)
    doubted = SCORE.model_copy(update={"doubt": rules})

    frozen = freeze(doubted, PLACE, MODEL, version=2, base_rate=RATE)

    assert frozen.doubt == rules
    assert Bundle.model_validate_json(frozen.content).doubt == rules


def test_editing_a_place_changes_no_bundle_that_was_frozen_before():
    frozen = freeze(SCORE, PLACE, MODEL, version=2, base_rate=RATE)
    before = frozen.content

    edited = SCORE.model_copy(update={"question": "Will they really?"})
    again = freeze(
        edited, replace(PLACE, sha256="1" * 64), MODEL, version=2, base_rate=RATE
    )

    assert frozen.content == before
    assert again.sha256 != frozen.sha256


def test_an_indicator_about_a_related_entity_says_what_it_is_about():
    relation = {"name": "home", "of": "person", "to": "household", "source": "visits"}
    about = [{"kind": k, "identifiers": {"id": "id"}} for k in ("person", "household")]
    related = place(
        [contract(about=about)],
        [family("count", relation="home")],
        relations=[relation],
        entities=[
            {"kind": "person", "label": "Person", "plural": "People"},
            {"kind": "household", "label": "Household", "plural": "Households"},
        ],
    )
    cohort = SCORE.cohort.model_copy(update={"where": None})
    score = SCORE.model_copy(update={"indicators": ["count"], "cohort": cohort})
    model = replace(MODEL, terms=(Steps("count", (1.0,), (0.0, 0.1), missing=None),))

    frozen = freeze(score, related, model, version=1, base_rate=RATE)

    assert frozen.indicators[0].relation == "Household"
