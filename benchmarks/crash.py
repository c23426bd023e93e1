"""Writers that are killed at random: what was acknowledged is there, and there once.

A process group scores, shows, promotes and serves over one ledger, in a file and on a
real Postgres, and is killed with SIGKILL again and again (`tests/crash_rig.py`). A
client of the service writes decisions, opinions and allocations, and sends again what
was not answered.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pytest

from benchmarks.report import Report, progress
from tests.crash_notes import Outcome
from tests.crash_rig import crash
from tests.made_up_score import close_ledgers, keep_ledgers_on
from tests.postgres import some_databases


KILLS = 200
SEED = 11
FAULTS = ("lost", "doubled", "unrecorded", "answered_otherwise", "broken")


def run(arguments: list[str]) -> Report:
    """Kill writers of each database, and count what was lost and what is doubled.

    Without a Postgres its figures are missing, and the benchmark says so.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks crash")
    parser.add_argument("--kills", type=int, default=KILLS, help="of each database")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args(arguments)
    figures: dict[str, float | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        told = _killed(Path(folder), asked.kills, asked.seed)
        figures |= _figures("sqlite", told)
    figures |= _figures("postgres", _on_postgres(asked.kills, asked.seed))
    faults = [f"{d}_{name}" for d in ("sqlite", "postgres") for name in FAULTS]
    return Report("crash", figures, dict.fromkeys(faults, ("<=", 0)))


def _on_postgres(kills: int, seed: int) -> Outcome | None:
    try:
        with some_databases() as databases, tempfile.TemporaryDirectory() as folder:
            keep_ledgers_on(databases, Path(folder))
            return _killed(Path(folder), kills, seed)
    except pytest.skip.Exception as why:
        progress(str(why))
        return None


def _killed(folder: Path, kills: int, seed: int) -> Outcome:
    found = crash(folder, kills=kills, seed=seed)
    close_ledgers()
    progress(str(found))
    return found


def _figures(database: str, found: Outcome | None) -> dict[str, float | None]:
    if found is None:
        return {f"{database}_{name}": None for name in FAULTS}
    return {f"{database}_{name}": count for name, count in vars(found).items()}
