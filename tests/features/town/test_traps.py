"""The traps that real records set: each is in the files, and the truth tells of it."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from features.town import Town
from features.town.names import ALIASES
from tests.features.town.delivered import (
    LOCAL,
    Row,
    date_in,
    delivered,
    entries_of,
    newest,
    person_of,
    truth_of,
)


WITH_NUMBERS = ("asc_cld", "hospital_events", "carers")


@pytest.fixture(scope="module")
def register(town: Town) -> dict[str, Row]:
    """The register's newest row of each true person."""
    person = person_of(town)
    entries = entries_of(town, "gp_register").items()
    return {person["gp_register", local]: row for local, row in entries}


def pairs_of(town: Town, kind: str) -> list[Row]:
    return [row for row in truth_of(town, "traps") if row["kind"] == kind]


def flawed(town: Town, register: dict[str, Row], source: str) -> list[tuple[Row, Row]]:
    """Each entry beside the register's own of the same person."""
    person = person_of(town)
    found = []
    for local, row in entries_of(town, source).items():
        other = register.get(person[source, local])
        if other:
            found.append((row, other))
    return found


def is_valid(nhs_number: str) -> bool:
    """The NHS Data Dictionary's rule, written the other way round: the sum is 0."""
    weights = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    total = sum(int(d) * w for d, w in zip(nhs_number, weights, strict=True))
    return total % 11 == 0


# --- names ------------------------------------------------------------------------


def test_some_names_are_misspelt(town: Town, register: dict[str, Row]) -> None:
    pairs = flawed(town, register, "asc_cld")

    slips = [
        one["surname"]
        for one, other in pairs
        if one["forename"] == other["forename"]
        and one["surname"] != other["surname"]
        and sorted(one["surname"].lower())[:4] == sorted(other["surname"].lower())[:4]
    ]

    assert slips


def test_some_are_called_by_a_nickname(town: Town, register: dict[str, Row]) -> None:
    pairs = flawed(town, register, "asc_cld")

    short = [
        one
        for one, other in pairs
        if one["forename"] in ALIASES.get(other["forename"], ())
    ]

    assert short


def test_some_names_stand_in_each_others_field(
    town: Town, register: dict[str, Row]
) -> None:
    found = [
        one
        for source in LOCAL
        for one, other in flawed(town, register, source)
        if (one["forename"], one["surname"]) == (other["surname"], other["forename"])
        and one["forename"] != one["surname"]
    ]

    assert found


def test_some_women_are_written_down_under_another_surname(
    town: Town, register: dict[str, Row]
) -> None:
    found = [
        one
        for one, other in flawed(town, register, "hospital_events")
        if other["sex"] == "F"
        and one["forename"] == other["forename"]
        and one["surname"].lower()[:2] != other["surname"].lower()[:2]
    ]

    assert found


def test_a_title_may_stand_for_a_last_name(town: Town) -> None:
    last = Counter(r["surname"] for r in entries_of(town, "gp_register").values())

    assert last["Begum"] + last["Bibi"] >= 3
    assert last["Kaur"] >= 1
    assert last["Singh"] >= 1


def test_letters_that_a_system_cannot_hold_become_question_marks(town: Town) -> None:
    lost = [
        row
        for source in ("asc_cld", "housing_events")
        for row in newest(town, source).values()
        if "?" in row["forename"] + row["surname"]
    ]
    kept = [
        row
        for row in entries_of(town, "gp_register").values()
        if any(letter in "łńśŁ" for letter in row["forename"] + row["surname"])
    ]

    assert lost
    assert kept


def test_names_of_some_groups_are_flawed_more_often(
    town: Town, register: dict[str, Row]
) -> None:
    group = {r["person"]: r["ethnicity"] for r in truth_of(town, "outcomes")}
    person = person_of(town)
    wrong: dict[bool, list[bool]] = defaultdict(list)
    for source in ("asc_cld", "hospital_events", "housing_events", "police_notices"):
        for local, row in entries_of(town, source).items():
            other = register.get(who := person[source, local])
            if other:
                same = all(row[n] == other[n] for n in ("forename", "surname"))
                wrong[group.get(who, "W") in "WM"].append(not same)

    white, others = (sum(wrong[k]) / len(wrong[k]) for k in (True, False))

    assert others > 1.5 * white


