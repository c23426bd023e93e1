from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from lamppost import purge_jobs
from lamppost.purge_steps import replay_problems
from models.audit.check import check_audit
from models.ledger.tables import metadata
from tests.lamppost.killed_purge import WHY, End, is_killed
from tests.lamppost.small_walk import HERS, NOW, Walk, places_of, walked
from tests.made_up_score import close_ledgers
from tests.postgres import Databases


KILLS = 12
SEED = 5
# So many files of the store a whole purge touches, the first for its tombstone.
TOUCHES, FIRST = 170, 12
MOST_SECONDS_MORE = 0.05


def test_a_purge_that_is_killed_anywhere_is_finished_by_running_it_again(
    tmp_path: Path, each_database: str, request: pytest.FixtureRequest
):
    made = tmp_path / "made"
    made.mkdir()
    others = walked(made).links()
    her = Walk(made).rose_id
    close_ledgers()
    draw = random.Random(SEED)
    cut_short = 0

    for life in range(KILLS):
        copy = Path(shutil.copytree(made, tmp_path / str(life)))
        if each_database == "postgres":
            databases: Databases = request.getfixturevalue("postgres")
            databases.copy(str(made), to=str(copy))
        walk = Walk(copy)
        assert tables_of(walk, (*HERS, her))
        # Once at a moment, and then once more on what that left.
        for _ in range(2):
            url = walk.settings.ledger_url
            cut_short += is_killed(walk.folder, url, her, drawn(draw))
        again = purge_jobs.purge_person(walk.opened, her, because=WHY, at=NOW)

        assert again["records"] == 3
        assert places_of(walk.folder, (*HERS, her)) == set()
        assert tables_of(walk, (*HERS, her)) == set()
        assert walk.links() == {r: name for r, name in others.items() if name != her}
        assert list(replay_problems(walk.settings)) == []
        assert walk.warehouse.damaged() == [] and faults(walk) == ()
        shutil.rmtree(walk.folder)
    assert cut_short > KILLS


def drawn(draw: random.Random) -> End:
    seconds = draw.choice([0.0, draw.uniform(0, MOST_SECONDS_MORE)])
    return End(draw.randrange(draw.choice([FIRST, TOUCHES])), seconds)


def tables_of(walk: Walk, values: Sequence[str]) -> set[str]:
    """Return the tables of the ledger whose rows say any of some values."""
    ledger = walk.opened.ledger()
    with ledger.reading() as connection:
        rows = {
            table.name: repr(connection.execute(sa.select(table)).all())
            for table in metadata.sorted_tables
        }
    ledger.close()
    return {name for name, told in rows.items() if any(v in told for v in values)}


def faults(walk: Walk) -> tuple[object, ...]:
    ledger = walk.opened.ledger()
    found = check_audit(ledger, walk.settings.audit_files).faults
    ledger.close()
    return found
