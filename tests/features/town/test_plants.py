"""Planted faults: each is in the files, of its stated size, and told in the truth."""

from __future__ import annotations

import pytest

from features.town import Plant, Town, write_town
from features.town.plant import KINDS, PlantKind
from tests.features.town.delivered import (
    LOCAL,
    delivered,
    entries_of,
    newest,
    person_of,
    truth_of,
)


PEOPLE = 1_500
SIZES: dict[PlantKind, float] = {
    "drift": 6,
    "label-bias": 0.8,
    "link-bias": 5,
    "stale": 60,
    "calibration": 2,
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return write_town(tmp_path_factory.mktemp("plain"), people=PEOPLE, seed=5)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[PlantKind, Town]:
    def with_plant(plant: Plant) -> Town:
        folder = tmp_path_factory.mktemp(plant.kind)
        return write_town(folder, people=PEOPLE, seed=5, plant=plant)

    return {kind: with_plant(Plant(kind, size)) for kind, size in SIZES.items()}


def scores_since(town: Town, day: str) -> dict[str, int]:
    return {
        key: int(row["frailty_score"])
        for key, row in newest(town, "gp_events").items()
        if row["frailty_score"] and (row["happened_on"] >= day) and row["happened_on"]
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_tells_what_was_planted_and_how_large(
    planted: dict[PlantKind, Town], kind: PlantKind
) -> None:
    [told] = truth_of(planted[kind], "plant")

    assert (told["kind"], float(told["size"])) == (kind, SIZES[kind])
    assert told["where"]


def test_without_a_plant_the_truth_tells_of_none(plain: Town) -> None:
    assert truth_of(plain, "plant") == []


def test_drift_makes_one_sources_scores_higher_from_one_day_on(
    plain: Town, planted: dict[PlantKind, Town]
) -> None:
    before, after = scores_since(plain, ""), scores_since(planted["drift"], "")
    late = scores_since(plain, "2025-04-01").keys()

    moved = {after[key] - before[key] for key in before if before[key] <= 94}

    assert moved == {0, 6}
    assert all((after[k] > before[k]) == (k in late) for k in before if before[k] < 94)


def test_label_bias_hides_who_pays_for_one_group_only(
    plain: Town, planted: dict[PlantKind, Town]
) -> None:
    group = {r["person"]: r["ethnicity"] for r in truth_of(plain, "outcomes")}

    def unpaid(town: Town) -> dict[str, list[bool]]:
        person = person_of(town)
        found: dict[str, list[bool]] = {"A": [], "others": []}
        for row in newest(town, "asc_cld").values():
            if row["event_type"] == "Service" and row["service_type"].startswith(
                "Long"
            ):
                who = person["asc_cld", row["client_id"]].lstrip("-")
                key = "A" if group[who] == "A" else "others"
                found[key].append(row["client_funding_status"] == "")
        return found

    before, after = unpaid(plain), unpaid(planted["label-bias"])

    assert not any(before["A"] + before["others"] + after["others"])
    assert sum(after["A"]) / len(after["A"]) == pytest.approx(0.8, abs=0.25)


def test_link_bias_flaws_one_groups_entries_more_often(
    plain: Town, planted: dict[PlantKind, Town]
) -> None:
    group = {r["person"]: r["ethnicity"] for r in truth_of(plain, "outcomes")}

    def without_number(town: Town) -> float:
        person = person_of(town)
        rows = [
            row["nhs_no"] == ""
            for local, row in entries_of(town, "hospital_events").items()
            if group[person["hospital_events", local].lstrip("-")] == "A"
        ]
        return sum(rows) / len(rows)

    assert without_number(planted["link-bias"]) > 2 * without_number(plain)


def test_stale_leaves_the_last_delivery_of_one_source_out(
    plain: Town, planted: dict[PlantKind, Town]
) -> None:
    before = [extract for extract, _ in delivered(plain, "hospital_events")]
    after = [extract for extract, _ in delivered(planted["stale"], "hospital_events")]

    assert [e.path.name for e in after] == [e.path.name for e in before[:-1]]
    for source in LOCAL.keys() - {"hospital_events"}:
        sent = list(delivered(planted["stale"], source))
        assert len(sent) == len(list(delivered(plain, source)))


def test_calibration_turns_need_to_packages_more_often_in_the_last_years(
    plain: Town, planted: dict[PlantKind, Town]
) -> None:
    def packages(town: Town, since: str, until: str) -> int:
        days = [row["package_on"] for row in truth_of(town, "outcomes")]
        return sum(since <= day < until for day in days)

    grown = packages(planted["calibration"], "2024-04", "2026-04")

    assert grown > 1.3 * packages(plain, "2024-04", "2026-04")
    earlier = [
        packages(town, "2019-04", "2024-04") for town in (plain, planted["calibration"])
    ]
    assert earlier[0] == earlier[1]


def test_what_is_planted_in_the_records_changes_no_life(
    plain: Town, planted: dict[PlantKind, Town]
) -> None:
    for kind in ("drift", "label-bias", "link-bias", "stale"):
        assert truth_of(planted[kind], "outcomes") == truth_of(plain, "outcomes")
