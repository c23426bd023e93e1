"""Cells from the child process to Arrow: what was read is what arrives."""

import io
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.extracts.cell_blocks import Block, Row, read_blocks, write_blocks


# Decoding gives no lone surrogates.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
ROWS = st.lists(
    st.tuples(st.integers(1, 2**31 - 1), st.tuples(TEXTS, TEXTS)), max_size=20
)


def through_a_file(rows: list[Row], path: Path) -> pa.Table:
    with path.open("wb") as sink:
        blocks = list(write_blocks(rows, sink))
    return read_blocks(path, blocks, 2)


@given(ROWS)
def test_every_text_arrives_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row]
) -> None:
    path = tmp_path_factory.mktemp("cells") / "cells"

    table = through_a_file(rows, path)

    read = zip(*(column.to_pylist() for column in table.columns), strict=True)
    assert [(line, (a, b)) for line, a, b in read] == rows


def test_many_rows_come_in_blocks_in_their_order(tmp_path: Path) -> None:
    rows = [(line, (str(line), "é" * (line % 3))) for line in range(45_001)]

    table = through_a_file(rows, tmp_path / "cells")

    assert table["line"].to_pylist() == list(range(45_001))
    assert table["c1"].to_pylist() == [cells[1] for _, cells in rows]
    assert table["c0"].num_chunks == 3


@pytest.mark.parametrize(
    "flaw",
    [
        # The text ends before its last cell does, and inside a character.
        lambda content: content[:-8],
        lambda content: content.replace("é".encode(), b"\xc3\xc3"),
        lambda content: content.replace(b"\2\0\0\0\3", b"\2\0\0\0\1"),
    ],
)
def test_a_file_that_is_not_as_told_is_refused(tmp_path: Path, flaw: object) -> None:
    sink = io.BytesIO()
    blocks = list(write_blocks([(2, ("ab", "")), (3, ("c", "é"))], sink))
    path = tmp_path / "cells"
    assert callable(flaw)
    path.write_bytes(flaw(sink.getvalue()))

    with pytest.raises(pa.ArrowException):
        read_blocks(path, blocks, 2)


def test_a_file_without_rows_still_has_its_columns(tmp_path: Path) -> None:
    table = through_a_file([], tmp_path / "cells")

    assert table.column_names == ["line", "c0", "c1"]
    assert table.num_rows == 0


def test_a_block_tells_how_long_its_texts_are() -> None:
    blocks = list(write_blocks([(2, ("ab", "é"))], io.BytesIO()))

    assert blocks == [Block(1, [2, 2])]


def test_the_child_imports_the_standard_library_and_nothing_else() -> None:
    program = (
        "import sys, features.extracts.tokenise;"
        "names = {name.partition('.')[0] for name in sys.modules};"
        "print(sorted(names - sys.stdlib_module_names - {'__main__', 'features'}))"
    )

    told = subprocess.run(
        [sys.executable, "-S", "-c", program],
        cwd=Path(__file__).parents[3],
        env={},
        capture_output=True,
        text=True,
    )

    assert told.stdout == "[]\n"
