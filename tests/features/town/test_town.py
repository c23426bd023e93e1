"""The simulated town: reproducible, as dirty as stated, and true to its parameters."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.definitions.contracts import Contract
from features.definitions.definition import read_definition
from features.definitions.place import definition_files, read_place
from features.town import Extract, Town, write_town
from features.town import parameters as rates
from models.definition import read_scores


PLACE = Path(__file__).parents[3] / "places" / "avonmere"
Row = dict[str, str]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return write_town(tmp_path_factory.mktemp("town"), people=5_000, seed=1)


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    read = [read_definition(p, Contract)[0] for p in definition_files(PLACE, "sources")]
    return {contract.name: contract for contract in read if contract}


@pytest.fixture(scope="module")
def truth(town: Town) -> list[Row]:
    return rows_of(town.truth / "outcomes.csv", "utf-8")


def rows_of(path: Path, encoding: str) -> list[Row]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, strict=True))


def delivered(town: Town, contract: Contract) -> Iterator[tuple[Extract, list[Row]]]:
    for extract in town.extracts:
        if extract.source == contract.name:
            yield extract, rows_of(extract.path, contract.file.encoding)


def newest(town: Town, contract: Contract) -> dict[str, Row]:
    """The newest version of each record, by key."""
    found = {}
    for _, rows in delivered(town, contract):
        found.update({row[contract.key[0]]: row for row in rows})
    return found


def date_in(row: Row, contract: Contract, column: str) -> dt.date:
    [format_] = contract.column(column).formats
    return parsed(row[column], format_)


@functools.cache
def parsed(text: str, format_: str) -> dt.date:
    return dt.datetime.strptime(text, format_).replace(tzinfo=dt.UTC).date()


def bytes_of(town: Town) -> dict[str, str]:
    files = sorted(path for path in town.folder.rglob("*") if path.is_file())
    return {
        path.relative_to(town.folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in files
    }


def years_at_65(truth: list[Row]) -> float:
    """Years that people of 65 and over lived in the town within the span."""
    days = 0
    for row in truth:
        since, until = (dt.date.fromisoformat(day) for day in _years(row))
        days += max((until - since).days, 0)
    return days / 365.25


def _years(row: Row) -> tuple[str, str]:
    born = dt.date.fromisoformat(row["born_on"])
    of_age = (born + dt.timedelta(days=65 * 365.25)).isoformat()
    left = row["died_on"] or row["moved_on"] or "9"
    since = max(rates.FIRST_DAY.isoformat(), of_age, row["joined_on"])
    return since, min(rates.LAST_DAY.isoformat(), left)


def within_years(row: Row, day: str) -> bool:
    since, until = _years(row)
    return bool(day) and since <= day <= until


# --- the place -------------------------------------------------------------------


def test_the_place_and_its_scores_have_no_faults() -> None:
    place, faults = read_place(PLACE)

    assert faults == []
    assert place is not None
    scores, faults = read_scores(place)
    assert faults == []
    assert list(scores) == ["long_term_care"]


def test_every_source_is_used_and_delivered(
    town: Town, contracts: dict[str, Contract]
) -> None:
    assert {extract.source for extract in town.extracts} == set(contracts)


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


# --- reproducible ------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    tmp_path: Path,
) -> None:
    first = bytes_of(write_town(tmp_path / "a", people=200, seed=7))
    again = bytes_of(write_town(tmp_path / "b", people=200, seed=7))
    other = bytes_of(write_town(tmp_path / "c", people=200, seed=8))

    assert first == again
    assert first.keys() == other.keys()
    assert all(first[name] != other[name] for name in first)


def test_the_truth_is_not_among_the_extracts(town: Town) -> None:
    listed = {extract.path for extract in town.extracts}
    extracts = set((town.folder / "extracts").rglob("*.csv"))

    assert listed == extracts
    assert not any(path.is_relative_to(town.truth) for path in extracts)
    headers = [path.read_bytes().splitlines()[0] for path in extracts]
    assert not any(word in h for h in headers for word in (b"frailty_at", b"package"))


def test_extracts_come_in_the_order_in_which_they_were_received(town: Town) -> None:
    received = [extract.received for extract in town.extracts]
    first_of = {e.source: e for e in reversed(town.extracts)}

    assert received == sorted(received)
    assert all(extract.history for extract in first_of.values())
    assert sum(extract.history for extract in town.extracts) == len(first_of)


# --- as the contracts say ------------------------------------------------------------


def test_every_extract_has_the_header_and_cells_that_its_contract_declares(
    town: Town, contracts: dict[str, Contract]
) -> None:
    for contract in contracts.values():
        for _, rows in delivered(town, contract):
            assert list(rows[0]) == [column.header for column in contract.columns]
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


def test_no_event_lies_after_its_recording_nor_that_after_the_day_of_receipt(
    town: Town, contracts: dict[str, Contract]
) -> None:
    for contract in contracts.values():
        for extract, rows in delivered(town, contract):
            for row in rows:
                happened = date_in(row, contract, "happened_on")
                assert happened <= date_in(row, contract, "recorded_on")
                assert date_in(row, contract, "recorded_on") < extract.received
                if row["birth_date"] and row.get("entry") != "registered":
                    assert date_in(row, contract, "birth_date") < happened


def test_nothing_happens_to_the_dead(town: Town, truth: list[Row]) -> None:
    died = {row["person"]: row["died_on"] for row in truth if row["died_on"]}
    person = {
        row["local_id"]: row["person"]
        for row in rows_of(town.truth / "people.csv", "utf-8")
        if row["source"] == "hospital_events"
    }
    for extract in town.extracts:
        if extract.source == "hospital_events":
            for row in rows_of(extract.path, "utf-8"):
                assert row["happened_on"] <= died.get(person[row["hospital_no"]], "9")


def test_some_rows_come_late_are_corrected_or_are_withdrawn(
    town: Town, contracts: dict[str, Contract]
) -> None:
    for name in ("gp_events", "hospital_events", "social_care"):
        contract = contracts[name]
        (history, first), (_, second), *_ = delivered(town, contract)
        known = {row["event_id"]: row for row in first}
        late = [
            row
            for row in second
            if date_in(row, contract, "happened_on") <= dt.date(2025, 3, 31)
            and row["event_id"] not in known
        ]
        changed = [row for row in second if row["event_id"] in known]

        assert history.history
        assert late
        assert changed
        assert all(row != known[row["event_id"]] for row in changed)
    (_, first), (_, second), _ = delivered(town, contracts["gp_register"])
    gone = {row["entry_id"] for row in first} - {row["entry_id"] for row in second}
    assert 1 <= len(gone) < 0.01 * len(first)


def test_most_social_care_is_recorded_within_the_lag_that_the_score_allows(
    town: Town, contracts: dict[str, Contract]
) -> None:
    contract = contracts["social_care"]
    [(_, rows), *_] = delivered(town, contract)
    delays = [
        date_in(row, contract, "recorded_on") - date_in(row, contract, "happened_on")
        for row in rows
    ]

    assert sum(delay.days <= 60 for delay in delays) / len(delays) > 0.975
    assert sum(delay.days > 0 for delay in delays) / len(delays) > 0.5


# --- who is who ------------------------------------------------------------------


def is_valid(nhs_number: str) -> bool:
    """The NHS Data Dictionary's rule, written the other way round: the sum is 0."""
    weights = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    total = sum(int(d) * w for d, w in zip(nhs_number, weights, strict=True))
    return total % 11 == 0