# --- birth dates and numbers ------------------------------------------------------


def test_some_birth_dates_have_day_and_month_in_each_others_place(
    town: Town, register: dict[str, Row]
) -> None:
    found = []
    for source in LOCAL:
        for one, other in flawed(town, register, source):
            if one["birth_date"]:
                born = date_in(one, source, "birth_date")
                right = date_in(other, "gp_register", "birth_date")
                turned = (born.day, born.month) == (right.month, right.day)
                found.append(turned and born != right)

    assert sum(found) >= 3


def test_some_birth_dates_stand_for_none_or_are_missing(town: Town) -> None:
    dates = Counter(row["birth_date"] for row in entries_of(town, "asc_cld").values())

    assert dates["01/01/1900"]
    assert dates[""]


def test_nhs_numbers_are_valid_but_for_the_few_meant_to_be_wrong(town: Town) -> None:
    for source in ("gp_register", "opt_outs"):
        rows = entries_of(town, source).values()
        assert all(is_valid(row["nhs_no"]) for row in rows if row["nhs_no"])
    rows = [row for s in WITH_NUMBERS for row in entries_of(town, s).values()]
    numbers = [row["nhs_no"] for row in rows if row["nhs_no"]]

    bad = sum(not is_valid(number) for number in numbers)

    assert 1 <= bad <= 0.02 * len(numbers)
    assert 0.02 <= 1 - len(numbers) / len(rows) <= 0.15


def test_some_numbers_are_used_for_two_people(town: Town) -> None:
    person = person_of(town)
    register = entries_of(town, "gp_register")
    owner = {
        row["nhs_no"]: person["gp_register", local] for local, row in register.items()
    }
    pairs = pairs_of(town, "reused number")

    found = 0
    for pair in pairs:
        rows = entries_of(town, pair["source"]).items()
        held = [
            row for local, row in rows if person[pair["source"], local] == pair["other"]
        ]
        found += any(owner.get(row["nhs_no"]) == pair["person"] for row in held)
    assert 1 <= found <= len(pairs) <= 2 * found


# --- people who look alike --------------------------------------------------------


def test_there_are_twins_and_the_truth_names_them(
    town: Town, register: dict[str, Row]
) -> None:
    pairs = pairs_of(town, "twins")

    assert pairs
    for pair in pairs:
        one, other = register[pair["person"]], register[pair["other"]]
        assert one["birth_date"] == other["birth_date"]
        assert one["forename"] != other["forename"]


def test_there_are_fathers_and_sons_of_one_name(
    town: Town, register: dict[str, Row]
) -> None:
    pairs = pairs_of(town, "father and son")

    assert pairs
    for pair in pairs:
        one, other = register[pair["person"]], register[pair["other"]]
        assert one["birth_date"][:4] != other["birth_date"][:4]


def test_some_people_have_two_entries_in_one_source(town: Town) -> None:
    entries = Counter((r["source"], r["person"]) for r in truth_of(town, "people"))

    for source in ("asc_cld", "hospital_events", "police_notices"):
        twice = [n for (s, _), n in entries.items() if s == source and n > 1]
        assert twice
        assert max(twice) == 2


# --- restricted records -----------------------------------------------------------


def test_every_kind_of_restriction_is_marked_in_the_register(town: Town) -> None:
    marked = Counter(r["restriction"] for r in entries_of(town, "gp_register").values())

    assert {"S", "REF", "ADP", "GRA", "WIT", "STF"} <= set(marked)
    assert marked[""] > 0.98 * marked.total()


def test_a_closed_identity_has_another_number_and_name_and_its_own_entries(
    town: Town, register: dict[str, Row]
) -> None:
    pairs = pairs_of(town, "closed identity")

    assert len(pairs) >= 3
    for pair in pairs:
        now, before = register[pair["person"]], register[pair["other"]]
        assert now["restriction"] in {"ADP", "GRA", "WIT"}
        assert before["restriction"] == ""
        assert now["nhs_no"] != before["nhs_no"]
        assert is_valid(before["nhs_no"])
        names = ("forename", "surname")
        assert [now[n] for n in names] != [before[n] for n in names]


