from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from features.faults import Misuse
from models.definitions.doubt import Withheld
from models.ledger.access_tables import accounts
from models.ledger.frozen_places import keep_place
from models.ledger.tables import scores, views
from models.ledger.work_tables import subject_packs
from serving.access.roles import Caller
from serving.audit import Absent
from serving.desk.contacts import break_glass, contact
from serving.desk.decisions import decide
from serving.desk.desk import Desk
from serving.desk.pack_parts import WHY
from serving.desk.pack_text import on_paper
from serving.desk.packs import choose, make_pack, pack, release
from serving.desk.person import person as look_at
from serving.desk.register import enter
from serving.schemas.rights import FlagChoice, NewRequest, PackAnswer
from serving.schemas.work import Decision
from tests.made_up_score import NOW, TODAY
from tests.serving.made_up_people import caller, people_desk, place


# A second manager of the team East, who reviews.
REVIEWER = Caller(8, "max", "manager", team="East")
FLAGGED = {"visits": ["health"], "homes": ["police"]}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = people_desk(tmp_path)
    frozen = place()
    sources = [
        source.model_copy(update={"flags": FLAGGED.get(source.name, [])})
        for source in frozen.sources
    ]
    row = {"id": 8, "name": "max", "display_name": "Max", "role": "manager"}
    with desk.audit.ledger.writing() as connection:
        flagged = frozen.model_copy(update={"sources": sources})
        keep_place(connection, flagged, at=NOW + dt.timedelta(seconds=1))
        connection.execute(
            sa.insert(accounts).values(row | {"team": "East", "created_at": NOW})
        )
    return desk


def made(desk: Desk, kind: str = "access", person: str | None = "p05") -> PackAnswer:
    sealed = desk.ids.seal(caller("mia"), person) if person else None
    new = NewRequest.model_validate(
        {"kind": kind, "person": sealed, "received_on": TODAY, "owner": "Head of care"}
    )
    return make_pack(desk, caller("mia"), enter(desk, caller("mia"), new).number)


def choice(flag: str, chosen: str = "keep", item: int | None = None) -> FlagChoice:
    content = {"flag": flag, "item": item, "choice": chosen, "because": "looked at"}
    return FlagChoice.model_validate(content)


def flags_of(found: PackAnswer) -> set[str]:
    return {flag.name for item in found.items for flag in item.flags}


def keep_all(desk: Desk, found: PackAnswer) -> None:
    for flag in sorted(flags_of(found)):
        choose(desk, caller("mia"), found.number, choice(flag))


def test_on_paper_a_workers_looks_of_a_day_for_one_reason_are_one(desk):
    ann = desk.ids.seal(caller("ann"), "p05")
    for _ in range(3):
        look_at(desk, caller("ann"), ann)

    found = made(desk)

    looks = [item for item in on_paper(found.items) if item.part == "look"]

    by_ann = [item for item in found.items if item.title.startswith("opened")]
    [told] = [item for item in looks if dict(item.lines)["by"] == by_ann[0].lines[0][1]]
    assert len(by_ann) == 3
    assert told.title == "3 looks"
    assert dict(told.lines)["what"] == "opened the person's page (3)"


def test_on_paper_looks_for_another_reason_stay_apart_and_say_it(desk):
    di = desk.ids.seal(caller("ann"), "p03")
    break_glass(desk, caller("ann"), di, "Found outside in the cold", "safety")
    look_at(desk, caller("ann"), di)
    contact(desk, caller("ann"), di, "CALL-9")
    look_at(desk, caller("ann"), di)

    found = made(desk, person="p03")

    looks = [dict(i.lines) for i in on_paper(found.items) if i.part == "look"]
    by_ann = [look for look in looks if look["by"] == "Ann Example"]
    assert {look.get(WHY) for look in by_ann} >= {"Emergency", "In contact that day"}


def test_a_pack_holds_every_part_of_what_is_held(desk):
    ann = desk.ids.seal(caller("ann"), "p05")
    done = Decision(score="care", kind="offered", what="a class with Bo")
    decide(desk, caller("ann"), ann, done)
    look_at(desk, caller("ann"), ann)

    found = made(desk)

    count: dict[str, int] = {}
    for item in found.items:
        count[item.part] = count.get(item.part, 0) + 1
    # Nine visits, one that was known late, a home, and one under an ended agreement.
    assert count["record"] == 12
    # Of two dates each the result, and reasons under each other set of flags.
    assert (count["score"], count["decision"], count["case"]) == (8, 1, 1)
    assert count["look"] >= 3 and count["identity"] == 1 and count["request"] == 1
    assert "Ann Example" in found.text and "a class with Bo" in found.text


def test_what_others_declared_or_wrote_is_flagged(desk):
    ann = desk.ids.seal(caller("ann"), "p05")
    done = Decision(score="care", kind="offered", what="a class with Bo")
    decide(desk, caller("ann"), ann, done)

    found = made(desk)

    by_part = {(item.part, flag.name) for item in found.items for flag in item.flags}
    assert {
        ("record", "health"),
        ("record", "police"),
        ("record", "special category"),
        ("decision", "third party"),
        ("score", "third party"),
    } <= by_part


def test_a_draft_says_so_and_is_not_released_while_a_flag_waits(desk):
    found = made(desk)

    assert found.text.splitlines()[3].startswith("DRAFT")
    assert found.undecided > 0
    with pytest.raises(Misuse, match="every flag is decided on"):
        release(desk, REVIEWER, found.number)


