from __future__ import annotations

import json

import numpy as np
import pytest

from features.faults import Refusal
from models.families.boosted import fit_boosted, read_boosted
from models.tables.table import from_json
from tests.made_up_score import bundle


@pytest.fixture(scope="module")
def boosted(people):
    return fit_boosted(people.read(), seed=1)


def test_its_parts_are_its_whole(boosted, people, later_people):
    later = later_people.table.head(100)

    parts = boosted.contributions(later)

    assert parts.names == tuple(people.indicators)
    np.testing.assert_allclose(
        parts.log_odds, boosted.log_odds(later), rtol=0, atol=1e-9
    )


@pytest.mark.parametrize(("name", "direction"), [("visits", 1), ("income", -1)])
def test_it_goes_the_declared_way_whatever_the_rest(
    boosted, later_people, name, direction
):
    later = later_people.table.head(200)

    rises = [
        boosted.log_odds(later.assign(**{name: value}))
        for value in np.linspace(-3.0, 9.0, 60)
    ]

    assert (direction * np.diff(rises, axis=0)).min() >= -1e-12


def test_it_is_kept_as_text_and_read_back_to_the_same_scores(boosted, later_people):
    read = read_boosted(boosted.to_text(), boosted.to_json())

    found, kept = (
        read.log_odds(later_people.table),
        boosted.log_odds(later_people.table),
    )
    assert found.tobytes() == kept.tobytes()
    assert read.to_text() == boosted.to_text()


def test_the_same_inputs_and_seed_give_the_same_text(boosted, people):
    again = fit_boosted(people.read(), seed=1)

    assert again.to_text() == boosted.to_text()
    assert again.to_json() == boosted.to_json()


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (lambda t: t.replace("num_class=1", "num_class=2"), lambda c: c),
        (lambda t: t, lambda c: c.replace("tenure", "gender")),
        (lambda t: t, lambda c: c + " "),
        (lambda t: t, lambda c: c[:-1] + ',"more":1}'),
        (lambda t: t, lambda c: "[]"),
    ],
)
def test_a_changed_file_is_refused(boosted, text, content):
    with pytest.raises(Refusal):
        read_boosted(text(boosted.to_text()), content(boosted.to_json()))


def test_it_cannot_be_read_as_a_model_that_is_served(boosted):
    with pytest.raises(Refusal, match="never promoted"):
        from_json(boosted.to_json().encode())


def test_a_bundle_of_the_challenger_cannot_be_frozen():
    content = json.loads(bundle().model_json)
    changed = {**content, "family": "boosted"}
    text = json.dumps(changed, sort_keys=True, separators=(",", ":"))

    with pytest.raises(Refusal, match="never promoted"):
        bundle(model_json=text)
