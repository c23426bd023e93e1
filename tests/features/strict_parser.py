"""A second reader of extracts: slow, plain, and written apart from the first.

It reads whole files, character by character, and values with Python's own types.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from features.definitions.contracts import Column, Contract


class Wrong(Exception):
    """The extract breaks a rule."""


Row = tuple[int, dict[str, str]]


def read_rows(content: bytes, contract: Contract) -> list[Row]:
    """Return each row's first line and its raw cells by column name, or raise Wrong."""
    records, line_ends = _records(_text(content))
    names = [column.header for column in contract.columns]
    records = records[contract.file.title_rows :]
    if len(set(line_ends)) > 1 or not records:
        raise Wrong
    header, rows = records[0][1], records[1:]
    if sorted(header) != sorted(names):
        raise Wrong
    if contract.file.trailer:
        if not rows or rows[-1][1][0] != contract.file.trailer.marker:
            raise Wrong
        counted = [cell for cell in rows[-1][1][1:] if cell]
        rows = rows[:-1]
        if counted != [str(len(rows))]:
            raise Wrong
    if not rows or any(len(r) != len(header) or r == header for _, r in rows):
        raise Wrong
    by_name = {column.name: header.index(column.header) for column in contract.columns}
    return [(n, {name: row[at] for name, at in by_name.items()}) for n, row in rows]


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Wrong from error
    text = text.removeprefix("\ufeff")
    for n, c in enumerate(text):
        code = ord(c)
        if c == "\r" and text[n + 1 : n + 2] == "\n":
            continue
        if (code < 32 and c not in "\t\n") or 127 <= code < 160:
            raise Wrong
        if code in (*range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF):
            raise Wrong
    return text


def _records(text: str) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Split a text into rows and their line ends; the first line is a title."""
    title, newline, text = text.partition("\n")
    records: list[tuple[int, list[str]]] = [(1, [title])]
    line_ends = ["\r\n" if title.endswith("\r") else "\n"] if newline else []
    line, at = 2, 0
    while at < len(text):
        start, cells = line, []
        while True:
            cell, at, newlines = _cell(text, at)
            cells.append(cell)
            line += newlines
            if text[at : at + 1] != ",":
                break
            at += 1
        end = "\r\n" if text[at : at + 2] == "\r\n" else text[at : at + 1]
        if end not in ("\r\n", "\n", ""):
            raise Wrong
        line_ends += [end] if end else []
        at += len(end)
        line += 1
        records.append((start, cells))
    return records, line_ends


def _cell(text: str, at: int) -> tuple[str, int, int]:
    """Return the cell at a position, where it ends, and the line ends inside it."""
    if text[at : at + 1] != '"':
        start = at
        while at < len(text) and text[at] not in ",\r\n":
            if text[at] == '"':
                raise Wrong
            at += 1
        return text[start:at], at, 0
    cell, at = "", at + 1
    while True:
        if at >= len(text):
            raise Wrong
        if text[at] == '"' and text[at + 1 : at + 2] == '"':
            cell, at = cell + '"', at + 2
        elif text[at] == '"':
            return cell, at + 1, cell.count("\n")
        else:
            cell, at = cell + text[at], at + 1


def read_values(raw: dict[str, str], contract: Contract) -> dict[str, Any]:
    """Return the row's typed values by column name, or raise Wrong."""
    nulls = ("", *contract.file.null)
    values = {
        column.name: None
        if raw[column.name] in nulls
        else _value(raw[column.name], column)
        for column in contract.columns
    }
    for column in contract.columns:
        if values[column.name] is None and (
            column.required or column.name in contract.key
        ):
            raise Wrong
    for order in contract.order:
        first, then = values[order.first], values[order.then]
        if first is not None and then is not None and first > then:
            raise Wrong
    return values


def _value(text: str, column: Column) -> Any:
    if not text.strip().strip("\u200b\u2060").strip():
        raise Wrong
    if column.pattern and not re.fullmatch(column.pattern, text, re.ASCII):
        raise Wrong
    value = _READERS[column.type](text, column)
    if value is None:
        raise Wrong
    if column.minimum is not None and value < column.minimum:
        raise Wrong
    if column.maximum is not None and value > column.maximum:
        raise Wrong
    return value


def _text_value(text: str, column: Column) -> Any:
    return text if len(text) <= column.greatest_length else None


def _date(text: str, column: Column) -> Any:
    for pattern, format_ in (
        (r"\d\d/\d\d/\d{4}", "%d/%m/%Y"),
        (r"\d{4}-\d\d-\d\d", "%Y-%m-%d"),
        (r"[1-9]\d? [A-Za-z]{3} \d{4}", "%d %b %Y"),
    ):
        declared = [known.replace("%-", "%") for known in column.formats]
        if format_ in declared and re.fullmatch(pattern, text, re.ASCII):
            try:
                moment = dt.datetime.strptime(text, format_).replace(tzinfo=dt.UTC)
            except ValueError:
                return None
            return moment.date() if moment.date() >= column.earliest else None
    return None


def _number(text: str, places: int | None) -> Decimal | None:
    match = re.fullmatch(r"-?(\d+)(?:\.(\d+))?", text, re.ASCII)
    if match is None or (match[1][0] == "0" and len(match[1]) > 1):
        return None
    if places is not None and len(match[2] or "") > places:
        return None
    return Decimal(text)


def _integer(text: str, _: Column) -> Any:
    number = _number(text, 0)
    return int(number) if number is not None and -(2**63) <= number < 2**63 else None


def _decimal(text: str, column: Column) -> Any:
    number = _number(text, column.scale)
    return number if number is not None and abs(number) < 10**16 else None


def _float(text: str, _: Column) -> Any:
    number = _number(text, None)
    return None if number is None or abs(float(text)) == float("inf") else float(text)


_READERS = {
    "text": _text_value,
    "code": lambda text, column: text if text in column.values else None,
    "boolean": lambda text, column: {
        **dict.fromkeys(column.true, True),
        **dict.fromkeys(column.false, False),
    }.get(text),
    "date": _date,
    "integer": _integer,
    "decimal": _decimal,
    "float": _float,
}
