"""Cell blocks: the cells of an extract on their way from the child process.

The child writes them with the standard library alone, so that it starts in hundredths
of a second and holds nothing else that a hostile file could reach. A block holds some
rows: first the line each row starts on, then for each column where its cells begin and
end, and their text. Numbers are 32-bit integers; each part is padded to eight bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO


if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 20_000
_INTEGER_BYTES = 4
_PADDED_TO_BYTES = 8

Row = tuple[int, tuple[str, ...]]


@dataclass(frozen=True)
class Block:
    """Some rows of a file of cells.

    Attributes:
        rows: How many.
        text_bytes: How long the text of each column is.
    """

    rows: int
    text_bytes: Sequence[int]


def write_blocks(rows: Iterable[Row], sink: BinaryIO) -> Iterator[Block]:
    """Write rows, each with the line it starts on, and yield each block once written.

    Args:
        rows: All with the same number of cells.
        sink: Gets the bytes, one block after another.
    """
    rows = iter(rows)
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        lines, cells = zip(*some, strict=True)
        columns = [_column(column) for column in zip(*cells, strict=True)]
        for part in (array("i", lines).tobytes(), *chain.from_iterable(columns)):
            sink.write(part + bytes(_padding(len(part))))
        yield Block(len(some), [len(text) for _, text in columns])


def read_blocks(path: Path, blocks: Iterable[Block], columns: int) -> pa.Table:
    """Return a file of cells as `line` and `c0`, `c1` ..., without copying them.

    Args:
        path: What `write_blocks` wrote.
        blocks: What it told.
        columns: How many there are; a file without rows does not say.

    Raises:
        pyarrow.ArrowException: The file is not what its blocks say.
    """
    import pyarrow as pa

    names = [f"c{number}" for number in range(columns)]
    schema = pa.schema([("line", pa.int32()), *((n, pa.string()) for n in names)])
    with pa.memory_map(str(path)) as source:
        whole = source.read_buffer()
    batches = []
    start = 0
    for block in blocks:
        arrays, start = _arrays(whole, start, block)
        batches.append(pa.record_batch(arrays, schema=schema))
        batches[-1].validate(full=True)
    return pa.Table.from_batches(batches, schema)


def _column(cells: Sequence[str]) -> tuple[bytes, bytes]:
    """Return where each cell starts, the end of the last, and the text of all."""
    text = "".join(cells)
    one_by_one = cells if text.isascii() else [cell.encode() for cell in cells]
    starts = array("i", accumulate(map(len, one_by_one), initial=0))
    return starts.tobytes(), text.encode()


def _arrays(whole: pa.Buffer, start: int, block: Block) -> tuple[list[pa.Array], int]:
    """Return a block's columns, and where the next block starts."""
    import pyarrow as pa

    def take(size: int) -> pa.Buffer:
        nonlocal start
        part = whole.slice(start, size)
        start += size + _padding(size)
        return part

    rows = block.rows
    lines = take(_INTEGER_BYTES * rows)
    arrays = [pa.Array.from_buffers(pa.int32(), rows, [None, lines])]
    for size in block.text_bytes:
        starts = take(_INTEGER_BYTES * (rows + 1))
        buffers = [None, starts, take(size)]
        arrays.append(pa.Array.from_buffers(pa.string(), rows, buffers))
    return arrays, start


def _padding(size: int) -> int:
    return -size % _PADDED_TO_BYTES
