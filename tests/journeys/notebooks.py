"""Run a notebook of the documentation, cell by cell, on a store that it is told."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient


ROOT = Path(__file__).parents[2]


def executed(name: str, **parameters: str) -> nbformat.NotebookNode:
    """Return a notebook of docs/notebooks with its outputs.

    Args:
        name: The file.
        parameters: In place of the cell that is tagged so.
    """
    path = ROOT / "docs" / "notebooks" / name
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = "\n".join(f"{n} = {v!r}" for n, v in parameters.items())
    client = NotebookClient(notebook, resources={"metadata": {"path": path.parent}})
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT)})
    return notebook


def shown(notebook: nbformat.NotebookNode, kind: str) -> list[str]:
    """Return all that its cells show of one kind, `image/svg+xml` say."""
    outputs = (out for cell in notebook.cells for out in cell.get("outputs", []))
    return [out.data[kind] for out in outputs if kind in out.get("data", {})]
