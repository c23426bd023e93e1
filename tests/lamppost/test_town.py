"""The job behind `lamppost town`."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.faults import Misuse
from lamppost.town import make_town


def test_it_writes_extracts_and_says_how_each_is_to_be_loaded(tmp_path: Path):
    answer = make_town(tmp_path / "town", people=150, seed=3)

    first = answer["extracts"][0]
    assert (first["history"], first["received"]) == ("yes", "2025-04-10")
    assert (tmp_path / "town" / "extracts" / first["file"]).is_file()
    assert answer["planted"] == "nothing"


def test_it_plants_one_fault_of_stated_size(tmp_path: Path):
    answer = make_town(tmp_path, people=150, plant="drift", size=5)

    assert answer["planted"] == "drift of size 5"
    assert "drift,5" in (tmp_path / "truth" / "plant.csv").read_text()


def test_all_that_cannot_be_is_told_at_once(tmp_path: Path):
    with pytest.raises(Misuse) as refused:
        make_town(tmp_path, people=5, plant="drfit", size=-1)

    assert [f.where for f in refused.value.faults] == ["--people", "--plant", "--size"]


def test_the_truth_is_never_written_into_a_places_folder(tmp_path: Path):
    (tmp_path / "place.toml").write_text('name = "mine"')

    with pytest.raises(Misuse, match="never written into a place's folder"):
        make_town(tmp_path / "data" / "town", people=150)

    assert not (tmp_path / "data").exists()
