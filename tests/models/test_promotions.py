from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa

from features.faults import Refusal
from models.definitions.bundle import Bundle
from models.ledger.promotions import BundleShelf, champion, promote, read_bundle
from models.ledger.tables import bundles, promotions
from tests.made_up_score import NOW, bundle, new_ledger


pytestmark = pytest.mark.usefixtures("each_database")


def test_the_bundle_promoted_last_is_the_one_that_is_served(tmp_path):
    ledger, first, second = new_ledger(tmp_path), bundle(), bundle(version=4)

    promote(ledger, first, by="Analyst", at=NOW)
    promote(ledger, second, by="Analyst", at=NOW)

    with ledger.reading() as connection:
        assert champion(connection, "care") == second.sha256
        assert champion(connection, "another") is None


def test_a_promotion_can_be_taken_back_and_history_stays(tmp_path):
    ledger, first, second = new_ledger(tmp_path), bundle(), bundle(version=4)

    for promoted in (first, second, first):
        promote(ledger, promoted, by="Analyst", at=NOW)

    with ledger.reading() as connection:
        history = connection.execute(sa.select(promotions.c.bundle)).scalars().all()
    assert history == [first.sha256, second.sha256, first.sha256]


def test_promoting_the_same_again_changes_nothing(tmp_path):
    ledger = new_ledger(tmp_path)

    promote(ledger, bundle(), by="Analyst", at=NOW)
    promote(ledger, bundle(), by="Analyst", at=NOW + dt.timedelta(days=1))

    with ledger.reading() as connection:
        rows = connection.execute(sa.select(promotions.c.promoted_at)).scalars().all()
    assert rows == [NOW]


def test_a_bundle_is_read_as_it_was_frozen(tmp_path):
    ledger, promoted = new_ledger(tmp_path), bundle()
    promote(ledger, promoted, by="Analyst", at=NOW)

    with ledger.reading() as connection:
        assert read_bundle(connection, promoted.sha256) == promoted


def test_a_bundle_whose_bytes_were_changed_is_refused(tmp_path):
    ledger, promoted = new_ledger(tmp_path), bundle()
    promote(ledger, promoted, by="Analyst", at=NOW)
    changed = promoted.content.replace("prevention", "punishment")

    with ledger.writing() as connection:
        connection.execute(sa.update(bundles).values(content=changed))

    with ledger.reading() as connection, pytest.raises(Refusal, match="other bytes"):
        BundleShelf().take(connection, promoted.sha256)


def test_a_bundle_that_is_not_there_is_refused(tmp_path):
    ledger = new_ledger(tmp_path)

    with ledger.reading() as connection, pytest.raises(Refusal, match="got none"):
        read_bundle(connection, "c" * 64)


def test_a_bundle_keeps_its_hash_where_a_later_program_says_more_of_it(tmp_path):
    ledger, fields = new_ledger(tmp_path), json.loads(bundle().content)
    del fields["capacity"]  # as frozen before bundles had one
    older = Bundle.as_stored(json.dumps(fields))

    promote(ledger, older, by="Analyst", at=NOW)

    with ledger.reading() as connection:
        read = read_bundle(connection, older.sha256)
    assert read.sha256 == older.sha256 != bundle().sha256
    assert read.capacity is None
