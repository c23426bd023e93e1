"""The template of Client Level Data: a place that copies it checks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from features.definitions.contracts import Contract
from features.definitions.definition import read_definition
from features.definitions.place import read_place
from lamppost.starter import write_starter
from tests.features.town.delivered import PLACE, ROOT, contracts


TEMPLATE = ROOT / "templates" / "sources" / "asc_cld.toml"


@pytest.mark.parametrize("place", ["avonmere", "starter"])
def test_a_place_into_which_the_template_is_copied_has_no_faults(
    tmp_path: Path, place: str
) -> None:
    folder = tmp_path / place
    if place == "starter":
        write_starter(folder)
    else:
        shutil.copytree(PLACE, folder)

    shutil.copy(TEMPLATE, folder / "sources" / "asc_cld.toml")

    read, faults = read_place(folder)
    assert faults == []
    assert read is not None
    assert "asc_cld" in read.contracts


def test_avonmeres_contract_is_the_template_filled_in() -> None:
    template, faults = read_definition(TEMPLATE, Contract)
    own = contracts()["asc_cld"]

    assert faults == []
    assert template is not None
    assert template.columns == own.columns
    assert template.restriction == own.restriction
    assert template.about == own.about


def test_a_council_that_notes_no_day_of_recording_may_leave_it_out(
    tmp_path: Path,
) -> None:
    text = TEMPLATE.read_text()
    last = text.index('[[columns]]\nname = "recorded_on"')
    without = text[:last].replace('recorded = "recorded_on"\n', "")
    without = without.replace('column = "recorded_on"', "lag_days = 100")
    path = tmp_path / "asc_cld.toml"
    path.write_text(without)

    contract, faults = read_definition(path, Contract)

    assert faults == []
    assert contract is not None
    assert contract.history is not None
    assert contract.history.lag_days == 100