def test_nhs_numbers_are_valid_but_for_the_few_meant_to_be_wrong(
    town: Town, contracts: dict[str, Contract]
) -> None:
    for name, local, least_bad, most_bad in (
        ("gp_register", "gp_person_id", 0, 0),
        ("hospital_events", "hospital_no", 1, 40),
        ("social_care", "client_id", 1, 40),
    ):
        rows = newest(town, contracts[name]).values()
        numbers = {row[local]: row["nhs_no"] for row in rows if row["nhs_no"]}
        bad = sum(not is_valid(number) for number in numbers.values())

        assert least_bad <= bad <= most_bad
        assert all(number.startswith("999") for number in numbers.values())


def test_every_local_number_stands_for_one_true_person(
    town: Town, contracts: dict[str, Contract]
) -> None:
    known: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(town.truth / "people.csv", "utf-8"):
        assert row["local_id"] not in known[row["source"]]
        known[row["source"]].add(row["local_id"])
    for contract in contracts.values():
        local = contract.identity_columns[0]
        used = {row[local] for row in newest(town, contract).values()}
        assert used <= known[contract.name]


@pytest.mark.parametrize(
    ("source", "local", "least", "most"),
    [
        ("gp_register", "gp_person_id", 0.0, 0.02),
        ("hospital_events", "hospital_no", 0.03, 0.08),
        ("social_care", "client_id", 0.05, 0.10),
    ],
)
def test_the_stated_share_of_people_on_file_is_written_down_wrongly(
    town: Town,
    contracts: dict[str, Contract],
    source: str,
    local: str,
    least: float,
    most: float,
) -> None:
    person = {
        (row["source"], row["local_id"]): row["person"]
        for row in rows_of(town.truth / "people.csv", "utf-8")
    }
    written: dict[str, Counter[tuple[object, ...]]] = defaultdict(Counter)
    entries = {}
    for name, column in (
        ("gp_register", "gp_person_id"),
        ("hospital_events", "hospital_no"),
        ("social_care", "client_id"),
    ):
        for row in newest(town, contracts[name]).values():
            born = (
                date_in(row, contracts[name], "birth_date") if row["birth_date"] else 0
            )
            identity = (row["forename"], row["surname"], born, row["postcode"])
            who = person[name, row[column]]
            written[who][identity] += name == "gp_register"
            entries[name, row[column]] = (who, identity)
    mine = [entry for (name, _), entry in entries.items() if name == source]
    # What the register says is nearly always right; it stands in for the truth.
    wrong = [i != written[who].most_common(1)[0][0] for who, i in mine]
    if source == "gp_register":
        held = {
            row["person"]: row for row in rows_of(town.truth / "outcomes.csv", "utf-8")
        }
        wrong = [str(i[2]) != held[who]["born_on"] for who, i in mine]

    assert least <= sum(wrong) / len(wrong) <= most


