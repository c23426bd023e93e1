"""The town's files: as the contracts say, reproducible, late, corrected, withdrawn."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

from features.definitions.place import read_place
from features.town import Town, write_town
from features.town import parameters as rates
from models.definitions.score_files import read_scores
from tests.features.town.delivered import (
    LOCAL,
    PLACE,
    contracts,
    date_in,
    delivered,
    newest,
    parsed,
    person_of,
    rows_in,
    rows_of,
    truth_of,
)


SOURCES = sorted(LOCAL)


def bytes_of(town: Town) -> dict[str, str]:
    files = sorted(path for path in town.folder.rglob("*") if path.is_file())
    return {
        path.relative_to(town.folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in files
    }


# --- the place --------------------------------------------------------------------


def test_the_place_and_its_scores_have_no_faults() -> None:
    place, faults = read_place(PLACE)

    assert faults == []
    assert place is not None
    scores, faults = read_scores(place)
    assert faults == []
    assert 15 <= len(scores["long_term_care"].indicators) <= 20


def test_every_source_of_the_place_is_delivered_and_no_other(town: Town) -> None:
    assert {extract.source for extract in town.extracts} == set(contracts())


def test_the_judged_outcomes_are_known_within_the_span_and_after_what_is_fitted() -> (
    None
):
    place, _ = read_place(PLACE)
    assert place is not None
    score = read_scores(place)[0]["long_term_care"]
    wait = score.outcome.horizon_days + score.outcome.recording_lag_days
    calendar = score.cohort.calendar
    assert calendar is not None

    dates = calendar.dates(rates.LAST_DAY)
    fitted = [d for d in dates if d + dt.timedelta(days=wait) <= score.judgement.first]
    judged = [
        d
        for d in dates
        if d >= score.judgement.first and d + dt.timedelta(days=wait) <= rates.LAST_DAY
    ]

    assert (len(fitted), len(judged)) == (5, 3)
    assert judged[-1] == score.judgement.last


def test_no_indicator_reads_a_last_day_that_the_history_knows_too_early() -> None:
    place, _ = read_place(PLACE)
    assert place is not None

    texts = [
        (i.family.filter or "") + (i.family.of or "") for i in place.indicators.values()
    ]
    columns = {i.family.column for i in place.indicators.values()}

    for name in ("event_end_date", "ended_on", "closed_on"):
        assert not any(name in text for text in texts)
        assert name not in columns


# --- reproducible -----------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    tmp_path: Path,
) -> None:
    first = bytes_of(write_town(tmp_path / "a", people=300, seed=7))
    again = bytes_of(write_town(tmp_path / "b", people=300, seed=7))
    other = bytes_of(write_town(tmp_path / "c", people=300, seed=8))

    told_alike = {"truth/causes.csv", "truth/plant.csv"}
    assert first == again
    assert all(first[name] != other.get(name) for name in first.keys() - told_alike)


def test_what_a_folder_held_before_is_gone(tmp_path: Path) -> None:
    first = bytes_of(write_town(tmp_path, people=200, seed=7))
    again = bytes_of(write_town(tmp_path, people=200, seed=7))

    assert first == again


def test_the_truth_is_beside_the_extracts_and_never_in_the_place(town: Town) -> None:
    listed = {extract.path for extract in town.extracts}
    extracts = set((town.folder / "extracts").rglob("*.csv"))

    assert listed == extracts
    assert not any(path.is_relative_to(town.truth) for path in extracts)
    assert not list(PLACE.rglob("*.csv"))
    headers = [path.read_bytes().splitlines()[0] for path in extracts]
    assert not any(word in h for h in headers for word in (b"need", b"package"))


def test_extracts_come_in_the_order_in_which_they_were_received(town: Town) -> None:
    received = [extract.received for extract in town.extracts]
    first_of = {e.source: e for e in reversed(town.extracts)}

    assert received == sorted(received)
    assert all(extract.history for extract in first_of.values())
    assert sum(extract.history for extract in town.extracts) == len(first_of)


# --- as the contracts say ---------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_every_extract_has_the_header_and_cells_that_its_contract_declares(
    town: Town, source: str
) -> None:
    contract = contracts()[source]
    for _, rows in delivered(town, source):
        assert list(rows[0]) == [column.name for column in contract.columns]
        keys = Counter(tuple(row[k] for k in contract.key) for row in rows)
        assert set(keys.values()) == {1}
        for column in contract.columns:
            cells = {row[column.name] for row in rows}
            assert not (column.required and "" in cells)
            for cell in cells - {""}:
                assert cell == cell.strip()
                assert cell.isprintable()
                assert not column.values or cell in column.values
                assert not column.pattern or re.fullmatch(column.pattern, cell)
                assert column.type != "integer" or 0 <= int(cell) <= 1_000
                if column.type == "date":
                    assert parsed(cell, *column.formats) >= column.earliest
                assert len(cell) <= column.greatest_length


@pytest.mark.parametrize("source", SOURCES)
def test_no_event_lies_after_its_recording_nor_that_after_the_day_of_receipt(
    town: Town, source: str
) -> None:
    contract = contracts()[source]
    for extract, rows in delivered(town, source):
        for row in rows:
            happened = date_in(row, source, contract.dates.event or "")
            assert happened <= date_in(row, source, "recorded_on")
            assert date_in(row, source, "recorded_on") < extract.received
            if extract.period:
                assert extract.period[0] <= happened <= extract.period[1]


def test_nothing_happens_to_the_dead(town: Town) -> None:
    died = {r["person"]: r["died_on"] for r in truth_of(town, "outcomes")}
    person = person_of(town)
    for source in ("hospital_events", "gp_events", "housing_events"):
        for row in newest(town, source).values():
            who = person[source, row[LOCAL[source]]].lstrip("-")
            happened = date_in(row, source, "happened_on").isoformat()
            assert happened <= (died[who] or "9")


@pytest.mark.parametrize("source", SOURCES)
def test_every_local_number_stands_for_one_true_person(town: Town, source: str) -> None:
    known = [r["local_id"] for r in truth_of(town, "people") if r["source"] == source]
    used = {row[LOCAL[source]] for _, rows in delivered(town, source) for row in rows}

    assert len(known) == len(set(known))
    assert used <= set(known)


# --- late, corrected, withdrawn ---------------------------------------------------


@pytest.mark.parametrize("source", ["gp_events", "hospital_events", "asc_cld"])
def test_some_rows_come_late_and_some_come_again_corrected(
    town: Town, source: str
) -> None:
    contract = contracts()[source]
    key, event = contract.key[0], contract.dates.event or ""
    (history, first), (_, second), *_ = delivered(town, source)
    known = {row[key]: row for row in first}
    late = [
        row
        for row in second
        if date_in(row, source, event) <= dt.date(2025, 3, 31) and row[key] not in known
    ]
    changed = [row for row in second if row[key] in known]

    assert history.history
    assert late
    assert changed
    assert all(row != known[row[key]] for row in changed)


def test_a_double_entry_of_the_register_is_taken_back(town: Town) -> None:
    (_, first), (_, second), _ = delivered(town, "gp_register")

    gone = {row["entry_id"] for row in first} - {row["entry_id"] for row in second}

    assert 1 <= len(gone) < 0.01 * len(first)


def test_an_extract_under_the_wrong_names_is_withdrawn_by_the_next(town: Town) -> None:
    _, (sent, wrong), (again, right) = delivered(town, "police_notices")

    covered = again.period
    assert covered is not None
    assert sent.period is not None
    assert covered[0] == sent.period[0] < sent.period[1] < covered[1]
    assert not {row["notice_id"] for row in wrong} & {row["notice_id"] for row in right}
    assert len(right) > len(wrong)


def test_a_service_that_ends_is_sent_again_with_its_last_day(town: Town) -> None:
    (_, first), *others = delivered(town, "asc_cld")
    open_ = {
        row["event_ref"]
        for row in first
        if row["event_type"] == "Service" and not row["event_end_date"]
    }

    closed = [
        row
        for _, rows in others
        for row in rows
        if row["event_ref"] in open_ and row["event_end_date"]
    ]

    assert closed
    assert all(row["event_outcome"] for row in closed)


def test_numbers_that_were_missing_are_traced_later(town: Town) -> None:
    (_, first), (_, second), *_ = delivered(town, "asc_cld")
    without = {row["event_ref"] for row in first if not row["nhs_no"]}

    traced = [r for r in second if r["event_ref"] in without and r["nhs_no"]]

    assert traced
    assert len(traced) < 0.3 * len(without)


def test_codes_change_on_one_day_and_the_contract_takes_both(town: Town) -> None:
    changed = dt.date(2023, 4, 1)
    before, after = set(), set()
    [(_, rows), *_] = delivered(town, "asc_cld")
    for row in rows:
        recorded = date_in(row, "asc_cld", "recorded_on")
        if row["event_type"] == "Service":
            (after if recorded >= changed else before).add(row["service_type"])

    assert {text for text in before if text.startswith("Long Term")}
    assert {text for text in after if text.startswith("Long term")}
    assert not {text for text in after if text.startswith("Long Term")}
    allowed = contracts()["asc_cld"].column("service_type").values
    assert before | after <= set(allowed)


def test_most_of_client_level_data_is_written_down_within_two_months(
    town: Town,
) -> None:
    [(_, rows), *_] = delivered(town, "asc_cld")
    delays = [
        date_in(row, "asc_cld", "recorded_on")
        - date_in(row, "asc_cld", "event_start_date")
        for row in rows
    ]

    assert sum(delay.days <= 60 for delay in delays) / len(delays) > 0.97
    assert sum(delay.days > 0 for delay in delays) / len(delays) > 0.5


def test_a_town_of_several_blocks_numbers_its_people_and_rows_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from features.town import blocks

    monkeypatch.setattr(blocks, "PEOPLE_PER_BLOCK", 150)
    town = write_town(tmp_path, people=400, seed=3)

    people = rows_of(town.truth / "outcomes.csv")
    register = [e for e in town.extracts if e.source == "gp_register"][-1]
    entries = [row["entry_id"] for row in rows_in(register)]
    assert [int(row["person"]) for row in people] == list(range(len(people)))
    assert len(entries) == len(set(entries))
    for source in SOURCES:
        known = [r for r in truth_of(town, "people") if r["source"] == source]
        assert len(known) == len({row["local_id"] for row in known})
