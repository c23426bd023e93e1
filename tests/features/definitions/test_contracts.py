import datetime as dt

import pytest
from pydantic import ValidationError

from features.definitions.contracts import Contract


def declared(**changes: object) -> dict[str, object]:
    """A contract's content, whole and right until `changes` replace a part."""
    return {
        "name": "visits",
        "partner": "council",
        "title": "Visits",
        "open_data": {"licence": "OGL", "attribution": "Council"},
        "file": {"delivery": "delta"},
        "dates": {"event": "day"},
        "freshness": {"cadence_days": 7, "greatest_age_days": 30},
        "coverage": {"since": dt.date(2020, 1, 1)},
        "key": ["id"],
        "about": [{"kind": "area", "key": ["id"]}],
        "columns": [text("id"), day("day", required=True), text("note")],
        **changes,
    }


def text(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "type": "text", "meaning": "m", **more}


def day(name: str, **more: object) -> dict[str, object]:
    return {"formats": ["%Y-%m-%d"], **text(name), "type": "date", **more}


def complaint(**changes: object) -> str:
    with pytest.raises(ValidationError) as refused:
        Contract.model_validate(declared(**changes))
    return str(refused.value)


def test_a_whole_contract_is_read() -> None:
    contract = Contract.model_validate(declared())

    assert contract.record_columns == ["id", "day", "note"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"key": ["gone"]}, "key names a column that is not declared: 'gone'"),
        ({"dates": {"event": "note"}}, "'note' must be of type date"),
        ({"dates": {"lead_days": 1}}, "`lead_days` needs `event`"),
        ({"dates": {}, "history": {"lag_days": 3}}, "`history.lag_days` needs"),
        ({"dates": {}, "file": {"delivery": "period"}}, "`period` delivery needs"),
        ({"history": {}}, "history needs either"),
        ({"open_data": None}, "declare either"),
        ({"about": [{"kind": "area", "key": ["id"]}] * 2}, "about one area, not two"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(
    changes: dict[str, object], what: str
) -> None:
    assert what in complaint(**changes)


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ([text("Note"), text("note")], "'Note' is declared twice"),
        ([text("a", heading="x"), text("x")], "the heading 'x' is declared twice"),
        ([text("Load")], "give this one as its `heading`"),
        ([text("probability")], "give this one as its `heading`"),
        ([day("d", formats=["%d/%m/%Y", "%m/%d/%Y"])], "one text as two days"),
        ([day("d", formats=["%y-%m-%d"])], "'%y' in"),
        ([day("d", formats=["%Y-%m"])], "must give year, month and day"),
        ([text("a", pattern="(?=b)")], "RE2"),
        ([text("a", type="decimal")], "must declare `scale`"),
        ([text("a", type="boolean", true=["Y"], false=["Y"])], "both true and false"),
        ([text("a", type="code", values={"NK": "n"})], "a spelling of null"),
        ([day("day", required=True, sensitivity="identifier")], "leaves the identity"),
    ],
)
def test_columns_that_could_be_read_in_two_ways_are_refused(
    columns: list[dict[str, object]], what: str
) -> None:
    names = {column["name"] for column in columns}
    others = [text("id"), *([] if "day" in names else [day("day", required=True)])]

    file = {"delivery": "delta", "null": ["NK"]}
    assert what in complaint(columns=[*others, *columns], file=file)


@pytest.mark.parametrize("encoding", ["utf-16", "cp037", "base64", "no-such-thing"])
def test_an_encoding_that_does_not_hold_ascii_is_refused(encoding: str) -> None:
    file = {"delivery": "delta", "encoding": encoding}

    assert "encoding must" in complaint(file=file)


@pytest.mark.parametrize("delimiter", ['"', "\n", "a", "1", ",,", ""])
def test_a_delimiter_that_could_be_content_is_refused(delimiter: str) -> None:
    file = {"delivery": "delta", "delimiter": delimiter}

    assert "delimiter" in complaint(file=file)