def test_there_are_placeholders_twins_namesakes_and_double_entries(
    town: Town, contracts: dict[str, Contract], truth: list[Row]
) -> None:
    care = newest(town, contracts["social_care"]).values()
    register = newest(town, contracts["gp_register"]).values()
    first_of = {row["gp_person_id"]: row for row in register}.values()
    names_at = Counter((r["uprn"], r["forename"], r["surname"]) for r in first_of)
    born_at = Counter((r["uprn"], r["birth_date"]) for r in first_of if r["birth_date"])
    entries = Counter(
        row["person"]
        for row in rows_of(town.truth / "people.csv", "utf-8")
        if row["source"] == "social_care"
    )

    assert any(row["birth_date"] == "01/01/1900" for row in care)
    assert max(names_at.values()) == 2
    assert max(born_at.values()) == 2
    assert max(entries.values()) == 2


# --- true to the parameters --------------------------------------------------------


def test_about_as_many_people_of_65_live_there_as_asked_for(truth: list[Row]) -> None:
    old = [row for row in truth if row["born_on"] <= "1954-04-01"]
    here = [row for row in old if row["joined_on"] <= "2019-04-01"]

    assert 4_700 <= len(here) <= len(old) <= 5_400


def test_opt_outs_are_as_common_as_their_source_says(
    town: Town, contracts: dict[str, Contract], truth: list[Row]
) -> None:
    rows = newest(town, contracts["opt_outs"]).values()
    scopes = Counter(row["kind"] for row in rows)

    # 4.97 % by 2021, the mean of both sexes; here by the end of the span.
    assert scopes["NDOO"] / len(truth) == pytest.approx(0.0497, abs=0.008)
    assert 0 < scopes["RES"] < scopes["OBJ"] < scopes["T1"] < scopes["NDOO"]


def test_the_record_shows_the_packages_that_truly_began(
    town: Town, contracts: dict[str, Contract], truth: list[Row]
) -> None:
    contract = contracts["social_care"]
    recorded = {
        date_in(row, contract, "happened_on").isoformat()
        for row in newest(town, contract).values()
        if row["event"] == "Service start"
        and row["service_type"].startswith("long term")
        and row["funding"] == "council"
    }
    true = [row["package_on"] for row in truth if "" < row["package_on"] < "2026"]

    assert sum(day in recorded for day in true) / len(true) > 0.98
