"""What became of a person's records between a pack's making and its release."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from features.faults import Misuse
from features.forgetting.tombstones import Tombstone
from models.ledger.forgetting import Going, forget
from models.ledger.people_tables import entity_records
from models.ledger.work_tables import subject_packs
from serving.desk.desk import Desk
from serving.desk.packs import released
from serving.schemas.rights import PackAnswer
from tests.made_up_score import NOW
from tests.serving.desk.test_packs import keep_all, made
from tests.serving.made_up_people import people_desk


@pytest.fixture
def desk(tmp_path):
    return people_desk(tmp_path)


def let_out(desk: Desk, found: PackAnswer) -> PackAnswer:
    with desk.audit.ledger.writing() as connection:
        return released(connection, found.number, by="max", at=NOW)


def purged(desk: Desk, source: str, before: dt.date | None = None) -> None:
    tombstone = Tombstone(
        at=NOW,
        what="source",
        because="kept for long enough",
        by="adam",
        seal="0" * 64,
        source=source,
        before=before,
        until=None if before else NOW.date(),
    )
    with desk.audit.ledger.writing() as connection:
        forget(connection, Going(frozenset(), frozenset(), tombstone), is_new=True)


def contents(desk: Desk) -> list[str | None]:
    with desk.audit.ledger.reading() as connection:
        query = sa.select(subject_packs.c.content).order_by(subject_packs.c.id)
        return list(connection.execute(query).scalars())


def test_a_pack_with_records_that_turned_out_to_be_anothers_is_not_released(desk):
    found = made(desk)
    keep_all(desk, found)
    mine = entity_records.c.entity_id == "p05"
    with desk.audit.ledger.writing() as connection:
        one = connection.execute(sa.select(entity_records.c.record_id).where(mine))
        number = one.scalars().first()
        moved = sa.update(entity_records).where(
            mine, entity_records.c.record_id == number
        )
        connection.execute(moved.values(entity_id="p01"))

    with pytest.raises(Misuse, match="make another pack"):
        let_out(desk, found)

    anew = made(desk)
    keep_all(desk, anew)
    assert let_out(desk, anew).released_at == NOW


def test_a_source_that_is_purged_goes_from_the_packs_that_quote_it(desk):
    made(desk)
    made(desk, person="p04")
    with desk.audit.ledger.writing() as connection:
        homes = entity_records.c.source == "homes"
        others = homes & (entity_records.c.entity_id != "p05")
        connection.execute(sa.delete(entity_records).where(others))

    purged(desk, "homes")

    first, second = contents(desk)
    assert first is None
    assert second is not None


def test_a_pack_without_a_record_of_before_the_day_stays(desk):
    made(desk)

    purged(desk, "homes", before=dt.date(1990, 1, 1))

    assert None not in contents(desk)
