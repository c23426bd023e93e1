"""The rules on how an extract's file is written, and the words for each."""

from __future__ import annotations

from features.extracts.findings import Finding


_AGAIN = "ask the partner to write and send the file again"
_QUOTE = 'write " around the whole cell and double each " inside it'

# Rule: what must hold, what was found, what to do.
_RULES = {
    "format.empty": ("the file must have a header", "no line", _AGAIN),
    "format.no_rows": ("the file must have rows", "none below the header", _AGAIN),
    "format.gzip": ("a gzip file must be whole", "a damaged or cut file", _AGAIN),
    "format.utf_16": (
        "the text must be in the declared encoding",
        "UTF-16",
        "save it in the encoding that the contract declares",
    ),
    "format.encoding": (
        "the text must be in the declared encoding",
        "a byte that it does not have",
        "save it in the encoding that the contract declares, or declare the true one",
    ),
    "format.bom": (
        "a byte order mark may only begin a UTF-8 file, once",
        "the character U+FEFF",
        "save the file without a byte order mark",
    ),
    "format.nul": ("a file of text has no NUL", "U+0000", _AGAIN),
    "format.lone_cr": ("a CR must be followed by an LF", "U+000D", _AGAIN),
    "format.mixed_line_ends": (
        "all rows must end as the first does",
        "another line end",
        _AGAIN,
    ),
    "format.unclosed_quote": (
        "a quoted cell must be closed",
        "the end of the file inside a cell",
        _QUOTE,
    ),
    "format.stray_quote": (
        "quotes stand around a whole cell",
        "a quote inside a cell",
        _QUOTE,
    ),
    "format.short_row": (
        "a row must have as many cells as the header",
        "fewer",
        "quote cells that hold a line end, or send the missing cells",
    ),
    "format.long_row": (
        "a row must have as many cells as the header",
        "more",
        "quote cells that hold the delimiter",
    ),
    "format.no_trailer": (
        "the last row must be the declared trailer",
        "another row, or none",
        "the file may be cut short: " + _AGAIN,
    ),
    "format.trailer_count": (
        "the trailer must give the number of rows",
        "another number",
        "the file may be cut short: " + _AGAIN,
    ),
    "format.long_line": (
        "a line or cell may have at most 1,048,576 bytes",
        "more",
        "look for a quote that is never closed; else " + _AGAIN,
    ),
    "header.repeated": (
        "the header stands once",
        "a row that repeats it",
        "take out the repeated header",
    ),
    "text.control": (
        "a text may not hold control characters, but for tabs and quoted line ends",
        "a control character",
        "ask the partner to take it out",
    ),
    "text.bidi": (
        "a text may not override the direction of writing",
        "a character that does",
        "ask the partner to take it out",
    ),
    "limit.rows": (
        "a file may not have more rows than the contract's `rows_at_most`",
        "one more",
        "raise `rows_at_most`, if so many rows can be right",
    ),
    "limit.unpacked": (
        "a gzip file may unpack to 200 times its size and at most 8 GiB",
        "more",
        "send the file in parts, or not packed",
    ),
    "limit.memory": (
        "the file must be readable within the memory allowed",
        "a need for more",
        "send the file in parts",
    ),
    "limit.disk": (
        "the disk must have room for what is read",
        "no room, or a table larger than is allowed",
        "make room on the store's disk, then load again",
    ),
    "limit.stopped": (
        "the reader must come to its end",
        "a reader that was stopped",
        "send the file in parts; if it is small, " + _AGAIN,
    ),
}


def broken(rule: str, got: str | None = None, *, column: str | None = None) -> Finding:
    """Return that `rule` does not hold, in its words.

    Args:
        rule: One of those above.
        got: What was found, where that can be said better than in general.
        column: The heading of the column.
    """
    what, found, then = _RULES[rule]
    return Finding(rule, what, got or found, then, column)
