"""The jobs behind `lamppost link review` and `lamppost link changes`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from features.faults import Misuse
from lamppost import jobs, link_jobs
from lamppost.opened import Open
from lamppost.settings import Settings, pseudonym_key
from models.ledger.batches import Batch, CaseRows, write_batch
from models.ledger.cases import CaseFile, Scored, ScoreRow
from models.ledger.promotions import promote
from tests.features.people import CROWD, Office, Row, person
from tests.made_up_score import AS_OF, NOW, RECEIVED, bundle, clock


ANN = person("Ann Smith", "1944-03-02", "AV1 1AA")
ROSE = person("Rose Smith", "1944-03-02", "AV1 1AA")
AT = dt.datetime(2030, 1, 2, tzinfo=dt.UTC)


def opened(folder: Path, *rows: Row) -> Open:
    office = Office(folder)
    office.load([*rows, *CROWD])
    settings = Settings(
        place=folder,
        store=folder,
        ledger_url=f"sqlite:///{folder / 'ledger.db'}",
        tracking_uri="",
        key_file=folder / "keys" / "key",
        audit_key_file=folder / "keys" / "audit.key",
        anchors=folder / "anchors",
        origins={},
    )
    office.link(pseudonym_key(settings))
    return Open(settings, office.place, {})


def decide(place: Open, pair: str, verdict: str) -> dict[str, Any]:
    return link_jobs.decide(place, pair, verdict, by="data steward", at=AT)


def test_the_queue_shows_both_sides_of_each_pair(tmp_path: Path) -> None:
    answer = link_jobs.review(opened(tmp_path, ANN, ROSE))

    [pair] = answer["pairs"]
    assert answer["waiting"] == 1
    assert {
        "pair": pair["pair"],
        "attribute": "forename",
        "left": "Ann",
        "right": "Rose",
    } in answer["identifiers"]


def test_a_decided_pair_leaves_the_queue_and_is_followed(tmp_path: Path) -> None:
    place = opened(tmp_path, ANN, ROSE)
    [pair] = link_jobs.review(place)["pairs"]

    answer = decide(place, pair["pair"], "same")
    jobs.link(place, lambda message: None)

    assert (answer["decision"], answer["reason"]) == (1, "identifiers agree")
    assert link_jobs.review(place)["waiting"] == 0
    assert "Ann" not in str(answer)


def test_a_decision_that_is_none_of_the_three_is_a_misuse(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="the verdict must be known"):
        decide(opened(tmp_path, ANN, ROSE), "0" * 16, "perhaps")


def test_changes_name_every_score_whose_persons_records_moved(tmp_path: Path) -> None:
    place = opened(tmp_path, ANN, ROSE)
    version = place.warehouse.manifest().links_of("person")
    assert version
    [pair] = link_jobs.review(place)["pairs"]
    before = _names(place)
    _give_scores(place, before)

    decide(place, pair["pair"], "same")
    jobs.link(place, lambda message: None)
    answer = link_jobs.changes(place)

    assert [v["entities moved"] for v in answer["versions"]] == [2]
    assert {row["entity"] for row in answer["moved"]} == {before[1], before[2]}
    touched = {row["entity_id"] for row in answer["scores touched"]}
    assert touched == {before[1], before[2]}
    assert {row["score"] for row in answer["scores touched"]} == {"care"}


def test_nothing_changes_between_one_version_and_none(tmp_path: Path) -> None:
    answer = link_jobs.changes(opened(tmp_path, ANN))

    assert answer == {"versions": [], "moved": [], "scores touched": []}


def _names(place: Open) -> dict[int, str]:
    import pyarrow.parquet as pq

    version = place.warehouse.manifest().links_of("person")
    assert version
    rows = pq.read_table(place.warehouse.path(version.links)).to_pylist()
    return {row["record_id"]: row["entity_id"] for row in rows}


def _give_scores(place: Open, names: dict[int, str]) -> None:
    ledger = place.ledger()
    promote(ledger, bundle(), by="Analyst", at=NOW)
    scored = Scored(0.0, 0.5, 0.0, "others", CaseFile(contributions={}))
    rows = [ScoreRow(names[record], AS_OF, None, scored) for record in (1, 2, 3)]
    batch = Batch("care", bundle().sha256, AS_OF, "care-1", RECEIVED)
    write_batch(ledger, batch, CaseRows(rows), clock=clock)
    ledger.close()
