"""The place that `lamppost init` writes: commented, checked, to be made yours."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from features.faults import Fault, Misuse


def write_starter(folder: Path) -> dict[str, object]:
    """Write the starter's files into a new or empty folder.

    Raises:
        Misuse: The folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        do = "name a new or empty folder"
        fault = Fault(str(folder), "a place begins in an empty folder", "files", do)
        raise Misuse([fault])
    with resources.as_file(resources.files(__name__) / "place") as source:
        shutil.copytree(source, folder, dirs_exist_ok=True)
    written = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.toml"))
    return {"written": written, "next": f"lamppost check --place {folder}"}
