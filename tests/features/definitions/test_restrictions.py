"""What a contract may say of restricted records."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from features.definitions.contracts import Contract
from tests.features.definitions.test_contracts import declared, text


MARKED = {"column": "mark", "codes": {"S": "sensitive"}, "linked_by": "number"}
MARK = {"name": "mark", "type": "code", "meaning": "m", "values": {"S": "s", "N": "n"}}


def guarded(**changes: object) -> dict[str, object]:
    """A contract about persons with a column that marks some of them."""
    columns = [
        text("id"),
        {**text("day"), "type": "date", "formats": ["%Y-%m-%d"]},
        text("name", sensitivity="identifier"),
        text("number", sensitivity="identifier"),
        MARK,
    ]
    about = [{"kind": "person", "identifiers": {"surname": "name"}}]
    content = {"columns": columns, "about": about, "restriction": MARKED}
    return declared(**{**content, **changes})


def test_the_mark_of_a_restriction_stays_in_the_identity_zone() -> None:
    contract = Contract.model_validate(guarded())

    assert contract.identity_columns == ["name", "number", "mark"]
    assert contract.record_columns == ["id", "day"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"column": "gone"}, "restriction names a column that is not declared: 'gone'"),
        ({"column": "id"}, "restriction.column 'id' must be of type code"),
        ({"codes": {"X": "staff"}}, "names 'X', no value of 'mark'"),
        ({"linked_by": "id"}, "restriction.linked_by 'id' must be an identifier"),
        ({"codes": {"S": "secret"}}, "Input should be"),
    ],
)
def test_a_restriction_that_cannot_be_meant_is_refused(
    changes: dict[str, object], what: str
) -> None:
    with pytest.raises(ValidationError, match="restriction") as refused:
        Contract.model_validate(guarded(restriction={**MARKED, **changes}))

    assert what in str(refused.value)


def test_a_restriction_needs_a_kind_that_is_linked() -> None:
    with pytest.raises(ValidationError, match="needs a kind that is linked"):
        Contract.model_validate(guarded(about=[{"kind": "area", "key": ["id"]}]))
