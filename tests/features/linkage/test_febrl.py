"""FEBRL's made-up people, whose errors were planted: the whole way, on real files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.linkage import febrl


ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("LAMPPOST_DATA", ROOT.parent / "shared" / "data"))

pytestmark = pytest.mark.skipif(
    not DATA.is_dir() and os.environ.get("CI") != "true",
    reason=f"needs the real data in {DATA}, or in the folder LAMPPOST_DATA names",
)


def test_people_with_errors_planted_in_their_records_are_found_again() -> None:
    figures = febrl(DATA / "linkage", "1")

    assert (figures["febrl1_f1"] or 0) >= 0.99
    assert figures["febrl1_mixed"] == 0
