"""The audit: how long a million rows take to verify, and is tampering found?

A million looks are chained and anchored as the service does it, then verified from the
first row. A smaller audit is tampered with in eight classes, each time without its key,
and verified each time.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from benchmarks.audit_mutations import Stored, mutations, store, stored
from benchmarks.report import Report, progress
from features.faults import Refusal
from models.audit.audit import MOST_UNANCHORED_ROWS, Audit
from models.audit.check import check_audit
from models.audit.files import AuditFiles
from models.audit.keys import read_keys
from models.audit.rows import Entry, Head, chained
from models.ledger.ledger import open_ledger
from models.ledger.tables import views


ROWS = 1_000_000
EACH_CLASS = 125
ROUNDS = 3
TARGETS = {
    "verify_seconds_1m": ("<=", 15.0),
    "mutations_missed": ("<=", 0.0),
    "mutations_made": (">=", 1_000.0),
}

_START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def run(arguments: list[str]) -> Report:
    """Fill, verify, tamper."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks audit")
    parser.add_argument("--rows", type=int, default=ROWS)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        figures = _million(Path(folder), asked.rows)
    with tempfile.TemporaryDirectory() as folder:
        made, missed = _tampered(Path(folder))
    progress(f"{sum(made.values())} mutations, {sum(missed.values())} missed")
    figures["mutations_made"] = sum(made.values())
    figures["mutations_found"] = sum(made.values()) - sum(missed.values())
    figures["mutations_missed"] = sum(missed.values())
    return Report("audit", figures, TARGETS)


def _million(folder: Path, rows: int) -> dict[str, float | None]:
    audit, files = _new_audit(folder)
    progress(f"chaining {rows:,} rows")
    started = time.perf_counter()
    _fill(audit, files, rows)
    progress(f"chained in {time.perf_counter() - started:.1f} s")
    seconds, processor = [], []
    for _ in range(ROUNDS):
        started, used = time.perf_counter(), _processor_seconds()
        checked = check_audit(audit.ledger, files)
        seconds.append(time.perf_counter() - started)
        processor.append(_processor_seconds() - used)
        if checked.faults or checked.rows != rows:
            raise AssertionError("what was not touched verifies")
        progress(f"verified in {seconds[-1]:.1f} s ({processor[-1]:.1f} s of a core)")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    name = "verify_seconds_1m" if rows == ROWS else "verify_seconds"
    return {
        name: round(sorted(seconds)[ROUNDS // 2], 2),
        "verify_processor_seconds": round(sorted(processor)[ROUNDS // 2], 2),
        "peak_gb": round(peak, 2),
    }


def _new_audit(folder: Path) -> tuple[Audit, AuditFiles]:
    ledger = open_ledger(f"sqlite:///{folder / 'ledger.db'}")
    ledger.engine.dispose()
    # Nothing here has to survive a power cut, and filling is not what is measured.
    sa.event.listen(ledger.engine, "connect", _flush_never)
    files = AuditFiles(folder / "keys" / "audit.key", folder / "anchors")
    audit = Audit(ledger, files)
    audit.open()
    return audit, files


def _flush_never(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    connection.cursor().execute("PRAGMA synchronous = OFF")


def _fill(audit: Audit, files: AuditFiles, rows: int) -> None:
    """Write rows in blocks, as they would come one by one, with their anchors."""
    keys = read_keys(files.key_file)
    looks = _looks(rows)
    for _ in range(0, rows, MOST_UNANCHORED_ROWS):
        with audit.ledger.writing() as connection:
            head = audit.locked_head(connection)
            block = []
            for look in islice(looks, MOST_UNANCHORED_ROWS):
                row = chained(keys, head, look)
                head = Head(row.id, row.mac)
                block.append(row._asdict())
            connection.execute(sa.insert(views), block)
        audit.anchor(at=_START)


def _looks(rows: int) -> Iterator[Entry]:
    for number in range(rows):
        at = _START + dt.timedelta(milliseconds=700 * number)
        who, whom = f"caseworker {number % 400}", f"person-{number * 7919 % 50_000:05}"
        score, what = "long_term_care", "evidence" if number % 4 else "score"
        yield Entry(at, who, what, score, whom, "prevention")


def _tampered(folder: Path) -> tuple[Counter[str], Counter[str]]:
    audit, files = _new_audit(folder)
    history = _history(audit)
    made, missed = Counter[str](), Counter[str]()
    for name, changed in mutations(history, each=EACH_CLASS, seed=2):
        with audit.ledger.writing() as connection:
            store(connection, audit.file, changed)
        made[name] += 1
        missed[name] += not _is_found(audit, files)
    for name in made:
        progress(f"{name}: {made[name]} made, {missed[name]} missed")
    return made, missed


def _history(audit: Audit) -> list[Stored]:
    """Return what was stored day by day: backups, and what is there now."""
    looks = _looks(60)
    history = []
    for _ in range(6):
        for look in islice(looks, 10):
            with audit.ledger.writing() as connection:
                audit.append(connection, look)
        audit.anchor(at=_START)
        with audit.ledger.reading() as connection:
            history.append(stored(connection, audit.file))
    return history


def _is_found(audit: Audit, files: AuditFiles) -> bool:
    try:
        return bool(check_audit(audit.ledger, files).faults)
    except Refusal:
        return True


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
