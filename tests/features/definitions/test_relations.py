"""What a relation may say of its source."""

from __future__ import annotations

from typing import Any

import pytest

from features.definitions.relations import Relation, faults_of_relation
from tests.features.small_place import contract


HOMES = contract(
    "homes", about=[{"kind": kind, "key": ["id"]} for kind in ("person", "household")]
)
HOME = {"name": "home", "of": "person", "to": "household", "source": "homes"}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"ends": "until"},
        {"ended": "kind = 'b'", "filter": "done", "counts": "not done"},
    ],
)
def test_a_relation_reads_its_sources_columns(more: dict[str, Any]) -> None:
    relation = Relation.model_validate({**HOME, **more})

    assert list(faults_of_relation(relation, HOMES, "here")) == []


@pytest.mark.parametrize(
    ("more", "where", "complaint"),
    [
        ({"ends": "number"}, "here: ends", "the end is a date column"),
        ({"ends": "born"}, "here: ends", "the end is a date column"),
        ({"ended": "kind ="}, "here: ended", "the filter must be readable"),
        ({"filter": "colour = 'x'"}, "here: filter", "the filter must be readable"),
        ({"counts": "number"}, "here: counts", "the filter must be readable"),
        ({"to": "area"}, "here: to", "must be about both kinds"),
        ({"of": "visit"}, "here: of", "must be about both kinds"),
    ],
)
def test_what_a_source_does_not_have_is_a_fault(
    more: dict[str, Any], where: str, complaint: str
) -> None:
    relation = Relation.model_validate({**HOME, **more})

    [fault] = faults_of_relation(relation, HOMES, "here")

    assert fault.where == where
    assert complaint in fault.what


def test_the_faults_of_several_parts_come_together() -> None:
    relation = Relation.model_validate({**HOME, "ends": "x", "ended": "y", "to": "z"})

    assert len(list(faults_of_relation(relation, HOMES, "here"))) == 3
