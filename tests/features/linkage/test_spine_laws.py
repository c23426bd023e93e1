"""Laws of the spine: whoever comes, and whenever it is killed, nobody is moved."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.features.people import ONE, THREE, TWO, Office, Row, linked, person


ANN = person("Ann Smith", "1944-03-02", "AV1 1AA")
ROSE = person("Rose Cole", "1971-11-20", "AV5 5ZZ")
BOTH = person("Ann Smith", "1944-03-02", "AV1 1AA", ONE)


def names(office: Office) -> dict[int, str]:
    return {row["record_id"]: row["entity_id"] for row in office.links()}


# Links, and kills itself at the n-th call that changes the store's folders.
_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.features.people import Office

root, left = sys.argv[1], int(sys.argv[2])
office = Office(Path(root))

def kill(event, arguments):
    global left
    if event in ("open", "os.rename", "os.mkdir", "os.remove"):
        if str(arguments[0]).startswith(root):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
office.link()
"""


def test_a_linking_that_is_killed_leaves_the_links_as_they_were(tmp_path: Path) -> None:
    whole = linked(tmp_path / "whole", ANN, ROSE)
    whole.load([BOTH])
    whole.link()

    for steps in (4, 14, 22):
        office = linked(tmp_path / str(steps), ANN, ROSE)
        office.load([BOTH])
        before = office.warehouse.manifest()
        command = [
            sys.executable,
            "-c",
            _KILLED,
            str(tmp_path / str(steps)),
            str(steps),
        ]

        assert subprocess.run(command, capture_output=True).returncode == -9

        assert office.warehouse.manifest() == before
        assert office.warehouse.damaged() == []
        assert office.link().version == 2
        assert office.warehouse.manifest() == whole.warehouse.manifest()


_FORENAMES = ("Ann", "Anna", "Rose", "John", "J", "Peggy", "Margaret")
_SURNAMES = ("Smith", "Smyth", "Jones", "Cole")
_BORN = (None, "1944-03-02", "1944-02-03", "1920-07-11")
_AT = (None, "AV1 1AA", "AV5 5ZZ")

people = st.builds(
    lambda forename, surname, *rest: person(f"{forename} {surname}", *rest),
    st.sampled_from(_FORENAMES),
    st.sampled_from(_SURNAMES),
    st.sampled_from(_BORN),
    st.sampled_from(_AT),
    st.sampled_from((None, ONE, TWO, THREE)),
)
STRANGERS = [
    person("Zoltan Quist", "1931-05-17", "QQ7 7QQ"),
    person("Yolanda Xanthos", "1938-09-23", "QQ8 8QQ"),
]
slowly = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@slowly
@given(some=st.lists(people, min_size=1, max_size=6))
def test_unrelated_people_move_nobody(
    tmp_path_factory: pytest.TempPathFactory, some: list[Row]
) -> None:
    office = linked(tmp_path_factory.mktemp("office"), *some)
    before, flags = names(office), office.flags()

    office.load(STRANGERS, source="gp")
    office.link()

    after = names(office)
    assert {record: after[record] for record in before} == before
    assert len(after) == len(before) + len(STRANGERS)
    assert office.flags() == flags


@slowly
@given(some=st.lists(people, max_size=5), more=st.lists(people, min_size=1, max_size=5))
def test_whoever_comes_settled_people_stay_who_they_are(
    tmp_path_factory: pytest.TempPathFactory, some: list[Row], more: list[Row]
) -> None:
    office = linked(tmp_path_factory.mktemp("office"), *some)
    before = names(office)

    office.load(more, source="gp")
    office.link()

    after = names(office)
    assert {record: after[record] for record in before} == before
