"""Who may be one with another is not scored until a steward has decided."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from features.linkage.link_tables import FLAGS
from tests.features.small_place import Store, answers, contract, family, place, plan


VISITS = contract()


def states(folder: Path, *flagged: int) -> list[str | None]:
    """Return the state of persons 1, 2 and 3 of whom some are flagged."""
    rows = [{"record": n, "person": n, "on": "2020-01-01"} for n in (1, 2, 3)]
    store = Store(folder).load(VISITS, rows)
    flags = [
        {"entity": n, "reason": "bridge", "record_id_l": 1, "record_id_r": 2}
        for n in flagged
    ]
    with store.warehouse.writing() as writer:
        manifest = writer.manifest
        *earlier, newest = manifest.links
        table = pa.Table.from_pylist(flags, schema=FLAGS)
        stored = writer.stage("warehouse", "links/flags.parquet", table)
        links = [*earlier, newest.model_copy(update={"flags": stored})]
        writer.commit(manifest.model_copy(update={"links": links}))
    here = place([VISITS], [family("count")])
    wanted = plan(list(here.indicators.values()))
    found = answers(store.archive(), here, wanted, "2024-01-01")
    return [row["state"] for row in found]


def test_both_sides_of_a_bridge_are_link_uncertain(tmp_path: Path) -> None:
    assert states(tmp_path, 1, 2) == ["link uncertain", "link uncertain", None]


def test_without_a_bridge_nobody_is_link_uncertain(tmp_path: Path) -> None:
    assert states(tmp_path) == [None, None, None]
