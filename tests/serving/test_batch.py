"""The batch on a small place with links made by hand, from records to the ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.snapshots.snapshot import definition_sha256
from models.definitions.bundle import Rate
from models.definitions.definition import ScoreDefinition
from models.definitions.freezing import freeze
from models.definitions.states import State
from models.ledger.cases import (
    CaseFile,
    ScoreRow,
    case_of,
    first_withheld_for_link,
    newest_batch,
    records_of,
)
from models.ledger.ledger import Ledger
from models.ledger.promotions import promote
from models.tables.table import TableModel
from models.tables.terms import Steps
from serving.batch import Stores, run_batch
from tests.features.small_place import day
from tests.features.snapshots.doubtful import (
    AS_OF,
    IDENTITIES,
    LOADS,
    ON,
    PLACE,
    Pair,
    entities_by,
    link,
    store_of,
)
from tests.made_up_score import NOW, clock, new_ledger


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
            "source": "homes",
            "calendar": {"first": day("2024-01-01"), "every_months": 1},
        },
        "outcome": {
            "source": "visits",
            "filter": "kind = 'b'",
            "horizon_days": 365,
            "recording_lag_days": 30,
            "label": "A visit of kind B",
        },
        "indicators": ["count", "at_home", "fires"],
        "families": ["additive"],
        "judgement": {"first": day("2025-01-01"), "capacity": 1, "rule": "count"},
        "bands": [
            {"name": "high", "label": "Higher", "from_rank": 0.6},
            {"name": "low", "label": "Lower", "from_rank": 0.0},
        ],
        "approvals": [
            {
                "role": "Board",
                "approved_on": day("2024-01-01"),
                "expires": day("2030-12-31"),
            }
        ],
        "doubt": {"withhold_across_bands": True},
    }
)
TERMS = (
    Steps("count", (1.0,), (-0.5, 0.5), missing=0.0),
    Steps("at_home", (1.0,), (0.0, 0.1), missing=0.0),
    Steps("fires", (0.0,), (0.0, 0.1), missing=0.0),
)
# Name 13 is one of person 1's with 3 in 5, and name 15 of person 3's with nearly 1.
DOUBTED: list[Pair] = [(1, 13, 0.6, "merged"), (3, 15, 0.9999, "merged")]


def scored(folder: Path, pairs: list[Pair], holds: dict[int, float]) -> Ledger:
    """Return the ledger after one batch over a place that is linked by `pairs`."""
    store = store_of(folder, *LOADS)
    link(store, IDENTITIES, entities_by(pairs), pairs, holds).close()
    facts = {"definition_sha256": definition_sha256(PLACE, SCORE.plan())}
    model = TableModel("additive", -1.0, TERMS, facts)
    rate = Rate(share=0.1, low=0.05, high=0.15)
    ledger = new_ledger(folder)
    promote(
        ledger,
        freeze(SCORE, PLACE, model, version=1, base_rate=rate),
        by="Analyst",
        at=NOW,
    )
    # The newest load came in 2030, so that no source is stale on the day of the run.
    stores = Stores(store.warehouse, ledger)
    run_batch(stores, PLACE, SCORE, [AS_OF], on=ON, clock=clock)
    return ledger


def row_of(ledger: Ledger, person: int) -> ScoreRow:
    with ledger.reading() as connection:
        batch = newest_batch(connection, "care")
        assert batch is not None
        row = case_of(connection, batch, f"person-{person}")
        assert row is not None
        return row


def case_file(ledger: Ledger, person: int) -> CaseFile:
    given = row_of(ledger, person).given
    assert not isinstance(given, State)
    return given.case_file


def test_a_score_that_another_name_would_move_across_bands_is_withheld(
    tmp_path: Path,
) -> None:
    ledger = scored(tmp_path, DOUBTED, {13: 0.6, 15: 0.9999})

    # With the name person 1 has three visits and is the highest of three, else one.
    row = row_of(ledger, 1)
    assert row.given is State.LINK_UNCERTAIN
    assert row.withheld is not None
    assert row.withheld.bands == ["low", "high"]
    assert row.withheld.lowest_link == pytest.approx(0.6)
    assert first_withheld_for_link(ledger, "care") == row


def test_who_lives_with_someone_doubted_has_a_range(tmp_path: Path) -> None:
    ledger = scored(tmp_path, DOUBTED, {13: 0.6, 15: 0.9999})

    doubt = case_file(ledger, 2).doubt
    assert doubt is not None
    # Three visits by all at home, or one: .1 more or none.
    low, high = doubt.log_odds
    assert high - low == pytest.approx(0.1)


def test_a_pair_that_is_sure_moves_nothing(tmp_path: Path) -> None:
    ledger = scored(tmp_path, DOUBTED[1:], {15: 0.9999})

    for person in (1, 2, 3):
        given = row_of(ledger, person).given
        assert not isinstance(given, State)
        doubt = given.case_file.doubt
        assert doubt is not None
        assert doubt.log_odds == (given.log_odds, given.log_odds)
        assert doubt.survival == {}


def test_evidence_keeps_the_lowest_link_and_the_product_over_names_not_records(
    tmp_path: Path,
) -> None:
    pairs: list[Pair] = [(3, 13, 0.9992, "merged"), (3, 15, 0.9995, "merged")]

    ledger = scored(tmp_path, pairs, {13: 0.9992, 15: 0.9995})

    # Records 13 and 14 are of one name: its link counts once.
    behind = case_file(ledger, 3).evidence["count"]
    assert behind.total == 4
    assert behind.lowest_link == pytest.approx(0.9992)
    assert behind.link_product == pytest.approx(0.9992 * 0.9995)


def test_the_same_links_give_the_same_batch_to_the_byte(tmp_path: Path) -> None:
    first, again = (
        scored(tmp_path / name, DOUBTED, {13: 0.6, 15: 0.9999}) for name in "ab"
    )

    assert [row_of(first, n) for n in (1, 2, 3)] == [
        row_of(again, n) for n in (1, 2, 3)
    ]


def test_other_peoples_records_are_named_for_those_who_may_look_at_them(
    tmp_path: Path,
) -> None:
    ledger = scored(tmp_path, [], {})

    # Persons 1 and 2 live together; record 11 is of a visit of person 1.
    behind = case_file(ledger, 2).evidence["at_home"]
    assert (11, 2) in behind.records
    with ledger.reading() as connection:
        stored = records_of(connection, behind.records)
    assert {(r.record_id, r.load) for r in stored} == set(behind.records)
