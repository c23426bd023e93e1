"""What the README says always holds is held by tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path


ROOT = Path(__file__).parents[1]
ROWS = re.findall(
    r"^\| (\w.*?) \| (`test_.*) \|$",
    (ROOT / "docs" / "guarantees.md").read_text(),
    flags=re.MULTILINE,
)


def test_every_guarantee_of_the_readme_has_its_tests():
    said = (ROOT / "README.md").read_text().partition("## What always holds")[2]
    bold = re.findall(r"^- \*\*(.*?)[.:]?\*\*", said.partition("\n## ")[0], flags=re.M)

    assert [name for name, _ in ROWS] == bold


def test_every_test_that_is_named_is_there():
    there = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    named = {name for _, names in ROWS for name in re.findall(r"`(\w+)`", names)}

    assert named - there == set()
