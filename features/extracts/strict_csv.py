"""Strict reading of delimited text: every departure is a finding with its line.

Rows end in LF or in CRLF, the same throughout. A quote stands only around a whole
cell, doubled inside it; a quoted cell may hold line ends.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from operator import itemgetter
from typing import NoReturn

from features.extracts.headers import header_findings
from features.extracts.strict_lines import (
    GREATEST_LINE_BYTES,
    Shape,
    StoppedError,
    StrictLines,
)


# The line it starts on, and its cells; None if quotes in it are misplaced.
_Record = tuple[int, list[str] | None]

# What the csv module says, and the rule that it means.
_MESSAGES = {
    "unexpected end of data": "format.unclosed_quote",
    "field larger than": "format.long_line",
    "expected after": "format.stray_quote",
}


class StrictReader:
    """Reads one file's rows; a row that is wrong is noted and left out.

    Args:
        lines: The file, at its start.
        shape: What it should look like.
    """

    def __init__(self, lines: StrictLines, shape: Shape) -> None:
        self._lines = lines
        self._shape = shape
        mark = re.escape(shape.delimiter)
        cell = rf'(?:"(?:[^"]|"")*+"|[^"{mark}\r\n]*+)'
        self._row = re.compile(rf"{cell}(?:{mark}{cell})*+(?:\r?\n)?")
        self._cell = re.compile(rf"{cell}(?:{mark}|\r?\n)")

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield each row's first line and its cells in the contract's order.

        Raises:
            StoppedError: The rest of the file cannot be read.
        """
        csv.field_size_limit(GREATEST_LINE_BYTES)
        records = self._records()
        header = self._read_header(records)
        # The index 0 at the end makes it a tuple for one column, too.
        pick = itemgetter(*map(header.index, self._shape.header), 0)
        number = 0
        for number, (line, cells) in enumerate(self._without_trailer(records), 1):
            if number > self._shape.rows_at_most:
                self._lines.stop("limit.rows", line)
            if cells is not None and self._is_row(line, cells):
                yield line, pick(cells)[:-1]
        if number == 0:
            self._lines.note("format.no_rows", self._lines.number)

    def _records(self) -> Iterator[_Record]:
        """Yield what the csv reader makes of the lines, with the first line of each."""
        self._lines.skip_title_rows()
        source = iter(self._lines.next_line, "")
        reader = csv.reader(source, delimiter=self._shape.delimiter, strict=True)
        while (cells := self._next_record(reader)) is not None:
            self._lines.end_row()
            yield self._lines.row_start, cells if self._is_well_quoted() else None
            self._lines.next_row()

    def _next_record(self, reader: Iterator[list[str]]) -> list[str] | None:
        try:
            return next(reader, None)
        except csv.Error as error:
            self._stop_at(str(error))

    def _read_header(self, records: Iterator[_Record]) -> list[str]:
        line, cells = next(records, (0, None))
        if cells is None:
            self._lines.stop("format.empty", max(self._lines.number, 1))
        shape = self._shape
        found = header_findings(cells, shape.header, shape.delimiter)
        for finding in found:
            self._lines.findings.add(finding, line)
        if found:
            raise StoppedError
        self._lines.headings = tuple(cells)
        return cells

    def _without_trailer(self, records: Iterator[_Record]) -> Iterator[_Record]:
        if self._shape.trailer is None:
            yield from records
            return
        held: _Record | None = None
        number = 0
        for record in records:
            if held:
                number += 1
                yield held
            held = record
        self._check_trailer(held, number)

    def _check_trailer(self, last: _Record | None, rows: int) -> None:
        line, cells = last or (self._lines.number, None)
        cells = cells or []
        if cells[:1] != [self._shape.trailer]:
            self._lines.note("format.no_trailer", line)
        elif [cell for cell in cells[1:] if cell] != [str(rows)]:
            got = f"another number than {rows}"
            self._lines.note("format.trailer_count", line, got)

    def _is_row(self, line: int, cells: list[str]) -> bool:
        expected = len(self._lines.headings)
        if len(cells) != expected:
            rule = "short" if len(cells) < expected else "long"
            got = f"{len(cells)} cells, not {expected}"
            self._lines.note(f"format.{rule}_row", line, got)
            return False
        if tuple(cells) == self._lines.headings:
            self._lines.note("header.repeated", line)
            return False
        return True

    def _is_well_quoted(self) -> bool:
        """Check what the csv module lets pass: a quote inside an unquoted cell."""
        text = "".join(self._lines.row_lines)
        if '"' not in text or self._row.fullmatch(text):
            return True
        if not self._lines.headings:
            self._stop_at("expected after")
        column = self._column_at_fault()
        self._lines.note("format.stray_quote", self._lines.row_start, column=column)
        return False

    def _stop_at(self, message: str) -> NoReturn:
        rule = next(rule for part, rule in _MESSAGES.items() if part in message)
        column = self._column_at_fault()
        self._lines.stop(rule, self._lines.row_start, column=column)

    def _column_at_fault(self) -> str | None:
        """Return the heading of the first cell that is not written as a cell is."""
        text = "".join(self._lines.row_lines)
        position = number = 0
        while match := self._cell.match(text, position):
            position, number = match.end(), number + 1
        return self._lines.heading(number)
