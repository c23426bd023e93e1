"""One town for all tests of what its partners write down."""

from __future__ import annotations

import pytest

from features.town import Town, write_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return write_town(tmp_path_factory.mktemp("town"), people=4_000, seed=1)
