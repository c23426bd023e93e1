"""The doctor: versions, settings and stores, and one fix for each problem."""

from __future__ import annotations

import platform
import re
import shutil
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from features.definitions.place import read_place
from features.faults import Refusal
from features.store.warehouse import Warehouse
from lamppost.champions import champion_problems
from lamppost.ledger_jobs import ledger_problems
from lamppost.opened import open_place
from lamppost.purge_steps import replay_problems
from lamppost.settings import VARIABLES, Settings
from models.definitions.score_files import read_scores


LEAST_FREE_GIB = 2
_SHOWN = (
    *("alembic", "duckdb", "ibis-framework", "lightgbm"),
    *("mlflow", "psycopg", "splink", "sqlalchemy"),
)
# 3.18.0 cannot be installed, and evidently does not import with pandas 3.1.
_PINNED = {"mlflow": "3.17", "pandas": "3.0"}


def examine(settings: Settings) -> dict[str, Any]:
    """Return what is installed and set, and a list of problems, each with its fix."""
    return {
        "python": platform.python_version(),
        "versions": [f"{name} {metadata.version(name)}" for name in _SHOWN],
        "settings": [
            {
                "setting": n,
                "value": _without_password(str(getattr(settings, n))),
                "from": settings.origins[n],
            }
            for n in VARIABLES
        ],
        "stores": _stores(settings),
        "problems": list(_problems(settings)),
    }


def _stores(settings: Settings) -> list[str]:
    manifest = Warehouse(settings.store).manifest()
    return [
        f"warehouse: version {manifest.version}, {len(manifest.loads)} loads, "
        f"{len(manifest.snapshots)} snapshots",
    ]


def _problems(settings: Settings) -> Iterator[str]:
    yield from _definition_problems(settings)
    unusable = list(ledger_problems(settings))
    yield from unusable or _champion_problems(settings)
    yield from [] if unusable else replay_problems(settings)
    for path in Warehouse(settings.store).damaged():
        yield f"{path}: gone or changed; restore it from your backup"
    for name, wanted in _PINNED.items():
        found = metadata.version(name)
        if not found.startswith(f"{wanted}."):
            yield f"{name} {found}: needs {wanted}; install the locked requirements"
    for key in (settings.key_file, settings.audit_key_file):
        if key.exists() and key.stat().st_mode & 0o077:
            yield f"{key}: others may read the key; run: chmod 600 {key}"
    free = shutil.disk_usage(_existing(settings)).free / 2**30
    if free < LEAST_FREE_GIB:
        yield f"{settings.store}: {free:.1f} GiB free; make room"


def _definition_problems(settings: Settings) -> Iterator[str]:
    place, faults = read_place(settings.place)
    if place:
        faults = read_scores(place)[1]
    if faults:
        yield f"{settings.place}: {len(faults)} faults; run: lamppost check"


def _champion_problems(settings: Settings) -> Iterator[str]:
    try:
        opened = open_place(settings)
    except Refusal:
        return  # told of already
    yield from champion_problems(opened)


def _without_password(address: str) -> str:
    """Return an address as it may be shown.

    >>> _without_password("postgresql://lamppost:se:cr@t@db/ledger?password=me&x=1")
    'postgresql://lamppost:***@db/ledger?password=***&x=1'
    """
    shown = re.sub(r"(?<=://)([^:/?]*):[^/?]*@", r"\1:***@", address)
    return re.sub(r"(password=)[^&]*", r"\1***", shown)


def _existing(settings: Settings) -> str:
    folder = settings.store
    while not folder.exists():
        folder = folder.parent
    return str(folder)
