from __future__ import annotations

from models.audit.check import check_audit
from tests.crash_rig import crash
from tests.made_up_score import audit_files, close_ledgers, new_ledger


KILLS = 20


def test_nothing_acknowledged_is_lost_or_doubled_when_its_writers_are_killed(
    each_database, tmp_path
):
    outcome = crash(tmp_path, kills=KILLS, seed=7)
    checked = check_audit(new_ledger(tmp_path), audit_files(tmp_path))
    close_ledgers()

    assert checked.faults == ()
    assert (outcome.lost, outcome.doubled, outcome.broken) == (0, 0, 0)
    assert (outcome.unrecorded, outcome.answered_otherwise) == (0, 0)
    # It was killed at work, and had done some.
    assert min(outcome.batches, outcome.views, outcome.promotions) > 0
    assert outcome.writes > KILLS / 2
    assert min(outcome.cut_short, outcome.sent_again) > 0