def test_another_than_its_maker_releases_it(desk):
    found = made(desk)
    keep_all(desk, found)

    with pytest.raises(Misuse, match="another than its maker"):
        release(desk, caller("mia"), found.number)
    done = release(desk, REVIEWER, found.number)

    assert (done.released_by, done.released_at, done.undecided) == ("max", NOW, 0)
    assert "DRAFT" not in done.text
    with pytest.raises(Misuse, match="released once"):
        release(desk, REVIEWER, found.number)


def test_what_is_withheld_is_not_in_the_text_and_how_much_it_is_is(desk):
    found = made(desk)
    # The record of the home, and of each date the reason that rests on it.
    home, *_ = withheld = [
        item.number
        for item in found.items
        if "police" in {flag.name for flag in item.flags}
    ]
    choose(desk, caller("mia"), found.number, choice("police", "withhold"))
    for flag in sorted(flags_of(found) - {"police"}):
        choose(desk, caller("mia"), found.number, choice(flag))

    done = release(desk, REVIEWER, found.number)

    assert f"\n{home}. " not in done.text and "Homes register, from" not in done.text
    assert len(withheld) == 3
    assert f"3 of {len(found.items)} items are withheld:\n   3 because of: police" in (
        done.text
    )


@pytest.mark.parametrize(
    ("flag", "records", "told"),
    [
        ("police", "Homes register, from", "The home is owned"),
        ("health", "Surgery visits, from", "Had 9 visits"),
        ("special category", "Surgery visits, from", "Last visited 3 days ago"),
    ],
)
def test_reasons_go_with_the_records_that_they_rest_on(desk, flag, records, told):
    found = made(desk)
    assert records in found.text and told in found.text

    choose(desk, caller("mia"), found.number, choice(flag, "withhold"))
    for other in sorted(flags_of(found) - {flag}):
        choose(desk, caller("mia"), found.number, choice(other))
    done = release(desk, REVIEWER, found.number)

    assert records not in done.text and told not in done.text
    # What the score said is told all the same.
    assert "Highest fifth" in done.text


def test_a_score_that_a_new_entry_stopped_goes_with_the_records_it_names(desk):
    unseen = Withheld(unseen=["tenure"]).model_dump_json()
    with desk.audit.ledger.writing() as connection:
        stopped = sa.update(scores).where(scores.c.entity_id == "u02")
        connection.execute(stopped.values(withheld=unseen))

    found = made(desk, person="u02")

    flags = [
        [flag.name for flag in item.flags]
        for item in found.items
        if item.part == "score"
    ]
    assert "Whether the home is owned" in found.text
    assert flags == [["police"], ["police"]]


def test_one_item_can_be_chosen_otherwise_than_the_rest(desk):
    found = made(desk)
    first, *rest = (
        i.number for i in found.items if "health" in {f.name for f in i.flags}
    )

    choose(desk, caller("mia"), found.number, choice("health", "withhold", first))
    told = choose(desk, caller("mia"), found.number, choice("health"))

    chosen = {
        item.number: flag.choice
        for item in told.items
        for flag in item.flags
        if flag.name == "health"
    }
    assert chosen == {first: "withhold", **dict.fromkeys(rest, "keep")}


def test_a_choice_needs_a_flag_that_waits_and_a_draft(desk):
    found = made(desk)
    with pytest.raises(Misuse, match="waits with such a flag"):
        choose(desk, caller("mia"), found.number, choice("serious harm"))
    keep_all(desk, found)
    release(desk, REVIEWER, found.number)

    with pytest.raises(Misuse, match="only a draft"):
        choose(desk, caller("mia"), found.number, choice("health", "withhold", 2))


@pytest.mark.parametrize(
    ("kind", "person", "told"),
    [("complaint", "p05", "request for access"), ("access", None, "about somebody")],
)
def test_a_pack_answers_a_request_for_access_about_somebody(desk, kind, person, told):
    with pytest.raises(Misuse, match=told):
        made(desk, kind, person)


def test_a_pack_is_absent_for_whoever_may_not_look_at_the_person(desk):
    found = made(desk)

    with pytest.raises(Absent):
        pack(desk, caller("sam"), found.number)
    with pytest.raises(Absent):
        pack(desk, caller("mia"), found.number + 1)


def test_a_pack_that_a_purge_emptied_is_absent(desk):
    found = made(desk)
    with desk.audit.ledger.writing() as connection:
        connection.execute(sa.update(subject_packs).values(content=None))

    with pytest.raises(Absent):
        pack(desk, caller("mia"), found.number)


def test_making_deciding_and_releasing_are_on_record(desk):
    found = made(desk)
    keep_all(desk, found)
    release(desk, REVIEWER, found.number)

    with desk.audit.ledger.reading() as connection:
        query = sa.select(views).where(views.c.action == "register")
        rows = [
            (r.token_name, r.entity_id, r.detail) for r in connection.execute(query)
        ]
    assert {(name, entity) for name, entity, _ in rows} == {
        ("mia", "p05"),
        ("max", "p05"),
    }
    told = " ".join(detail or "" for _, _, detail in rows)
    for did in ("made a pack", "decided on a pack", "released a pack"):
        assert did in told
