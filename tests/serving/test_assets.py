from __future__ import annotations

import shutil

import pytest

from features.faults import Refusal
from serving.assets.build import SOURCES, build
from serving.assets.built import BUILT
from serving.pages.assets_served import read_assets


# Marks that only GOV.UK may show, and the blue of its pages.
BRAND = ("gds transport", "crest", "crown", "royal", "gov.uk", ".woff")


@pytest.mark.parametrize("name", ["page.css", "page.mjs", "favicon.svg"])
def test_no_mark_of_another_s_brand_is_in_what_pages_load(name):
    text = (BUILT / name).read_text().lower()

    assert [mark for mark in BRAND if mark in text] == []


def test_the_style_loads_nothing():
    text = (BUILT / "page.css").read_text()

    assert "url(" not in text
    assert "@import" not in text


def test_the_colours_are_our_own():
    text = (BUILT / "page.css").read_text()

    assert "--govuk-brand-colour: #2f3e4f" in text


def test_nothing_is_made_again_while_the_sources_are_the_same():
    assert build() is False


def test_a_lock_that_does_not_fit_is_refused_and_what_was_made_stays(tmp_path):
    sources, built = tmp_path / "assets", tmp_path / "static"
    ignored = shutil.ignore_patterns("node_modules", "__pycache__")
    shutil.copytree(SOURCES, sources, ignore=ignored)
    (sources / "package-lock.json").write_text("{}")
    built.mkdir()
    (built / "page.css").write_text("old")

    with pytest.raises(Refusal, match="npm's registry"):
        build(sources, built)

    assert (built / "page.css").read_text() == "old"


def test_the_lock_holds_a_hash_of_everything_and_no_address():
    text = (SOURCES / "package-lock.json").read_text()

    assert '"resolved"' not in text
    assert "registry" not in text
    assert text.count('"integrity"') == text.count('"node_modules/')


def test_files_that_were_not_made_are_refused_all_at_once(tmp_path):
    with pytest.raises(Refusal, match=r"serving\.assets\.build") as refusal:
        read_assets(tmp_path)

    assert len(refusal.value.faults) == 4


def test_another_content_has_another_address(tmp_path):
    shutil.copytree(BUILT, tmp_path / "static")
    before = read_assets(tmp_path / "static")
    (tmp_path / "static" / "page.css").write_text("p { color: red }")

    after = read_assets(tmp_path / "static")

    assert before.path("page.mjs") != after.path("page.mjs")


def test_a_file_that_nobody_named_is_not_served(tmp_path):
    shutil.copytree(BUILT, tmp_path / "static")
    (tmp_path / "static" / "secret.txt").write_text("x")

    served = read_assets(tmp_path / "static")

    assert "secret.txt" not in served.contents
    with pytest.raises(KeyError):
        served.path("secret.txt")
