from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from features.faults import Refusal
from models.definitions.bundle import Bundle, FrozenApproval, FrozenBand
from models.tables.terms import Steps
from tests.made_up_score import INDICATORS, MODEL, RECEIVED, bundle


def test_a_bundle_reads_back_as_it_was_written():
    promoted = bundle()

    read = Bundle.model_validate_json(promoted.content)

    assert read == promoted
    assert read.sha256 == promoted.sha256


def test_any_change_of_meaning_changes_the_hash():
    changed = bundle(limits=["Another limit."])

    assert changed.sha256 != bundle().sha256


def test_the_model_in_a_bundle_is_the_model_that_was_fitted():
    assert bundle().model == MODEL


def test_a_model_whose_hash_is_another_is_refused():
    with pytest.raises(ValidationError, match="not the one its hash names"):
        bundle(model_sha256="b" * 64)


def test_a_model_whose_bytes_were_changed_is_refused():
    changed = json.loads(MODEL.to_json())
    changed["base"] = -1.0
    text = json.dumps(changed, sort_keys=True, separators=(",", ":"))

    with pytest.raises(Refusal, match="the file must match its sha256"):
        bundle(model_json=text)


def test_a_model_with_an_undescribed_indicator_cannot_be_promoted():
    with pytest.raises(ValidationError, match="not those that the model uses"):
        bundle(indicators=INDICATORS[:-1])


def test_an_indicator_that_the_model_does_not_use_is_not_described():
    smaller = replace(MODEL, terms=MODEL.terms[:-1])

    with pytest.raises(ValidationError, match="not those that the model uses"):
        bundle(model_json=smaller.to_json().decode(), model_sha256=smaller.sha256)


def test_every_source_of_an_indicator_is_described():
    with pytest.raises(ValidationError, match="not those of the indicators"):
        bundle(sources=bundle().sources[:1])


def test_a_score_is_paused_from_the_day_after_an_approval_ends():
    ends = dt.date(2026, 12, 31)
    approval = FrozenApproval(role="Board", approved_on=ends, expires=ends)
    promoted = bundle(approvals=[*bundle().approvals, approval])

    assert not promoted.is_paused(ends)
    assert promoted.is_paused(ends + dt.timedelta(days=1))


def test_a_source_is_stale_the_day_after_its_greatest_age():
    received = {"homes": dt.date(2026, 10, 1), "visits": dt.date(2026, 10, 30)}

    # visits may be 7 days old: 30 October + 7 = 6 November
    on_time = bundle().stale_sources(received, dt.date(2026, 11, 6))
    too_late = bundle().stale_sources(received, dt.date(2026, 11, 7))

    assert on_time == frozenset()
    assert too_late == {"visits"}


def test_a_source_that_never_came_is_stale():
    received = {"visits": RECEIVED["visits"]}

    assert bundle().stale_sources(received, dt.date(2026, 11, 1)) == {"homes"}


@given(st.floats(0, 1))
def test_every_rank_lies_in_the_band_that_starts_at_or_below_it(rank):
    bands = [
        FrozenBand(name="low", label="Low", from_rank=0.0),
        FrozenBand(name="high", label="High", from_rank=0.9),
        FrozenBand(name="middle", label="Middle", from_rank=0.5),
    ]

    found = bundle(bands=bands).band_of(rank)

    assert found.name == ("high" if rank >= 0.9 else "middle" if rank >= 0.5 else "low")


def test_what_was_observed_is_that_of_the_bin_a_probability_falls_in():
    promoted = bundle()

    assert promoted.observed_at(0.2) == promoted.observed[0]
    assert promoted.observed_at(0.25) == promoted.observed[1]
    assert bundle(observed=[]).observed_at(0.2) is None


def test_a_term_of_another_shape_changes_the_model_and_so_the_bundle():
    terms = (Steps("visits_365d", (0.0,), (-0.5, 0.5), missing=None), *MODEL.terms[1:])
    other = replace(MODEL, terms=terms)

    changed = bundle(model_json=other.to_json().decode(), model_sha256=other.sha256)

    assert changed.sha256 != bundle().sha256
