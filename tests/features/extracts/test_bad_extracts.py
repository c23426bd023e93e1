import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from features.extracts.loading import Delivery, load_extract
from features.faults import Fault, Refusal
from features.store.warehouse import Warehouse
from tests.features.bad_extracts import (
    CONTRACT,
    HEADINGS,
    RECEIVED,
    RIGHT,
    Kind,
    Where,
    kinds,
    right,
)


# Cells that the contract names itself.
DECLARED = {"home", "office", "NULL", "TRAILER"}
REFUSED = [kind for kind in kinds() if kind.outcome]
ACCEPTED = [kind for kind in kinds() if not kind.outcome]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """A store that holds the right extract as its first load."""
    store = Warehouse(tmp_path / "store")
    load(store, right(), tmp_path / "first.csv")
    return store


def load(warehouse: Warehouse, content: bytes, path: Path) -> None:
    path.write_bytes(content)
    load_extract(warehouse, CONTRACT, path, Delivery(RECEIVED))


def tree(root: Path) -> dict[str, bytes | None]:
    """Every file and folder, with the bytes of each file."""
    paths = sorted(root.rglob("*"))
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in paths
    }


def located(faults: tuple[Fault, ...]) -> set[Where]:
    return {_located(fault) for fault in faults}


def _located(fault: Fault) -> Where:
    pattern = r"bad\.csv: line ([0-9]+)(?:, column '(.*)')?"
    match = re.fullmatch(pattern, fault.where)
    assert match, fault
    return fault.rule, int(match[1]), match[2]


def test_the_corpus_holds_every_kind_once() -> None:
    names = {kind.name for kind in kinds()}

    # NaN and Infinity are one kind of the 36.
    assert len(names) == len(kinds()) == 37


@pytest.mark.parametrize("kind", REFUSED, ids=lambda kind: kind.name)
def test_a_spoilt_extract_is_refused_where_it_is_spoilt(
    kind: Kind, warehouse: Warehouse, tmp_path: Path
) -> None:
    before = tree(warehouse.root)

    with pytest.raises(Refusal) as refusal:
        load(warehouse, kind.content, tmp_path / "bad.csv")

    found = located(refusal.value.faults)
    any_line = {(rule, 0, column) for rule, _, column in found}
    assert kind.outcome in (found, any_line)
    assert tree(warehouse.root) == before
    assert not cells_shown(str(refusal.value))


@pytest.mark.parametrize("kind", ACCEPTED, ids=lambda kind: kind.name)
def test_what_only_looks_spoilt_is_read_as_if_it_were_not(
    kind: Kind, tmp_path: Path
) -> None:
    plain, changed = Warehouse(tmp_path / "plain"), Warehouse(tmp_path / "changed")

    load(plain, plain_form(), tmp_path / "plain.csv")
    load(changed, kind.content, tmp_path / "changed.csv")

    assert stored(plain) == stored(changed)


def test_a_file_without_its_header_shows_nothing_of_its_first_row(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    header = ",".join(HEADINGS) + "\n"

    with pytest.raises(Refusal, match=r"header\.absent") as refusal:
        load(warehouse, right().replace(header.encode(), b""), tmp_path / "bad.csv")

    assert not cells_shown(str(refusal.value))


def test_faults_of_rows_and_cells_are_told_together(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    bad = right().replace(b"canaryone", b"canaryone,").replace(b",Yes,", b",Unknown,")
    bad = bad.replace(b"2024-05-30", b"2024-06-02").replace(b"TRAILER,5", b"TRAILER,4")

    with pytest.raises(Refusal) as refusal:
        load(warehouse, bad, tmp_path / "bad.csv")

    assert located(refusal.value.faults) == {
        ("format.long_row", 3, None),
        ("type.boolean", 6, "attended"),
        ("date.after_received", 8, "seen"),
        ("date.order", 8, "recorded"),
        ("format.trailer_count", 9, None),
    }


def cells_shown(text: str) -> list[str]:
    """Return the cells of the right extract's rows that a text holds."""
    rows = RIGHT.split("\n", 2)[2]
    cells = [cell for cell in re.split(r'[,\n"]+', rows) if len(cell) > 3]
    return [cell for cell in cells if cell in text and cell not in DECLARED]


def plain_form() -> bytes:
    """The right extract with no line end inside a cell, as the headers' kinds have."""
    text = RIGHT.replace('two\n""and""', "two").replace("canary, two", "canary two")
    return text.encode()


def stored(warehouse: Warehouse) -> list[list[dict[str, object]]]:
    [loaded] = warehouse.manifest().loads
    files = (loaded.records, loaded.identity)
    tables = [pq.read_table(warehouse.path(file)).to_pylist() for file in files]
    return tables
