"""How many to expect: the sum of risks, with an interval that holds what came."""

from __future__ import annotations

import numpy as np
import pytest

from models.judging.intervals import Figure
from models.judging.number_figures import ratio_figure
from training.checks.timing import Timing
from training.demand.expected_demand import ALL, UNKNOWN, calibrated_by, expected_by


QUARTERS = Timing((91, 182, 274, 365), (0.4, 0.3, 0.2, 0.1), 60.0)
AREAS = np.array(["east", "north", "south", "west"], dtype=object)


def people(draw: np.random.Generator, many: int) -> tuple[np.ndarray, np.ndarray]:
    """Risks of about one in fifteen, and where each person lives."""
    return draw.beta(1.2, 16, many), draw.choice(AREAS, many, p=[0.4, 0.3, 0.2, 0.1])


def test_the_number_is_the_sum_of_the_risks() -> None:
    risk = np.array([0.1] * 20 + [0.5] * 10 + [np.nan])
    area = np.array(["east"] * 20 + ["west"] * 10 + ["west"], dtype=object)
    told = calibrated_by(Figure(1.0, 0.9, 1.1), [])
    assert told

    east, west, whole = expected_by(risk, area, told, seed=1)

    assert (east.group, east.people, east.number.value) == (
        "east",
        20,
        pytest.approx(2),
    )
    assert (west.group, west.people, west.number.value) == ("west", 10, 5.0)
    assert (whole.group, whole.people) == (ALL, 30)
    assert whole.number.value == pytest.approx(7)


def test_of_a_few_people_nothing_is_told_and_the_unplaced_stand_apart() -> None:
    area = np.array(["east"] * 7 + [None] * 8, dtype=object)
    told = calibrated_by(Figure(1.0, 0.9, 1.1), [])
    assert told

    east, unplaced, _ = expected_by(np.full(15, 0.5), area, told, seed=1)

    assert east.number == Figure(None, None, None, "fewer than 8 people")
    assert (unplaced.group, unplaced.people) == (UNKNOWN, 8)


def test_dates_that_differ_by_more_than_chance_widen_the_interval() -> None:
    pooled = Figure(1.0, 0.95, 1.05)
    alike = [Figure(1.0, 0.9, 1.1), Figure(1.01, 0.91, 1.11)]
    unlike = [Figure(0.7, 0.65, 0.75), Figure(1.3, 1.25, 1.35)]

    calm, drifting = calibrated_by(pooled, alike), calibrated_by(pooled, unlike)

    assert calm
    assert drifting
    assert calm.spread == pytest.approx(0.0255, abs=0.001)
    assert drifting.spread > 0.4


def test_where_nothing_was_judged_nothing_can_be_told() -> None:
    assert calibrated_by(Figure(None, None, None, "too few"), []) is None
    assert calibrated_by(Figure(1.0, 0.0, 9.0), []) is None


def test_the_intervals_hold_what_came_where_risks_are_off() -> None:
    """Risks are off by up to a third; judged on 4,000 people, then others come."""
    held: list[bool] = []
    by_chance_alone: list[bool] = []
    for seed in range(80):
        draw = np.random.default_rng(seed)
        off = np.exp(draw.normal(0, 0.15))
        judged, _ = people(draw, 4_000)
        came = (draw.random(4_000) < judged * off).astype(float)
        pooled = ratio_figure(came, judged, np.arange(4_000), seed=seed)
        told = calibrated_by(pooled, [])
        assert told
        risk, area = people(draw, 1_500)
        began = draw.random(1_500) < risk * off

        for each in expected_by(risk, area, told, seed=seed):
            mine = area == each.group if each.group != ALL else np.ones(1_500, bool)
            number = began[mine].sum()
            low, high = each.number.low, each.number.high
            assert low is not None
            assert high is not None
            held.append(bool(low <= number <= high))
            noise = 1.96 * np.sqrt((risk[mine] * (1 - risk[mine])).sum())
            alone = abs(number - risk[mine].sum()) <= noise
            by_chance_alone.append(bool(alone))

    # 80 towns of four areas and a whole each: .93 is two standard errors below .95.
    assert np.mean(held) >= 0.93
    assert np.mean(by_chance_alone) < 0.9


def test_the_quarters_of_an_area_add_up_to_its_whole() -> None:
    risk, area = people(np.random.default_rng(1), 600)
    told = calibrated_by(Figure(1.0, 0.9, 1.1), [])
    assert told

    found = expected_by(risk, area, told, seed=1, timing=QUARTERS)
    undivided = expected_by(risk, area, told, seed=1)

    for each in found:
        assert len(each.parts) == 4
        assert sum(part.value or 0 for part in each.parts) == pytest.approx(
            each.number.value
        )
    # Asking when changes nothing about how many.
    assert [each.number for each in found] == [each.number for each in undivided]
    assert all(each.parts == () for each in undivided)


def test_the_areas_of_a_quarter_add_up_to_all() -> None:
    risk, area = people(np.random.default_rng(1), 600)
    told = calibrated_by(Figure(1.0, 0.9, 1.1), [])
    assert told

    *areas, whole = expected_by(risk, area, told, seed=1, timing=QUARTERS)

    for quarter, part in enumerate(whole.parts):
        numbers = [each.parts[quarter].value or 0 for each in areas]
        assert sum(numbers) == pytest.approx(part.value)


def test_a_part_that_is_the_whole_horizon_says_what_the_whole_says() -> None:
    told = calibrated_by(Figure(1.0, 0.9, 1.1), [])
    assert told
    one = Timing((60,), (1.0,), 50.0)

    east, whole = expected_by(
        np.full(40, 0.2), np.full(40, "east", object), told, seed=1, timing=one
    )

    assert east.parts == (east.number,)
    assert whole.parts == (whole.number,)


def test_of_a_few_people_no_quarter_is_told() -> None:
    told = calibrated_by(Figure(1.0, 0.9, 1.1), [])
    assert told

    east, _ = expected_by(
        np.full(7, 0.5), np.full(7, "east", object), told, seed=1, timing=QUARTERS
    )

    assert east.parts == (Figure(None, None, None, "fewer than 8 people"),) * 4


def test_the_intervals_of_quarters_hold_what_came_where_few_outcomes_tell_when() -> (
    None
):
    """Of 60 outcomes it is known when they came; then 2,000 others come."""
    true = np.array([0.4, 0.3, 0.2, 0.1])
    sure = calibrated_by(Figure(1.0, 0.999, 1.001), [])
    assert sure
    held: list[bool] = []
    by_chance_alone: list[bool] = []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        shares = tuple((draw.multinomial(60, true) / 60).tolist())
        risk = draw.beta(1.2, 16, 2_000)
        came = draw.multinomial((draw.random(2_000) < risk).sum(), true)
        for worth, kept in ((60.0, held), (1e9, by_chance_alone)):
            when = Timing(QUARTERS.ends_days, shares, worth)
            whole = expected_by(
                risk, np.full(2_000, "east", object), sure, seed=seed, timing=when
            )[-1]
            for number, part in zip(came, whole.parts, strict=True):
                assert part.low is not None
                assert part.high is not None
                kept.append(bool(part.low <= number <= part.high))

    # 60 towns of four quarters: .92 is two standard errors below .95.
    assert np.mean(held) >= 0.92
    assert np.mean(by_chance_alone) < 0.85
