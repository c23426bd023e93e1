from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from features.linkage.owners import owners
from features.linkage.queue import UncertainPair
from tests.features.people import CROWD, Office, person


ANN = person("Ann Smith", "1944-03-02", "AV1 1AA")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.load([ANN, *CROWD])
    return made


def pair(left: tuple[int, ...], right: tuple[int, ...]) -> UncertainPair:
    ends = (left[0], right[0])
    return UncertainPair("a" * 16, "person", "tie", 1.0, ends, False, (left, right))


def test_a_pair_belongs_to_the_partner_of_all_its_records(office):
    [partner] = {one.partner for one in office.place.contracts.values()}

    found = owners(office.warehouse, office.place, [pair((1,), (2, 3))])

    assert found == {"a" * 16: partner}


def test_a_pair_with_a_record_of_unknown_origin_belongs_to_nobody(office):
    assert owners(office.warehouse, office.place, [pair((1,), (999_999,))]) == {}


def test_a_pair_across_partners_belongs_to_nobody(office):
    office.load([ANN], "surgery")
    newest = office.warehouse.manifest().next_record_id - 1
    surgery = office.place.contracts["surgery"].model_copy(update={"partner": "gps"})
    contracts = {**office.place.contracts, "surgery": surgery}
    place = replace(office.place, contracts=contracts)

    across = owners(office.warehouse, place, [pair((1,), (newest,))])
    inside = owners(office.warehouse, place, [pair((newest,), (newest,))])

    assert across == {}
    assert inside == {"a" * 16: "gps"}
