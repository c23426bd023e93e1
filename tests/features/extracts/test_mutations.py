"""One byte is changed anywhere: refused with its place, or read as it now stands."""

import io
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.extracts.findings import Findings
from features.extracts.loading import Delivery, load_extract
from features.extracts.strict_csv import StrictReader
from features.extracts.strict_lines import StoppedError, StrictLines, shape_of
from features.extracts.unpack import Unpacked
from features.faults import Refusal
from features.store.warehouse import Warehouse
from tests.features.bad_extracts import CONTRACT, RECEIVED, right
from tests.features.strict_parser import Wrong, read_rows, read_values


Loader = Callable[[bytes], dict[str, Any] | None]

# Bytes that mean something to a reader come up as often as all others together.
telling = st.sampled_from(list(b'",\r\n\0 \xef\xbb\xbf\xc3\xa9-.0129NY')) | st.integers(
    0, 255
)
NEXT_DAY = RECEIVED + timedelta(days=1)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    content = right()
    at = draw(st.integers(0, len(content) - 1))
    kept = draw(st.sampled_from([0, 1]))
    new = draw(st.just(b"") | telling.map(lambda byte: bytes([byte])))
    return content[:at] + new + content[at + kept :]


@settings(max_examples=2_000, deadline=None)
@given(mutated())
def test_rows_are_those_that_a_second_reader_reads(content: bytes) -> None:
    assert rows_of(content) == plain_rows(content)


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Loader:
    """Load content as the second load after the right extract; None if refused."""
    first = tmp_path_factory.mktemp("mutations") / "store"
    load(first, right(), RECEIVED)

    def load_second(content: bytes) -> dict[str, Any] | None:
        with TemporaryDirectory() as folder:
            root = Path(folder) / "store"
            shutil.copytree(first, root)
            try:
                return load(root, content, NEXT_DAY)
            except Refusal as refusal:
                places = [fault.where for fault in refusal.faults]
                assert all(re.match(r"extract\.csv: line \d+", p) for p in places)
                assert Warehouse(root).manifest() == Warehouse(first).manifest()
                return None

    return load_second


@settings(max_examples=40, deadline=None)
@given(content=mutated())
def test_versions_are_those_that_a_second_reader_finds(
    loader: Loader, content: bytes
) -> None:
    assert loader(content) == expected_versions(content)


def load(root: Path, content: bytes, received: Any) -> dict[str, Any]:
    path = root.parent / "extract.csv"
    path.write_bytes(content)
    warehouse = Warehouse(root)
    loaded = load_extract(warehouse, CONTRACT, path, Delivery(received))
    records = pq.read_table(warehouse.path(loaded.records)).to_pylist()
    identity = pq.read_table(warehouse.path(loaded.identity)).to_pylist()
    if loaded.number == 1:
        return {"rows": {}, "withdrawn": set()}
    by_id = {row["record_id"]: row for row in identity}
    return {
        "rows": {
            row["record_id"]: {**by_id[row["record_id"]], **row, "content": None}
            for row in records
            if not row["withdrawn"]
        },
        "withdrawn": {row["record_id"] for row in records if row["withdrawn"]},
    }


def expected_versions(content: bytes) -> dict[str, Any] | None:
    """What the second load must hold, worked out in plain Python; None if refused."""
    earlier = {row["visit_id"]: row for _, row in read_rows(right(), CONTRACT)}
    ids = {key: number for number, key in enumerate(earlier, 1)}
    try:
        now: dict[str, tuple[int, dict[str, str]]] = {}
        values: dict[str, Any] = {}
        for line, raw in read_rows(content, CONTRACT):
            key = raw["visit_id"]
            values[key] = checked(raw)
            if key in now and plain(now[key][1]) != plain(raw):
                return None
            now.setdefault(key, (line, raw))
    except Wrong:
        return None
    rows = {}
    for key, (line, raw) in now.items():
        number = ids.setdefault(key, len(ids) + 1)
        if key not in earlier or plain(earlier[key]) != plain(raw):
            rows[number] = {
                **values[key],
                **{"record_id": number, "load": 2, "line": line, "key": key},
                **{"event_date": values[key]["seen"], "known_date": NEXT_DAY},
                **{"withdrawn": False, "content": None},
            }
    gone = {ids[key] for key in earlier if key not in now}
    return {"rows": rows, "withdrawn": gone}


def checked(raw: dict[str, str]) -> dict[str, Any]:
    values = read_values(raw, CONTRACT)
    dates = [values["seen"], values["recorded"]]
    if any(day is not None and day > NEXT_DAY for day in dates):
        raise Wrong
    return values


def plain(raw: dict[str, str]) -> dict[str, str]:
    nulls = CONTRACT.file.null
    return {name: "" if cell in nulls else cell for name, cell in raw.items()}


def plain_rows(content: bytes) -> list[tuple[int, tuple[str, ...]]] | None:
    try:
        rows = read_rows(content, CONTRACT)
    except Wrong:
        return None
    return [(line, tuple(raw.values())) for line, raw in rows]


def rows_of(content: bytes) -> list[tuple[int, tuple[str, ...]]] | None:
    findings = Findings()
    stream = io.BufferedReader(Unpacked(io.BytesIO(content), len(content)))
    shape = shape_of(CONTRACT)
    try:
        rows = list(StrictReader(StrictLines(stream, shape, findings), shape).rows())
    except StoppedError:
        assert list(findings)
        return None
    return None if list(findings) else rows
