from __future__ import annotations

import random
import shutil
from pathlib import Path

from lamppost import purge_jobs
from lamppost.purge_steps import replay_problems
from models.audit.check import check_audit
from tests.lamppost.killed_purge import WHY, End, is_killed
from tests.lamppost.small_walk import HERS, NOW, Walk, places_of, walked
from tests.made_up_score import close_ledgers


KILLS = 12
SEED = 5
# So many files of the store a whole purge touches, the first for its tombstone.
TOUCHES, FIRST = 170, 12
MOST_SECONDS_MORE = 0.05


def test_a_purge_that_is_killed_anywhere_is_finished_by_running_it_again(tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    others = walked(made).links()
    close_ledgers()
    her = Walk(made).rose_id
    draw = random.Random(SEED)
    cut_short = 0

    for life in range(KILLS):
        walk = Walk(Path(shutil.copytree(made, tmp_path / str(life))))
        # Once at a moment, and then once more on what that left.
        for _ in range(2):
            cut_short += is_killed(walk.folder, her, drawn(draw))
        again = purge_jobs.purge_person(walk.opened, her, because=WHY, at=NOW)

        assert again["records"] == 3
        assert places_of(walk.folder, (*HERS, her)) == set()
        assert walk.links() == {r: name for r, name in others.items() if name != her}
        assert list(replay_problems(walk.settings)) == []
        assert walk.warehouse.damaged() == [] and faults(walk) == ()
        shutil.rmtree(walk.folder)
    assert cut_short > KILLS


def drawn(draw: random.Random) -> End:
    seconds = draw.choice([0.0, draw.uniform(0, MOST_SECONDS_MORE)])
    return End(draw.randrange(draw.choice([FIRST, TOUCHES])), seconds)


def faults(walk: Walk) -> tuple[object, ...]:
    ledger = walk.opened.ledger()
    found = check_audit(ledger, walk.settings.audit_files).faults
    ledger.close()
    return found
