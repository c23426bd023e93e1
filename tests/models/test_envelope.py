from __future__ import annotations

import hashlib
import json
import random

import pytest

from features.faults import Refusal
from models.definitions.freezing import enveloped, wording_version
from models.tables.envelope import Calibration, Described, Envelope
from models.tables.table import TableModel, from_json
from models.tables.terms import Categories, Steps
from tests.features.small_place import contract, family, place


FACTS = {
    "place_sha256": "0" * 64,
    "links": "person 3",
    "data_from": "2021-10-01",
    "data_to": "2024-10-01",
}
BARE = TableModel(
    "additive",
    -1.25,
    (
        Steps("count", (0.5, 3.0), (-0.5, 0.1, 0.9), 0.05),
        Categories("latest", ("a", "b"), (-0.2, 0.3), 0.0),
    ),
    {"dropped": "income"},
)
PLACE = place(
    [contract(title="Visits made")],
    [family("count", unit="visits"), family("latest", column="kind")],
)
MODEL = enveloped(BARE, PLACE, FACTS)


def resigned(content):
    bare = {key: value for key, value in content.items() if key != "sha256"}
    form = {"sort_keys": True, "separators": (",", ":")}
    digest = hashlib.sha256(json.dumps(bare, **form).encode()).hexdigest()
    return json.dumps({**bare, "sha256": digest}, **form).encode()


def test_a_model_s_file_says_all_that_it_must():
    content = json.loads(MODEL.to_json())

    assert content["schema"] == 2
    assert content["family"] == "additive"
    assert content["calibration"] == {"intercept": 0.0, "slope": 1.0}
    assert [each["unit"] for each in content["indicators"]] == ["visits", ""]
    assert content["facts"] == {**FACTS, "dropped": "income"}


def test_a_model_reads_back_from_its_file_with_the_same_bytes_and_hash():
    read = from_json(MODEL.to_json())

    assert read == MODEL
    assert read.to_json() == MODEL.to_json()


def test_a_file_of_the_schema_before_is_still_read_to_the_same_bytes():
    read = from_json(BARE.to_json())

    assert read.envelope is None
    assert read.to_json() == BARE.to_json()


def test_no_flipped_byte_is_accepted():
    data = MODEL.to_json()
    chance = random.Random(1)

    for _ in range(1_000):
        at, bits = chance.randrange(len(data)), chance.randrange(1, 256)
        flipped = bytearray(data)
        flipped[at] ^= bits
        with pytest.raises(Refusal):
            from_json(bytes(flipped))


def with_more(content, path):
    """The content with one field more at a path."""
    part = content
    for key in path:
        part = part[key]
    part["more"] = 1
    return content


@pytest.mark.parametrize(
    "path",
    [(), ("terms", 0), ("terms", 1), ("indicators", 0), ("calibration",)],
)
def test_an_unknown_field_is_refused_wherever_it_stands(path):
    content = with_more(json.loads(MODEL.to_json()), path)

    with pytest.raises(Refusal, match="exactly"):
        from_json(resigned(content))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"indicators": []}, "describes each indicator"),
        ({"indicators": [1]}, "has exactly"),
        ({"indicators": [{"name": 1, "unit": "", "wording": ""}]}, "as texts"),
        ({"calibration": {"intercept": 0, "slope": 1.0}}, "finite floats"),
        ({"calibration": {"intercept": 0.0, "slope": 0.0}}, "above 0"),
        ({"facts": {}}, "place_sha256"),
        ({"schema": 1}, "has exactly"),
    ],
)
def test_a_file_with_a_right_hash_but_wrong_content_is_refused(change, rule):
    content = {**json.loads(MODEL.to_json()), **change}

    with pytest.raises(Refusal, match=rule):
        from_json(resigned(content))


def test_an_envelope_without_an_origin_is_refused_with_all_that_lacks():
    described = tuple(Described(name, "", "") for name in BARE.names)

    with pytest.raises(Refusal) as refusal:
        TableModel("additive", 0.0, BARE.terms, {}, Envelope(described))

    assert len(refusal.value.faults) == 4


def test_other_words_are_another_version():
    other = place(
        [contract(title="Visits made")],
        [family("count", unit="visits", label="Other words")],
    )

    assert wording_version(other, "count") != wording_version(PLACE, "count")
    assert wording_version(PLACE, "count") == wording_version(PLACE, "count")


def test_a_calibration_changes_no_rank():
    calibration = Calibration(intercept=-0.5, slope=0.8)

    changed = [calibration.of(log_odds) for log_odds in (-1.0, 0.0, 2.0)]

    assert changed == sorted(changed)
