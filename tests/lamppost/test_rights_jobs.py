from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from features.faults import Misuse, Refusal
from lamppost import pack_jobs, purge_jobs, rights_jobs
from models.audit.check import check_audit
from models.definitions.frozen_place import FrozenPlace
from models.ledger.access_tables import accounts
from models.ledger.frozen_places import keep_place
from models.ledger.register import Asked
from models.ledger.tables import views
from serving.freeze_place import freeze_place
from tests.lamppost.small_walk import NOW, Walk, places_of, walked
from tests.made_up_score import close_ledgers


DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the place once: each test takes a copy."""
    folder = tmp_path_factory.mktemp("made") / "store"
    folder.mkdir()
    walk = walked(folder)
    ledger = walk.opened.ledger()
    row = {"name": "max", "display_name": "Max", "role": "manager", "created_at": NOW}
    with ledger.writing() as connection:
        keep_place(connection, _frozen(walk), at=NOW)
        connection.execute(sa.insert(accounts).values(row))
    ledger.close()
    close_ledgers()
    return folder


def _frozen(walk: Walk) -> FrozenPlace:
    return freeze_place(walk.opened.place, {})


@pytest.fixture
def walk(made: Path, tmp_path: Path) -> Walk:
    return Walk(Path(shutil.copytree(made, tmp_path / "store")))


def ask(walk: Walk, kind: str = "access", **more: Any) -> int:
    plain = {"entity_id": walk.rose_id, "received_on": NOW.date(), "owner": "DPO"}
    asked = Asked(kind, **{**plain, **more})  # type: ignore[arg-type]
    return int(rights_jobs.add(walk.opened, asked, at=NOW)["request"])


def packed(walk: Walk) -> int:
    return int(pack_jobs.make_pack(walk.opened, ask(walk), at=NOW)["pack"])


def test_a_request_is_listed_with_its_clock_until_it_is_answered(walk: Walk) -> None:
    number = ask(walk, "complaint", received_on=NOW.date() - 40 * DAY)

    listed = rights_jobs.listed(walk.opened, is_answered=False, at=NOW)
    rights_jobs.answer(walk.opened, number, "refused", "it was right", at=NOW)
    after = rights_jobs.listed(walk.opened, is_answered=False, at=NOW)
    answered = rights_jobs.listed(walk.opened, is_answered=True, at=NOW)

    assert listed["requests"][0]["clock"] == "10 days overdue"
    assert number not in [row["request"] for row in after["requests"]]
    assert [row["request"] for row in answered["requests"]] == [number]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kind": "wish"}, "a right that somebody has"),
        ({"received_on": NOW.date() + DAY}, "has come already"),
        ({"entity_id": "0" * 32}, "whom it is about"),
    ],
)
def test_what_cannot_be_meant_is_not_written_down(
    walk: Walk, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(Misuse, match=told):
        ask(walk, **change)


def test_nothing_is_answered_twice_or_with_nothing(walk: Walk) -> None:
    number = ask(walk)
    rights_jobs.answer(walk.opened, number, "granted", "sent", at=NOW)

    with pytest.raises(Refusal, match="no such one"):
        rights_jobs.answer(walk.opened, number, "granted", "sent", at=NOW)
    with pytest.raises(Misuse, match="outcome and a text"):
        rights_jobs.answer(walk.opened, number, "granted", " ", at=NOW)


def test_a_pack_holds_identifiers_and_every_version_of_every_record(
    walk: Walk, tmp_path: Path
) -> None:
    number, file = packed(walk), tmp_path / "pack.txt"

    pack_jobs.show_pack(walk.opened, number, file, at=NOW)

    text = file.read_text()
    assert "DRAFT" in text
    for said in ("9434765870", "1951-04-23", "QQ7 7QQ", "her own note", "ann"):
        assert said in text
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(Misuse, match="nothing is overwritten"):
        pack_jobs.show_pack(walk.opened, number, file, at=NOW)


def test_a_pack_is_released_by_a_named_reviewer_when_all_is_decided(
    walk: Walk,
) -> None:
    number = packed(walk)
    with pytest.raises(Misuse, match="every flag is decided on"):
        pack_jobs.release(walk.opened, number, by="max", at=NOW)
    shown = pack_jobs.show_pack(walk.opened, number, None, at=NOW)
    for flag in shown["flags"]:
        choice = pack_jobs.read_choice(flag, "keep", "hers", None)
        pack_jobs.choose(walk.opened, number, choice, at=NOW)
    with pytest.raises(Misuse, match="a reviewer is named"):
        pack_jobs.release(walk.opened, number, by="ann", at=NOW)  # a caseworker

    answer = pack_jobs.release(walk.opened, number, by="max", at=NOW)

    assert (answer["is"], answer["flags to decide"]) == ("released by max", 0)
    text = pack_jobs.show_pack(walk.opened, number, None, at=NOW)["text"]
    assert "DRAFT" not in text


def test_a_choice_is_to_keep_or_to_withhold(walk: Walk) -> None:
    with pytest.raises(Misuse, match="kept or withheld"):
        pack_jobs.read_choice("health", "perhaps", "why", None)


def test_a_number_that_is_not_there_is_refused(walk: Walk) -> None:
    with pytest.raises(Refusal, match="nothing of that number"):
        pack_jobs.make_pack(walk.opened, 99, at=NOW)
    with pytest.raises(Refusal, match="nothing of that number"):
        pack_jobs.show_pack(walk.opened, 99, None, at=NOW)


def test_all_of_it_is_on_record_and_goes_with_the_person(walk: Walk) -> None:
    packed(walk)
    ledger = walk.opened.ledger()
    with ledger.reading() as connection:
        query = sa.select(views.c.entity_id).where(views.c.action == "register")
        about = set(connection.execute(query).scalars())
    assert about == {walk.rose_id}

    values = ("9434765870", "her own note", walk.rose_id)
    purge_jobs.purge_person(walk.opened, walk.rose_id, because="asked", at=NOW)

    assert places_of(walk.folder, values) == set()
    assert check_audit(ledger, walk.settings.audit_files).faults == ()
    ledger.close()
