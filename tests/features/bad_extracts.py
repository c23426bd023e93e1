"""One right extract with every type of column, and 36 ways to spoil it."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable
from dataclasses import dataclass

from features.definitions.contracts import Contract


RECEIVED = dt.date(2024, 6, 1)
HEADINGS = (
    *("visit id", "nhs", "born", "seen", "recorded", "kind", "attended"),
    *("contacts", "arrears", "share", "note"),
)


def _column(name: str, type_: str, **more: object) -> dict[str, object]:
    return {"name": name, "type": type_, "meaning": "for tests", **more}


CONTRACT = Contract.model_validate(
    {
        "name": "visits",
        "partner": "council",
        "title": "Visits",
        "open_data": {"licence": "OGL", "attribution": "Council"},
        "file": {
            "delivery": "full",
            "null": ["NULL", "n/a"],
            "title_rows": 1,
            "trailer": {"marker": "TRAILER"},
        },
        "dates": {"event": "seen", "recorded": "recorded"},
        "freshness": {"cadence_days": 7, "greatest_age_days": 30},
        "coverage": {"since": dt.date(2020, 1, 1)},
        "key": ["visit_id"],
        "about": [{"kind": "person", "identifiers": {"nhs": "nhs", "born": "born"}}],
        "order": [
            {"first": "born", "then": "seen"},
            {"first": "seen", "then": "recorded"},
        ],
        "columns": [
            _column("visit_id", "text", heading="visit id", pattern="[0-9]{9}"),
            _column("nhs", "text", pattern="[0-9]{10}", sensitivity="identifier"),
            _column("born", "date", formats=["%d/%m/%Y"], sensitivity="identifier"),
            _column("seen", "date", formats=["%Y-%m-%d"], required=True),
            _column("recorded", "date", formats=["%Y-%m-%d", "%-d %b %Y"]),
            _column("kind", "code", values={"home": "h", "office": "o"}),
            _column("attended", "boolean", true=["Y", "Yes"], false=["N"]),
            _column(
                "contacts", "integer", minimum=0, maximum=9_000_000_000_000_000_000
            ),
            _column("arrears", "decimal", scale=2),
            _column("share", "float"),
            _column("note", "text", greatest_length=60),
        ],
    }
)

# Line 4's note goes on to line 5. No cell of a person stands in the contract.
RIGHT = """\
Visits of the north team
visit id,nhs,born,seen,recorded,kind,attended,contacts,arrears,share,note
000000017,9434765919,03/02/1941,2024-01-09,2024-01-10,home,Y,3,120.50,0.25,canaryone
000000018,9434765870,17/11/1938,2024-01-15,16 Jan 2024,office,N,0,-3.10,1,"canary, two
""and"" canary"
000000019,NULL,29/02/1940,2024-02-28,n/a,,Yes,,,-0.125,canarythrée
123456789,9434765862,05/07/1952,2024-03-01,2024-03-01,home,,41,0,,
000000020,9434765854,30/09/1949,2024-05-30,2024-05-31,office,N,7,99.99,0.875,canaryfive
TRAILER,5
"""
LAST_ROW_LINE = 8

# (rule, line, heading); a line of 0 stands for any line.
Where = tuple[str, int, str | None]


@dataclass(frozen=True)
class Kind:
    """One way to spoil an extract and the one outcome that follows.

    Attributes:
        outcome: Empty if it is to be accepted.
    """

    name: str
    content: bytes
    outcome: frozenset[Where]


def right() -> bytes:
    return RIGHT.encode()


def kinds() -> list[Kind]:
    return [*_formats(), *_headers(), *_types()]


def _with(old: str, new: str) -> bytes:
    assert RIGHT.count(old) == 1, old
    return RIGHT.replace(old, new).encode()


def _cells(change: Callable[[list[str]], list[str]]) -> bytes:
    """Change each row of the file, which has no line end inside a cell for this."""
    title, *rows, trailer = RIGHT.replace('two\n""and""', "two").splitlines()
    assert '"canary, two canary"' in rows[2]
    whole = [row.replace("canary, two", "canary two").split(",") for row in rows]
    changed = [",".join(change(cells)) for cells in whole]
    return "\n".join([title, *changed, trailer, ""]).encode()


def _kind(
    name: str, content: bytes, rule: str, line: int, column: str | None = None
) -> Kind:
    return Kind(name, content, frozenset({(rule, line, column)}))


def _formats() -> list[Kind]:
    packed = gzip.compress(right(), mtime=0)
    row = "000000017,,,2024-01-09,,,,,,,canaryone\n"
    bomb = RIGHT.replace("TRAILER", row * 200_000 + "TRAILER").encode()
    no_rows = "".join(RIGHT.splitlines(keepends=True)[:2]) + "TRAILER,0\n"
    return [
        _kind(
            "not a UTF-8 byte",
            right().replace("é".encode(), b"\xe9"),
            "format.encoding",
            6,
            "note",
        ),
        _kind("UTF-16", RIGHT.encode("utf-16-le"), "format.utf_16", 1),
        _kind("byte order mark twice", b"\xef\xbb\xbf" * 2 + right(), "format.bom", 1),
        _kind("NUL", _with("canaryone", "canary\0one"), "format.nul", 3, "note"),
        _kind("lone CR", _with("canary, t", "canary\rt"), "format.lone_cr", 4, "note"),
        _kind(
            "mixed line ends",
            _with("canaryone\n", "canaryone\r\n"),
            "format.mixed_line_ends",
            3,
        ),
        _kind(
            "unclosed quote",
            _with("canaryfive", '"canaryfive'),
            "format.unclosed_quote",
            LAST_ROW_LINE,
            "note",
        ),
        _kind(
            "quote inside a cell",
            _with("canaryone", 'canary"one'),
            "format.stray_quote",
            3,
            "note",
        ),
        _kind("wrong delimiter", right().replace(b",", b";"), "format.delimiter", 2),
        _kind("short row", _with(",canaryone", ""), "format.short_row", 3),
        _kind("long row", _with("canaryone", "canaryone,"), "format.long_row", 3),
        _kind("empty file", b"", "format.empty", 1),
        _kind("header only", no_rows.encode(), "format.no_rows", 3),
        _kind("trailer", _with("TRAILER,5", "TRAILER,6"), "format.trailer_count", 9),
        _kind("truncated gzip", packed[:-12], "format.gzip", 0),
        _kind("gzip bomb", gzip.compress(bomb, mtime=0), "limit.unpacked", 0),
    ]


def _headers() -> list[Kind]:
    header = ",".join(HEADINGS)
    renamed = {("header.missing", 2, "kind"), ("header.extra", 2, "visit type")}
    return [
        _kind("missing column", _cells(lambda c: c[:-1]), "header.missing", 2, "note"),
        _kind(
            "extra column",
            _cells(lambda c: [*c, "extra"]),
            "header.extra",
            2,
            "extra",
        ),
        Kind("renamed", _with(",kind,", ",visit type,"), frozenset(renamed)),
        _kind(
            "duplicate name",
            _cells(lambda c: [*c, c[-1]]),
            "header.duplicate",
            2,
            "note",
        ),
        _kind("case change", _with(",kind,", ",Kind,"), "header.renamed", 2, "kind"),
        Kind("re-ordered", _cells(lambda c: c[::-1]), frozenset()),
        _kind(
            "repeated header",
            _with("123456789,", header + "\n123456789,").replace(b"R,5", b"R,6"),
            "header.repeated",
            7,
        ),
        _kind(
            # A Cyrillic i.
            "look-alike letter",
            _with(",kind,", ",k\u0456nd,"),
            "header.renamed",
            2,
            "kind",
        ),
    ]


def _types() -> list[Kind]:
    def seen(text: str) -> bytes:
        return _with("2024-02-28", text)

    return [
        _kind("30 February", seen("2024-02-30"), "type.date", 6, "seen"),
        _kind("US date", _with("17/11/1938", "11/17/1938"), "type.date", 4, "born"),
        _kind("two-digit year", seen("24-02-28"), "type.date", 6, "seen"),
        _kind("Excel's date", seen("45350"), "type.date", 6, "seen"),
        _kind("time zone", seen("2024-02-28T00:00:00Z"), "type.date", 6, "seen"),
        _kind(
            "1.23E+09", _with("123456789", "1.23E+09"), "value.pattern", 7, "visit id"
        ),
        _kind("zeros lost", _with("000000020", "20"), "value.pattern", 8, "visit id"),
        _kind(
            "thousands comma",
            _with("120.50", '"1,120.50"'),
            "type.decimal",
            3,
            "arrears",
        ),
        _kind("NaN", _with("0.25", "NaN"), "type.float", 3, "share"),
        _kind("Infinity", _with("0.25", "Infinity"), "type.float", 3, "share"),
        _kind(
            "a third truth", _with(",Yes,", ",Unknown,"), "type.boolean", 6, "attended"
        ),
        _kind(
            "integer overflow",
            _with(",41,", ",9223372036854775808,"),
            "type.integer",
            7,
            "contacts",
        ),
        _kind("white space", _with(",41,", ",  ,"), "value.blank", 7, "contacts"),
    ]