def test_no_event_is_kept_under_both_identities_on_one_day(town: Town) -> None:
    person = person_of(town)
    last: dict[str, str] = {}
    first: dict[str, str] = {}
    for source in ("hospital_events", "gp_events"):
        for row in newest(town, source).values():
            who, day = person[source, row[LOCAL[source]]], row["happened_on"]
            if who.startswith("-"):
                last[who[1:]] = max(last.get(who[1:], ""), day)
            elif row["restriction"] in {"ADP", "GRA", "WIT"}:
                first[who] = min(first.get(who, "9"), day)

    assert last
    assert all(last[who] < first.get(who, "9") for who in last)


# --- who is not seen, and who cares for whom --------------------------------------


def test_a_practice_that_does_not_share_sends_no_events(town: Town) -> None:
    practices = {r["practice_code"] for r in entries_of(town, "gp_register").values()}
    sharing = {row["practice_code"] for row in newest(town, "gp_events").values()}

    assert len(practices - sharing) == 1
    never = {r["what"] for r in truth_of(town, "never_recorded")}
    assert "what the GP practice knows" in never


def test_people_pay_for_care_that_no_partner_knows_of(town: Town) -> None:
    never = Counter(r["what"] for r in truth_of(town, "never_recorded"))

    assert never["care that the council does not know of"] > 20


def test_known_self_funding_and_the_nhs_can_be_told_from_the_council(
    town: Town,
) -> None:
    rows = newest(town, "asc_cld").values()
    payers = Counter(
        row["client_funding_status"]
        for row in rows
        if row["event_type"] == "Service" and row["service_type"].startswith("Long")
    )
    told = Counter(r["event_outcome"] for r in rows if r["event_type"] == "Assessment")

    assert payers["Council funded"] > payers["Self-funded"] > 0
    assert payers["NHS continuing healthcare"] > 0
    assert sum(n for text, n in told.items() if "Self-funded" in text) > 5


def test_every_caring_has_a_carer_and_one_cared_for(town: Town) -> None:
    roles = defaultdict(set)
    for row in newest(town, "carers").values():
        roles[row["caring_id"]].add(row["role"])
    over = [row for row in newest(town, "carers").values() if row["ended_on"]]

    assert roles
    assert all(both == {"carer", "cared for"} for both in roles.values())
    assert over


def test_opt_outs_are_as_common_as_their_source_says(town: Town) -> None:
    scopes = Counter(row["kind"] for row in newest(town, "opt_outs").values())

    # 4.97 % by 2021, the mean of both sexes; here by the end of the span.
    share = scopes["NDOO"] / len(truth_of(town, "outcomes"))
    assert share == pytest.approx(0.0497, abs=0.008)
    assert 0 < scopes["RES"] < scopes["OBJ"] < scopes["T1"] < scopes["NDOO"]


def test_the_record_shows_the_packages_that_truly_began(town: Town) -> None:
    recorded = {
        date_in(row, "asc_cld", "event_start_date").isoformat()
        for row in newest(town, "asc_cld").values()
        if row["event_type"] == "Service"
        and row["service_type"].startswith("Long")
        and row["client_funding_status"] == "Council funded"
    }
    packages = [row["package_on"] for row in truth_of(town, "outcomes")]
    true = [day for day in packages if "2019-04" <= day < "2026"]

    assert len(true) > 200
    assert sum(day in recorded for day in true) / len(true) > 0.98


def test_an_address_changes_with_a_move(town: Town) -> None:
    moves = [
        r for r in newest(town, "gp_register").values() if r["entry"] == "moved home"
    ]
    homes = defaultdict(set)
    for row in newest(town, "gp_register").values():
        homes[row["gp_person_id"]].add(row["uprn"])

    assert moves
    moved = {row["gp_person_id"] for row in moves}
    assert sum(len(homes[who]) > 1 for who in moved) > 0.9 * len(moved)
    assert {row["residence"] for row in moves} == {"own home", "care home"}


def test_some_extracts_are_in_the_councils_old_encoding(town: Town) -> None:
    for source in ("asc_cld", "housing_events"):
        assert list(delivered(town, source))
