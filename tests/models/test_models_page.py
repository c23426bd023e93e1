"""What docs/models.md shows an analyst to do is done here."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np

from features.store.warehouse import Warehouse
from models.families.boosted import fit_boosted
from models.families.inputs import read_training
from models.registry.loading import LoadedModel
from models.registry.runs import RegisteredModel, hash_tag
from models.tables.table import TableModel


PAGE = Path(__file__).parents[2] / "docs" / "models.md"


def test_the_challenger_is_explained_offline_as_the_page_shows(people, tmp_path: Path):
    names = ["visits", "income"]
    training = read_training(
        people.table, people.outcome, indicators=names, directions={}
    )
    boosted = fit_boosted(training, seed=1)
    files = {
        "boosted.txt": boosted.to_text().encode(),
        "boosted.json": boosted.to_json().encode(),
    }
    tags = {hash_tag(n): sha256(content).hexdigest() for n, content in files.items()}
    registered = RegisteredModel(1, "run", b"", {}, tags, files.__getitem__)
    table = TableModel("additive", 0.0, ())
    model = LoadedModel("score", registered, table, Warehouse(tmp_path))
    rows = people.table.head(30)
    (block,) = re.findall(
        r"(?m)^    from models\.families\.boosted.*\n(?:^(?:    .*)?\n)+",
        PAGE.read_text(),
    )

    done: dict[str, Any] = {"model": model, "rows": rows}
    exec(dedent(block), done)

    whole = done["parts"].base + done["parts"].values.sum(axis=1)
    np.testing.assert_allclose(whole, boosted.log_odds(rows), atol=1e-9)
