"""A batch writes what may be shown, of whoever is given a score, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from features.definitions.place import Place
from features.snapshots.snapshot import definition_sha256
from models.bundle import Rate
from models.definition import ScoreDefinition
from models.freezing import freeze
from models.ledger import Ledger
from models.ledger_tables import records, scores
from models.promotions import promote
from models.table import TableModel
from models.terms import Steps
from serving.batch import Stores, run_batch
from tests.features.small_place import Row, Store, contract, day, family, place
from tests.made_up_score import new_ledger
from tests.serving.conftest import Service


ON = day("2024-06-02")
PERSON_AND_PAIR = [{"kind": kind, "key": ["id"]} for kind in ("person", "household")]
HOMES = contract("homes", title="Homes")
CARERS = contract("carers", about=PERSON_AND_PAIR, title="Carers")
VISITS = contract("visits", title="Visits")
CARER_OF = {
    "name": "carer_of",
    "of": "person",
    "to": "household",
    "source": "carers",
    "many": True,
    "filter": "kind = 'a'",
    "counts": "kind = 'b'",
    "others_only": True,
}
# Person 1 cares for 2 and 3; person 4 has died.
HOMES_ROWS: list[Row] = [
    {"record": n, "person": n, "on": "2020-01-01", "done": n == 4} for n in range(1, 5)
]
CARING: list[Row] = [
    {"record": 11, "person": 1, "household": 7, "on": "2023-01-01", "kind": "a"},
    {"record": 12, "person": 2, "household": 7, "on": "2023-01-01", "kind": "b"},
    {"record": 13, "person": 1, "household": 8, "on": "2023-01-01", "kind": "a"},
    {"record": 14, "person": 3, "household": 8, "on": "2023-01-01", "kind": "b"},
]
VISITED: list[Row] = [
    {"record": 21, "person": 1, "on": "2024-05-01", "number": 111},
    {"record": 22, "person": 2, "on": "2024-05-02", "number": 222},
    {"record": 23, "person": 3, "on": "2024-05-03", "number": 333},
    {"record": 24, "person": 4, "on": "2024-05-04", "number": 444},
]


@dataclass(frozen=True)
class Batch:
    """A ledger with one batch of the four people."""

    folder: Path
    ledger: Ledger

    def rows(self, table: sa.Table) -> Sequence[Any]:
        with self.ledger.reading() as connection:
            return connection.execute(sa.select(table)).all()

    def evidence(self) -> dict[str, Any]:
        """Return the evidence in the case file of everyone who has a score."""
        return {
            row.entity_id: json.loads(row.case_file)["evidence"]
            for row in self.rows(scores)
            if row.state is None
        }

    def get(self, path: str) -> Any:
        now = dt.datetime.combine(ON, dt.time(9), dt.UTC)
        return Service(self.folder, self.ledger, now).get(path).json()


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    store = Store(tmp_path).load(HOMES, HOMES_ROWS, received="2024-06-01")
    store.load(CARERS, CARING, received="2024-06-01")
    store.load(VISITS, VISITED, received="2024-06-01")
    small, score = made_up_place(), made_up_score()
    facts = {"definition_sha256": definition_sha256(small, score.plan())}
    terms = tuple(Steps(n, (0.0,), (0.1, 0.4), missing=0.0) for n in ("own", "others"))
    model = TableModel("additive", -2.0, terms, facts)
    rate = Rate(share=0.1, low=0.05, high=0.2)
    ledger = new_ledger(tmp_path)
    now = dt.datetime.combine(ON, dt.time(8), dt.UTC)
    frozen = freeze(score, small, model, version=1, base_rate=rate)
    promote(ledger, frozen, by="Analyst", at=now)
    run_batch(
        Stores(store.warehouse, ledger),
        small,
        score,
        [day("2024-06-01")],
        on=ON,
        clock=lambda: now,
    )
    return Batch(tmp_path, ledger)


def made_up_place() -> Place:
    return place(
        [HOMES, CARERS, VISITS],
        [
            family("count", name="own"),
            family("count", name="others", relation="carer_of"),
            family("latest", name="has_died", source="homes", column="done"),
        ],
        relations=[CARER_OF],
    )


def made_up_score() -> ScoreDefinition:
    day_ = day("2024-01-01")
    return ScoreDefinition.model_validate(
        {
            "name": "care",
            "question": "?",
            "purpose": "planning",
            "forbidden_uses": ["refuse", "reduce", "ration"],
            "limits": ["none"],
            "contact_role": "analyst",
            "cohort": {
                "entity": "person",
                "source": "homes",
                "calendar": {"first": day_, "every_months": 1},
                "exits": [{"state": "died", "when": "has_died"}],
            },
            "outcome": {
                "source": "visits",
                "filter": "kind = 'b'",
                "horizon_days": 90,
                "recording_lag_days": 30,
                "label": "b",
            },
            "indicators": ["own", "others"],
            "families": ["additive"],
            "judgement": {"first": day_, "capacity": 10, "rule": "own"},
            "bands": [{"name": "all", "label": "all", "from_rank": 0.0}],
            "approvals": [
                {"role": "board", "approved_on": day_, "expires": day("2030-01-01")}
            ],
        }
    )


def test_the_ledger_holds_no_record_of_those_one_cares_for(batch: Batch) -> None:
    evidence = batch.evidence()["person-1"]

    others = evidence["others"]

    assert (others["total"], others["records"]) == (2, [])
    assert others["earliest_event"] == "2024-05-02"
    assert others["latest_event"] == "2024-05-03"
    assert [pair[0] for pair in evidence["own"]["records"]] == [21]


def test_a_persons_records_are_kept_for_that_person_alone(batch: Batch) -> None:
    opened = {
        person: [record for record, _ in evidence["own"]["records"]]
        for person, evidence in batch.evidence().items()
    }

    assert opened == {"person-1": [21], "person-2": [22], "person-3": [23]}


def test_nothing_is_kept_of_whoever_is_in_a_named_state(batch: Batch) -> None:
    [stated] = [row for row in batch.rows(scores) if row.state is not None]

    assert (stated.entity_id, stated.state) == ("person-4", "died")
    assert {row.record_id for row in batch.rows(records)} == {21, 22, 23}


def test_evidence_of_whom_one_cares_for_is_a_count_a_source_and_dates_only(
    batch: Batch,
) -> None:
    answer = batch.get("/v1/scores/care/person-1/evidence/others")

    assert (answer["total"], answer["source"]) == (2, "Visits")
    assert (answer["first_event"], answer["last_event"]) == ("2024-05-02", "2024-05-03")
    assert answer["records"] == []
    assert not any(hint in json.dumps(answer) for hint in ("222", "333", "person-2"))


def test_a_reason_about_others_says_how_many_and_when_and_not_which(
    batch: Batch,
) -> None:
    answer = batch.get("/v1/scores/care/person-1")

    [about_others] = [
        reason
        for reason in answer["reasons"]["raises"]
        if reason["indicator"] == "others"
    ]
    assert (about_others["records"], about_others["latest_event"]) == (2, "2024-05-03")
    assert "record_id" not in json.dumps(answer)
