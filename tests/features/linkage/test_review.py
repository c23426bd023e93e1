"""A steward looks at what linking left in doubt; what is said is kept and followed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from features.faults import Misuse
from features.linkage.decisions_store import (
    Decided,
    Verdict,
    decisions_of,
    in_force,
    read_reason,
    read_verdict,
)
from features.linkage.queue import UncertainPair
from features.linkage.review import Judgement, decide, review_queue, shown
from tests.features.people import (
    CROWD,
    KEY,
    ONE,
    TWO,
    Office,
    groups,
    linked,
    person,
    rules,
)


AT = dt.datetime(2030, 1, 2, 9, 30, tzinfo=dt.UTC)
ANN = person("Ann Smith", "1944-03-02", "AV1 1AA")
ROSE = person("Rose Smith", "1944-03-02", "AV1 1AA")
# Below the threshold beside ANN, but not by much.
NEARLY = person("Ann Smith", "1944-09-27", "AV1 1AA")


def queue(office: Office) -> list[UncertainPair]:
    return review_queue(office.warehouse, office.place, KEY, "person")


def say(office: Office, pair: UncertainPair | str, verdict: Verdict) -> Decided:
    pair_id = pair if isinstance(pair, str) else pair.id
    reason = read_reason(None, verdict)
    judgement = Judgement(verdict, reason, "data steward", AT)
    return decide(office.warehouse, office.place, KEY, pair_id, judgement)


def kept(office: Office) -> list[Decided]:
    return decisions_of(office.warehouse, office.warehouse.manifest(), "person")


def test_a_merge_that_only_a_veto_on_names_stopped_is_asked_about(
    tmp_path: Path,
) -> None:
    [pair] = queue(linked(tmp_path, ANN, ROSE))

    assert (pair.records, pair.why) == ((1, 2), "vetoed: twins")


def test_conflicting_valid_numbers_are_never_asked_about(tmp_path: Path) -> None:
    office = linked(tmp_path, {**ANN, "nhs_number": ONE}, {**ROSE, "nhs_number": TWO})

    assert queue(office) == []


def test_what_is_kept_but_below_the_threshold_is_asked_about(tmp_path: Path) -> None:
    [pair] = queue(linked(tmp_path, ANN, NEARLY, threshold=0.999999))

    assert pair.why == "uncertain"
    assert 0 < pair.usefulness < 1


def test_a_record_that_two_people_claim_alike_is_asked_about_with_each(
    tmp_path: Path,
) -> None:
    one, two = {**ANN, "nhs_number": ONE}, {**ANN, "nhs_number": TWO}

    pairs = queue(linked(tmp_path, one, ANN, two))

    assert {(pair.records, pair.why) for pair in pairs} == {
        ((1, 2), "tie"),
        ((2, 3), "tie"),
    }


def test_two_sides_are_asked_about_once_however_many_of_their_records_are_alike(
    tmp_path: Path,
) -> None:
    writings = [{**ANN, "postcode": None}, {**ROSE, "postcode": None}]

    pairs = queue(linked(tmp_path, ANN, ROSE, *writings))

    assert len(pairs) == 1


def test_a_bridge_that_holds_scores_back_comes_before_all_else(tmp_path: Path) -> None:
    almost = person("Ann Smyth", "1944-03-02", "AV1 1AA")
    office = Office(tmp_path, rules(bridge_below=0.9999999, tie_margin_bits=None))
    twins = [person("Rose Kent", "1950-01-01", "AV3 3AA")] * 2
    twins += [person("Vera Kent", "1950-01-01", "AV3 3AA")] * 2
    office.load([*twins, ANN, ANN, almost, almost])
    office.link()

    pairs = queue(office)

    assert [(pair.why, pair.holds_scores_back) for pair in pairs] == [
        ("bridge", True),
        ("vetoed: twins", False),
    ]


@pytest.mark.parametrize(
    ("verdict", "apart"), [("same", [[1, 2, 3, 4]]), ("different", [[1, 2], [3, 4]])]
)
def test_a_decision_on_a_bridge_takes_the_flags_away(
    tmp_path: Path, verdict: Verdict, apart: list[list[int]]
) -> None:
    almost = person("Ann Smyth", "1944-03-02", "AV1 1AA")
    office = Office(tmp_path, rules(bridge_below=0.9999999, tie_margin_bits=None))
    office.load([ANN, ANN, almost, almost])
    office.link()
    say(office, queue(office)[0], verdict)

    office.link()

    assert groups(office, 4) == apart
    assert office.flags() == []


def test_two_who_share_no_more_than_a_number_come_last(tmp_path: Path) -> None:
    ann = {**ANN, "nhs_number": ONE}
    reused = person("Vera Noakes", "1971-11-20", "AV5 5ZZ", ONE)
    twins = [person("Rose Kent", "1950-01-01", "AV3 3AA")]
    twins += [person("Vera Kent", "1950-01-01", "AV3 3AA")]

    pairs = queue(linked(tmp_path, ann, reused, *twins))

    assert [pair.why for pair in pairs] == [
        "vetoed: twins",
        "vetoed: one number for two people",
    ]


def test_the_pair_whose_answer_changes_more_comes_first(tmp_path: Path) -> None:
    # Two ways of writing on either side of one pair, one of the other.
    more = [person("Rosa Smith", "1944-03-02", "AV1 1AA")]
    more += [person("Anne Smith", "1944-03-02", "AV1 1AA")]
    john = person("John Kent", "1950-01-01", "AV3 3AA")
    jim = person("Jim Kent", "1950-01-01", "AV3 3AA")

    pairs = queue(linked(tmp_path, john, jim, ANN, ROSE, *more))

    assert [pair.why for pair in pairs] == ["vetoed: twins"] * 2
    assert pairs[0].usefulness > pairs[1].usefulness
    assert pairs[1].records == (1, 2)


def test_the_queue_shows_what_linking_reads_and_nothing_else(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ROSE)
    [pair] = queue(office)

    seen = shown(office.warehouse, office.place, [pair])[pair.id]

    assert seen == {
        "nhs_number": ([""], [""]),
        "forename": (["Ann"], ["Rose"]),
        "surname": (["Smith"], ["Smith"]),
        "birth_date": (["1944-03-02"], ["1944-03-02"]),
        "postcode": (["AV1 1AA"], ["AV1 1AA"]),
    }


def test_the_queue_names_no_source(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.hold_one_each("register")
    office.load([ANN, person("Ann Smyth", "1944-03-02", "AV1 1AA"), *CROWD])
    office.link()

    [pair] = queue(office)

    assert pair.why == "vetoed: two records of one source"


def test_the_id_of_a_pair_tells_nothing_without_the_key(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ROSE)

    [pair] = queue(office)
    [other] = review_queue(office.warehouse, office.place, b"k" * 32, "person")

    assert len(pair.id) == 16
    assert pair.id != other.id


@pytest.mark.parametrize("afresh", [True, False])
def test_a_decision_is_followed_at_every_linking(tmp_path: Path, afresh: bool) -> None:
    office = linked(tmp_path, ANN, ROSE)
    say(office, queue(office)[0], "same")
    office.link()

    office.load([person("Vera Noakes", "1930-12-12", "AV8 8AA")])
    office.link(afresh=afresh)

    assert groups(office, 2) == [[1, 2]]
    assert queue(office) == []


def test_two_records_told_apart_stay_apart(tmp_path: Path) -> None:
    almost = person("Ann Smyth", "1944-03-02", "AV1 1AA")
    office = linked(tmp_path, ANN, almost, threshold=0.999999)
    assert groups(office, 2) == [[1], [2]]
    say(office, queue(office)[0], "different")
    office.rules = office.rules.model_copy(update={"threshold": 0.95})
    office.place.linkage["person"] = office.rules

    office.link()

    assert groups(office, 2) == [[1], [2]]
    assert queue(office) == []


def test_who_cannot_tell_is_not_asked_again(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ROSE)
    say(office, queue(office)[0], "cannot tell")
    office.link()

    assert queue(office) == []
    assert groups(office, 2) == [[1], [2]]


def test_who_could_not_tell_is_asked_again_once_a_record_says_something_else(
    tmp_path: Path,
) -> None:
    office = linked(tmp_path, ANN, ROSE)
    say(office, queue(office)[0], "cannot tell")

    office.load([{**ROSE, "nhs_number": ONE, "record": 2}])
    office.link()

    assert [pair.records for pair in queue(office)] == [(1, 2)]


def test_a_later_decision_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ROSE)
    pair = queue(office)[0]
    say(office, pair, "different")
    say(office, pair.id, "same")

    office.link()

    assert [one.verdict for one in kept(office)] == ["different", "same"]
    assert [one.number for one in in_force(kept(office))] == [2]
    assert groups(office, 2) == [[1, 2]]


def test_a_decision_keeps_who_when_why_and_what_was_seen(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ROSE)

    said = say(office, queue(office)[0], "same")

    [found] = kept(office)
    assert found == said
    assert (found.by, found.at, found.reason) == (
        "data steward",
        AT,
        "identifiers agree",
    )
    assert found.seen["forename"] == (["Ann"], ["Rose"])


def test_a_decision_is_a_file_of_the_identity_zone_that_is_never_changed(
    tmp_path: Path,
) -> None:
    office = linked(tmp_path, ANN, ROSE)
    pair = queue(office)[0]
    say(office, pair, "same")
    [first] = office.warehouse.manifest().decisions
    before = office.warehouse.path(first.file).read_bytes()

    say(office, pair.id, "different")

    both = office.warehouse.manifest().decisions
    assert both[0] == first
    assert first.file.path.startswith("identity/decisions/person/")
    assert office.warehouse.path(first.file).read_bytes() == before
    assert office.warehouse.damaged() == []


def test_a_decision_that_later_numbers_contradict_is_told_of(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ROSE)
    say(office, queue(office)[0], "same")

    office.load(
        [
            {**ANN, "nhs_number": ONE, "record": 1},
            {**ROSE, "nhs_number": TWO, "record": 2},
        ]
    )
    report = office.link()

    assert groups(office, 2) == [[1], [2]]
    [note] = [n for n in report.notes if n.startswith("decision 1")]
    assert note == (
        'decision 1 ("same") is contradicted by later identifiers: look at it again'
    )


def test_a_decision_that_a_later_common_number_contradicts_is_told_of(
    tmp_path: Path,
) -> None:
    office = linked(tmp_path, ANN, ROSE)
    say(office, queue(office)[0], "different")

    ann = {**ANN, "nhs_number": ONE}
    office.load([{**ann, "record": 1}, {**ann, "record": 2}])
    report = office.link()

    assert groups(office, 2) == [[1], [2]]
    assert any(n.startswith('decision 1 ("different")') for n in report.notes)


def test_a_decision_that_nothing_contradicts_is_not_told_of(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ROSE)
    say(office, queue(office)[0], "same")

    assert not any(n.startswith("decision") for n in office.link().notes)


def test_only_a_pair_that_is_asked_about_can_be_decided(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ROSE)

    with pytest.raises(Misuse, match="the pair must be in the queue"):
        say(office, "0" * 16, "same")


@pytest.mark.parametrize("text", ["maybe", "SAME", ""])
def test_an_unknown_verdict_is_a_misuse_that_names_the_known_ones(text: str) -> None:
    with pytest.raises(Misuse, match="same, different, cannot tell"):
        read_verdict(text)


def test_an_unknown_reason_is_a_misuse() -> None:
    with pytest.raises(Misuse, match="identifiers agree"):
        read_reason("I know her", "same")


def test_nothing_linked_leaves_nothing_to_ask(tmp_path: Path) -> None:
    assert queue(Office(tmp_path)) == []


def test_no_message_of_the_review_says_a_personal_thing(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ROSE)

    pair: Any = queue(office)[0]

    assert not {"Ann", "Rose", "Smith", "1944-03-02"} & set(repr(pair).split("'"))
