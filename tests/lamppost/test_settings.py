from __future__ import annotations

from pathlib import Path

import pytest

from features.faults import Misuse
from lamppost.settings import pseudonym_key, read_settings


def test_an_option_beats_the_environment_and_that_a_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setenv("LAMPPOST_STORE", str(tmp_path / "from-environment"))

    assert read_settings(place).store == tmp_path / "from-environment"
    assert read_settings(place, tmp_path / "named").store == tmp_path / "named"


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path):
    settings = read_settings(tmp_path, tmp_path.parent / f"{tmp_path.name}-store")

    key = pseudonym_key(settings)

    assert len(key) == 32
    assert pseudonym_key(settings) == key
    assert settings.key_file.stat().st_mode & 0o077 == 0
    assert "warehouse" not in settings.key_file.parts


def test_a_short_key_is_refused(tmp_path: Path):
    settings = read_settings(tmp_path, tmp_path.parent / f"{tmp_path.name}-store")
    settings.key_file.parent.mkdir(parents=True)
    settings.key_file.write_bytes(b"short")

    with pytest.raises(Misuse, match="at least 32 bytes"):
        pseudonym_key(settings)


def test_a_place_that_is_not_a_folder_is_a_misuse(tmp_path: Path):
    with pytest.raises(Misuse, match="names a folder"):
        read_settings(tmp_path / "nowhere")
