"""What `place.toml` may say of its service and its caseload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.definitions.service import faults_of_service
from features.faults import Fault
from tests.features.small_place import contract, place


CASELOAD = {"source": "visits", "worker": "id", "reference": "id", "closed": "until"}


def faults(**more: Any) -> list[Fault]:
    here = place([contract("visits"), contract("undated", dates={})], [], **more)
    found = faults_of_service(here.file, here.contracts, Path("place.toml"))
    return list(found)


def test_a_service_and_a_caseload_over_a_sources_columns_are_right() -> None:
    assert faults(caseload=CASELOAD, service={"care_purpose": "planning"}) == []


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"source": "letters"}, "place.toml: caseload.source"),
        ({"worker": "nobody"}, "place.toml: caseload.worker"),
        ({"reference": "number"}, "place.toml: caseload.reference"),
        ({"closed": "kind"}, "place.toml: caseload.closed"),
        ({"source": "undated"}, "place.toml: caseload.source"),
    ],
)
def test_a_caseload_that_names_what_is_not_there_is_a_fault(
    changes: dict[str, str], where: str
) -> None:
    [fault] = faults(caseload={**CASELOAD, **changes})

    assert fault.where == where


def test_a_care_purpose_that_nobody_declared_is_a_fault() -> None:
    [fault] = faults(service={"care_purpose": "fun"})

    assert fault.where == "place.toml: service.care_purpose"


def test_own_care_is_the_purpose_where_none_is_named() -> None:
    here = place([contract("visits")], [])

    assert here.file.service.purpose_of_care(here.file.purposes) == "care"
