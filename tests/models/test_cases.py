from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from models.definitions.doubt import LinkDoubt, Withheld
from models.definitions.states import State
from models.ledger.batches import Batch, CaseRows, write_batch
from models.ledger.cases import (
    CaseFile,
    Evidence,
    Scored,
    ScoreRow,
    case_of,
    newest_as_of,
    newest_batch,
    rank_among,
    ranked,
    records_of,
)
from models.ledger.promotions import promote
from models.ledger.tables import scores
from tests.made_up_score import AS_OF, NOW, RECEIVED, bundle, clock, new_ledger
from tests.made_up_score import filled_ledger as filled


pytestmark = pytest.mark.usefixtures("each_database")


def _row(entity, as_of=AS_OF, log_odds=0.0, index_record=None):
    case_file = CaseFile(contributions={"visits_365d": log_odds})
    given = Scored(log_odds, 0.5, 0.0, "others", case_file)
    return ScoreRow(entity, as_of, index_record, given)


def _write(ledger, as_of, rows, snapshot="care-1"):
    batch = Batch("care", bundle().sha256, as_of, snapshot, RECEIVED)
    return write_batch(ledger, batch, CaseRows(rows), clock=clock)


@pytest.fixture
def ledger(tmp_path):
    ledger = new_ledger(tmp_path)
    promote(ledger, bundle(), by="Analyst", at=NOW)
    return ledger


def test_a_case_reads_back_as_it_was_written(ledger):
    behind = Evidence(records=[], total=7, latest_event=AS_OF, lowest_link=0.5)
    case_file = CaseFile(
        values={"visits_365d": 3.0, "tenure": "owned", "fell": None},
        contributions={"visits_365d": 0.1 + 0.2, "tenure": -0.1},
        evidence={"visits_365d": behind},
        ranked_among=5,
    )
    row = ScoreRow("p1", AS_OF, None, Scored(-1.7, 0.15, 0.4, "others", case_file))
    _write(ledger, AS_OF, [row])

    with ledger.reading() as connection:
        batch = newest_batch(connection, "care")
        assert case_of(connection, batch, "p1") == row
        assert case_of(connection, batch, "p2") is None


def test_a_withheld_score_reads_back_with_its_reason_and_no_score(ledger):
    why = Withheld(draws=20, bands=["others", "most"], lowest_link=0.6)
    row = ScoreRow("p1", AS_OF, None, State.LINK_UNCERTAIN, why)
    _write(ledger, AS_OF, [row])

    with ledger.reading() as connection:
        batch = newest_batch(connection, "care")
        assert case_of(connection, batch, "p1") == row
        numbers = connection.execute(sa.select(scores.c.log_odds, scores.c.case_file))
        assert numbers.all() == [(None, None)]


def test_a_case_keeps_its_range_and_how_often_its_reasons_survive(ledger):
    doubt = LinkDoubt(
        draws=20,
        log_odds=(-2.0, 0.5),
        rank_share=(0.2, 0.8),
        bands=["others", "most"],
        unscored=0.05,
        survival={"visits_365d": 0.75},
    )
    row = _row("p1")
    row = replace(row, given=row.given.with_doubt(doubt))
    _write(ledger, AS_OF, [row])

    with ledger.reading() as connection:
        found = case_of(connection, newest_batch(connection, "care"), "p1")

    assert found.given.case_file.doubt == doubt


def test_the_batch_of_the_newest_as_of_date_is_the_one_that_counts(ledger):
    for days in (0, 30, 10):
        _write(ledger, AS_OF + dt.timedelta(days), [_row("p1")])

    with ledger.reading() as connection:
        newest = newest_batch(connection, "care")

    assert newest.as_of == AS_OF + dt.timedelta(30)
    assert newest.received == RECEIVED


def test_of_several_rows_the_newest_date_and_then_the_latest_event_is_shown(ledger):
    earlier = AS_OF - dt.timedelta(days=30)
    rows = [
        _row("p1", earlier, index_record=9),
        _row("p1", AS_OF, index_record=3),
        _row("p1", AS_OF, index_record=4),
    ]
    _write(ledger, AS_OF, rows)

    with ledger.reading() as connection:
        found = case_of(connection, newest_batch(connection, "care"), "p1")

    assert (found.as_of, found.index_record) == (AS_OF, 4)


def test_a_list_is_by_rank_and_ends_with_those_in_a_state(ledger):
    rows = [
        ScoreRow("gone", AS_OF, None, State.DIED),
        _row("low", log_odds=-1.0),
        _row("high", log_odds=2.0),
    ]
    _write(ledger, AS_OF, rows)

    with ledger.reading() as connection:
        batch = newest_batch(connection, "care")
        page, total = ranked(connection, batch, AS_OF, limit=2, offset=1)

    assert [(line.entity_id, line.state) for line in page] == [
        ("low", None),
        ("gone", State.DIED),
    ]
    assert total == 3


def test_a_rank_counts_those_who_score_lower_on_that_date(ledger):
    earlier = AS_OF - dt.timedelta(days=30)
    rows = [
        _row("before", earlier, -9.0),
        _row("low", log_odds=-1.0),
        _row("same", log_odds=0.5),
        _row("high", log_odds=2.0),
        ScoreRow("gone", AS_OF, None, State.DIED),
    ]
    _write(ledger, AS_OF, rows)

    with ledger.reading() as connection:
        batch = newest_batch(connection, "care")
        assert newest_as_of(connection, batch) == AS_OF
        assert rank_among(connection, batch, AS_OF, 0.5) == (1 / 3, 3)
        assert rank_among(connection, batch, dt.date(2020, 1, 1), 0.5) is None


def test_records_are_read_by_version_newest_event_first(tmp_path):
    with filled(tmp_path).reading() as connection:
        found = records_of(connection, [(3, 1), (1, 1), (2, 99)])

    assert [(record.record_id, record.load) for record in found] == [(1, 1), (3, 1)]
    assert found[0].content == {"kind": "fall", "minutes": 10}


def test_an_error_in_a_case_quotes_nothing_of_it():
    with pytest.raises(ValidationError) as error:
        CaseFile.model_validate_json('{"values": {"name": ["Ada Quill"]}}')

    assert "Ada" not in str(error.value)


def test_the_least_certain_link_is_that_of_any_indicator():
    evidence = {
        "a": Evidence(lowest_link=0.9),
        "b": Evidence(lowest_link=0.71),
        "c": Evidence(),
    }

    assert CaseFile(evidence=evidence).lowest_link == 0.71
    assert CaseFile().lowest_link is None
