"""Strict reading of lines: decoded without mercy, free of what no text should hold."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from io import BufferedReader
from typing import TYPE_CHECKING, NoReturn

from features.extracts.findings import Findings
from features.extracts.format_rules import broken
from features.extracts.unpack import DamagedFileError, TooLargeError, Unpacked


if TYPE_CHECKING:
    from features.definitions.contracts import Contract

GREATEST_LINE_BYTES = 2**20
_UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|[^\0]\0[^\0]\0|\0[^\0]\0[^\0]", re.DOTALL)
_FORBIDDEN = re.compile(
    r"\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]"
)
_RULE_OF_CHARACTER = {
    "\0": "format.nul",
    "\r": "format.lone_cr",
    "\ufeff": "format.bom",
    "\u2028": "text.control",
    "\u2029": "text.control",
}


class StoppedError(Exception):
    """What follows cannot be read with any sense; the finding is noted already."""


@dataclass(frozen=True)
class Shape:
    """What a contract says of the file.

    Attributes:
        header: The headings, in the contract's order.
        trailer: First cell of the last row, which counts the rows; None if none.
        rows_at_most: Reading stops when there are more.
    """

    encoding: str
    delimiter: str
    title_rows: int
    header: tuple[str, ...]
    trailer: str | None
    rows_at_most: int


def shape_of(contract: Contract) -> Shape:
    """Return what a contract says of its file."""
    file = contract.file
    return Shape(
        file.encoding,
        file.delimiter,
        file.title_rows,
        tuple(column.header for column in contract.columns),
        file.trailer.marker if file.trailer else None,
        contract.rows_at_most,
    )


class StrictLines:
    """Reads a file line by line; a line ends in LF.

    Attributes:
        number: The line read last, counted from 1.
        row_start: The line on which the row being read starts.
        row_lines: The lines of that row so far.
        headings: The file's header, once it was read; names the columns of findings.

    Args:
        stream: The file's bytes, unpacked.
        shape: What it should look like.
        findings: Gets what is wrong.
    """

    def __init__(
        self, stream: BufferedReader[Unpacked], shape: Shape, findings: Findings
    ) -> None:
        self.number = 0
        self.row_start = 1
        self.row_lines: list[str] = []
        self.headings: tuple[str, ...] = ()
        self._stream = stream
        self._shape = shape
        self.findings = findings
        self._line_end: str | None = None
        self._is_utf_8 = codecs.lookup(shape.encoding).name in ("utf-8", "utf-8-sig")
        self._encoding = "utf-8" if self._is_utf_8 else shape.encoding

    def next_line(self) -> str:
        """Return the next line of the row with its line end; empty at the end.

        Raises:
            StoppedError: The rest of the file cannot be read.
        """
        raw = self._raw_line()
        if raw:
            self.number += 1
        if len(raw) > GREATEST_LINE_BYTES:
            self.stop("format.long_line", self.number)
        line = self._cleaned(self._decoded(raw))
        self.row_lines.append(line)
        return line

    def next_row(self) -> None:
        """Forget the lines of the row before."""
        self.row_start, self.row_lines = self.number + 1, []

    def end_row(self) -> None:
        """Check that the row ends as all rows before it did."""
        last = self.row_lines[-1] if self.row_lines else ""
        if not last.endswith("\n"):
            return
        line_end = "CRLF" if last.endswith("\r\n") else "LF"
        self._line_end = self._line_end or line_end
        if line_end != self._line_end:
            self.note("format.mixed_line_ends", self.number, line_end)

    def skip_title_rows(self) -> None:
        """Read the lines above the header."""
        self._refuse_utf_16()
        for _ in range(self._shape.title_rows):
            self.next_row()
            self.next_line()
            self.end_row()
        self.next_row()

    def note(
        self, rule: str, line: int, got: str | None = None, column: str | None = None
    ) -> None:
        """Note that a rule does not hold on a line."""
        self.findings.add(broken(rule, got, column=column), line)

    def stop(
        self, rule: str, line: int, got: str | None = None, column: str | None = None
    ) -> NoReturn:
        """Note that a rule does not hold, and read no further."""
        self.note(rule, line, got, column)
        raise StoppedError

    def heading(self, number: int) -> str | None:
        """Return the heading of the column at `number`, counted from 0, if known."""
        return self.headings[number] if number < len(self.headings) else None

    def _raw_line(self) -> bytes:
        try:
            return self._stream.readline(GREATEST_LINE_BYTES + 1)
        except DamagedFileError:
            self.stop("format.gzip", self.number + 1)
        except TooLargeError:
            self.stop("limit.unpacked", self.number + 1)

    def _refuse_utf_16(self) -> None:
        try:
            head = self._stream.peek(4)
        except (DamagedFileError, TooLargeError):
            return  # Reading the first line says so.
        if _UTF_16.match(head):
            self.stop("format.utf_16", 1)

    def _decoded(self, raw: bytes) -> str:
        if self.number == 1 and raw.startswith(codecs.BOM_UTF8):
            if not self._is_utf_8:
                self.stop("format.bom", 1, "a mark of UTF-8")
            raw = raw.removeprefix(codecs.BOM_UTF8)
        try:
            return raw.decode(self._encoding)
        except UnicodeDecodeError as error:
            before = raw[: error.start].decode(self._encoding, "replace")
            self.note("format.encoding", self.number, column=self._column(before))
            return raw.decode(self._encoding, "replace")

    def _cleaned(self, line: str) -> str:
        """Note forbidden characters, and put in their place one that does no harm."""
        if not _FORBIDDEN.search(line):
            return line
        for match in _FORBIDDEN.finditer(line):
            rule = _rule_of(match[0])
            column = self._column(line[: match.start()])
            self.note(rule, self.number, f"U+{ord(match[0]):04X}", column)
        return _FORBIDDEN.sub("?", line)

    def _column(self, before: str) -> str | None:
        """Return the heading of the cell that comes after `before` in the row."""
        outside_quotes = "".join([*self.row_lines, before]).split('"')[::2]
        number = sum(part.count(self._shape.delimiter) for part in outside_quotes)
        return self.heading(number)


def _rule_of(character: str) -> str:
    overrides = "\u202a" <= character <= "\u2069"
    return _RULE_OF_CHARACTER.get(
        character, "text.bidi" if overrides else "text.control"
    )
