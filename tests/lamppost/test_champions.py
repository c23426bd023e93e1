from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from lamppost.champions import champion_problems
from lamppost.opened import Open, open_place
from models.ledger import promotions
from models.registry.registry import Registry, RunRecord
from models.settings import read_settings
from tests.made_up_score import MODEL, bundle
from tests.registries import put_registry


ROOT = Path(__file__).parents[2]
SCORE = "long_term_care"
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    return open_place(read_settings(ROOT / "places" / "avonmere", tmp_path / "store"))


@pytest.fixture
def registry(opened: Open) -> Registry:
    """Holds two versions, of which the first was promoted, in the ledger too."""
    put_registry(opened.settings.store)
    registry = opened.registry()
    for _ in range(2):
        registry.register(RunRecord(SCORE, model_json=MODEL.to_json()))
    ledger = opened.ledger()
    with registry.promoting(SCORE, 1):
        promoted = bundle(score=SCORE, version=1)
        promotions.promote(ledger, promoted, by="analyst", at=NOW)
    ledger.close()
    return registry


def problems(opened: Open) -> list[str]:
    return list(champion_problems(opened))


def test_a_promotion_that_moved_both_is_no_problem(opened, registry):
    assert problems(opened) == []


def test_an_alias_that_was_moved_alone_is_told_with_what_to_run(opened, registry):
    registry.promote(SCORE, 2)

    [told] = problems(opened)

    assert "the registry's champion is version 2" in told
    assert "the ledger serves version 1" in told
    assert f"run: lamppost promote {SCORE} --version 1" in told


def test_an_alias_without_any_promotion_is_told(opened):
    registry = opened.registry()
    registry.register(RunRecord(SCORE, model_json=MODEL.to_json()))
    registry.promote(SCORE, 1)
    opened.ledger().close()

    assert "the ledger serves none" in " ".join(problems(opened))


def test_an_alias_that_was_taken_away_is_told(opened, registry):
    registry._client.delete_registered_model_alias(f"avonmere.{SCORE}", "champion")

    assert "the registry's champion is none" in " ".join(problems(opened))


def test_a_champion_whose_file_was_changed_is_told(opened, registry):
    for path in (opened.settings.store / "artifacts").rglob("model.json"):
        path.write_bytes(b"{}")

    [told] = problems(opened)
    assert told.startswith(f"avonmere.{SCORE}, version 1: ")


def test_a_registry_that_is_gone_is_told(opened, registry):
    (opened.settings.store / "mlflow.db").unlink()

    assert f"{SCORE} was registered there" in " ".join(problems(opened))


def test_a_registry_that_does_not_answer_is_told(opened, registry, monkeypatch):
    monkeypatch.setenv("LAMPPOST_TRACKING", "http://127.0.0.1:9")
    settings = read_settings(opened.settings.place, opened.settings.store)

    assert "the registry must answer" in " ".join(problems(open_place(settings)))


def test_stores_that_are_not_there_yet_are_not_made(opened):
    assert problems(opened) == []
    assert not opened.settings.store.exists()
