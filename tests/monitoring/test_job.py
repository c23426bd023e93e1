from __future__ import annotations

import datetime as dt
import json
from hashlib import sha256

import pytest
import sqlalchemy as sa

from features.faults import Refusal
from models.ledger.tables import batches
from models.registry.registry import Registry, open_registry
from monitoring.job import run
from monitoring.report import LOG_ODDS, MonitoringResult, keep
from tests.made_up_score import AS_OF, EMPTY, MODEL, TODAY
from tests.monitoring.monitored_score import (
    FITTED,
    SCORED,
    Stores,
    people,
    snapshot,
    stores_in,
    table,
)


DAY = dt.timedelta(days=1)
NOW = people(150, seed=3)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("registry")
    return open_registry(f"sqlite:///{folder / 'mlflow.db'}", folder, place="small")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    return stores_in(tmp_path_factory.mktemp("store"), now=NOW)


def look(stores: Stores, registry: Registry, on: dt.date = TODAY) -> MonitoringResult:
    return run(
        stores.warehouse, stores.ledger, registry, stores.place, stores.score, on=on
    )


@pytest.fixture(scope="module")
def result(stores: Stores, registry: Registry) -> MonitoringResult:
    return look(stores, registry)


def test_a_result_says_what_was_looked_at(result, stores):
    origin = result.origin

    assert (origin.place, origin.score) == ("small", "care")
    assert (origin.on, origin.as_of) == (TODAY, AS_OF)
    assert (origin.bundle, origin.version) == (stores.bundle.sha256, 3)
    assert origin.model == stores.bundle.model_sha256
    assert (origin.fitted_on, origin.scored) == (FITTED, SCORED)
    assert origin.selected == "in the band most"


def test_a_stale_source_is_named_and_so_is_one_that_never_came(result):
    assert [(s.source, str(s.verdict)) for s in result.freshness] == [
        ("register", "never delivered"),
        ("visits", "stale"),
    ]


def test_only_rows_whose_outcome_closed_before_the_judged_dates_were_fitted_on(result):
    assert (result.fitted_rows, result.scored_rows) == (400, 150)


def test_every_indicator_and_the_score_are_compared_and_none_has_drifted(result):
    assert [c.column for c in result.drift] == [*MODEL.names, LOG_ODDS]
    assert {str(c.values.verdict) for c in result.drift} == {"not drifted"}


def test_selection_is_the_top_band_and_a_group_of_two_is_not_shown(result):
    [sex] = result.selection
    shown = {g.group: (g.people, g.reason) for g in sex.groups}

    assert shown == {"w": (119, None), "x": (29, None), "y": (None, "too few")}
    # At least the highest fifth of 150, and less than that of each of their ties.
    assert 0 < sum(g.selected or 0 for g in sex.groups) <= 30


def test_a_planted_drift_reaches_the_result_and_the_figures(tmp_path, registry):
    more = {p: (v[0] + 4, *v[1:]) for p, v in NOW.items()}

    result = look(stores_in(tmp_path, now=more), registry)

    drifted = [c.column for c in result.drift if c.has_drifted]
    assert drifted == ["visits_365d", LOG_ODDS]
    assert result.metrics["drift.drifted"] == 2.0
    assert result.metrics["sources.stale"] == 1.0
    assert result.metrics["drift.of.visits_365d"] > 1.0


def test_a_second_look_gives_the_same_bytes_in_the_same_file(result, stores, registry):
    kept = stores.warehouse.root / "monitoring" / "care" / result.file_name
    before = kept.stat()

    again = look(stores, registry)

    assert again.content == result.content == kept.read_bytes()
    assert kept.stat().st_mtime_ns == before.st_mtime_ns
    assert [p.name for p in kept.parent.iterdir()] == [result.file_name]


def test_the_result_is_one_line_of_canonical_json(result):
    content = json.loads(result.content)

    assert content["schema"] == 1
    assert content["origin"]["as_of"] == str(AS_OF)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    assert text.encode() == result.content
    assert sha256(result.content).hexdigest() == result.sha256


def test_no_person_is_in_a_result(result):
    assert not [person for person in NOW if person in result.content.decode()]


def test_the_result_is_in_the_registry_once(result, stores, registry):
    look(stores, registry)

    client = registry._client
    experiment = client.get_experiment_by_name("small/care").experiment_id
    query = f"tags.bundle_sha256 = '{stores.bundle.sha256}' and tags.on = '{TODAY}'"
    runs = client.search_runs([experiment], query)
    ours = [r for r in runs if r.data.metrics == result.metrics]
    assert len(ours) == 1
    assert registry._runs.read(ours[0].info.run_id, "monitoring.json") == result.content


def test_a_look_on_another_day_is_another_result_beside_it(tmp_path, registry):
    stores = stores_in(tmp_path, now=NOW)

    results = [look(stores, registry, on=day) for day in (TODAY, TODAY + DAY)]

    kept = (tmp_path / "monitoring" / "care").iterdir()
    names = sorted(path.name for path in kept)
    assert names == sorted(each.file_name for each in results)
    assert len(set(names)) == 2
    assert all(name.startswith(f"{AS_OF}-") for name in names)


def test_those_without_a_score_are_not_compared(tmp_path, registry):
    stores = stores_in(tmp_path, now={**NOW, "empty": EMPTY[1]})

    assert look(stores, registry).scored_rows == len(NOW)


def test_at_events_each_row_is_its_own_event(tmp_path, registry, result):
    stores = stores_in(tmp_path, now=NOW, at_events=True)

    found = look(stores, registry)

    assert found.drift == result.drift
    assert found.selection == result.selection


def test_a_file_of_the_same_name_with_other_bytes_is_never_overwritten(
    result, tmp_path
):
    (tmp_path / result.file_name).write_bytes(b"{}")

    with pytest.raises(Refusal, match="a result is never changed"):
        keep(result, tmp_path)
    assert (tmp_path / result.file_name).read_bytes() == b"{}"


def test_a_score_without_a_finished_batch_is_refused(tmp_path, registry):
    stores = stores_in(tmp_path, now=NOW)
    with stores.ledger.writing() as connection:
        connection.execute(sa.update(batches).values(finished=None))

    with pytest.raises(Refusal, match="run: lamppost score care"):
        look(stores, registry)


def test_scores_that_stand_for_no_row_of_the_snapshot_are_refused(tmp_path, registry):
    stores = stores_in(tmp_path, now=NOW)
    with stores.ledger.writing() as connection:
        connection.execute(sa.update(batches).values(snapshot="other"))
    snapshot(stores.warehouse, "other", table(people(140, seed=3), AS_OF, None))

    with pytest.raises(Refusal, match="got 10 that do not"):
        look(stores, registry)


def test_a_snapshot_that_is_gone_is_refused_by_name(tmp_path, registry):
    stores = stores_in(tmp_path, now=NOW)
    with stores.ledger.writing() as connection:
        connection.execute(sa.update(batches).values(snapshot="gone"))

    with pytest.raises(Refusal, match="snapshot care/gone"):
        look(stores, registry)


def test_a_result_that_could_not_be_logged_is_kept_for_the_next_run(
    tmp_path, registry, result, monkeypatch
):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    down = open_registry("http://127.0.0.1:9", tmp_path, place="small")
    stores = stores_in(tmp_path, now=NOW)

    with pytest.raises(Refusal, match="the registry must answer"):
        look(stores, down)

    [kept] = (tmp_path / "monitoring" / "care").iterdir()
    assert look(stores, registry).file_name == kept.name
