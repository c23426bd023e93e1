"""Registries of tests: copies of an empty one, which takes MLflow a second to make."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from models.registry.registry import Registry, open_registry


FILE = "mlflow.db"


def new_registry(folder: Path, place: str = "small") -> Registry:
    """Open the registry of a folder, which has none yet."""
    put_registry(folder)
    return _opened(folder, place)


def put_registry(folder: Path) -> None:
    """Let a folder hold an empty registry."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(_empty())


def _opened(folder: Path, place: str) -> Registry:
    address = f"sqlite:///{folder / FILE}"
    return open_registry(address, folder / "artifacts", place=place)


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        _opened(Path(folder), "any")
        return (Path(folder) / FILE).read_bytes()
