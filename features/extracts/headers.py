"""Headers: the names that a file gives its columns, against those declared."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from features.extracts.findings import Finding, printable


_GREATEST_NAME_SHOWN = 40
_DELIMITERS = (",", ";", "\t", "|")
_DECLARE = "correct the header, or declare the column as it now is"


def header_findings(
    found: Sequence[str], declared: Sequence[str], delimiter: str
) -> list[Finding]:
    """Return what is wrong with a header; the order of the names is free.

    A line that holds less than half of the declared names may be a person's record:
    none of it is shown.

    Args:
        found: The cells of the file's header.
        declared: The contract's headings.
        delimiter: The declared one.
    """
    if set(found) == set(declared) and len(found) == len(declared):
        return []
    known = sum(any(_alike(name, other) for name in found) for other in declared)
    if 2 * known < len(declared):
        return [_not_a_header(found, declared, delimiter)]
    return list(_departures(found, declared))


def _not_a_header(
    found: Sequence[str], declared: Sequence[str], delimiter: str
) -> Finding:
    for other in _DELIMITERS:
        if len(found) == 1 and set(declared) <= set(found[0].split(other)):
            return Finding(
                "format.delimiter",
                f"the delimiter must be {delimiter!r}",
                repr(other),
                "write the file with the declared delimiter, or declare this one",
            )
    return Finding(
        "header.absent",
        f"the line must hold the declared headings, the first is {declared[0]!r}",
        "less than half of them",
        "send the header, or correct `title_rows` or `delimiter` in the contract",
    )


def _departures(found: Sequence[str], declared: Sequence[str]) -> Iterator[Finding]:
    missing = [name for name in declared if name not in found]
    extra = [name for name in dict.fromkeys(found) if name not in declared]
    for name in dict.fromkeys(name for name in found if found.count(name) > 1):
        got = f"{found.count(name)} of them"
        what = "a heading stands once"
        yield Finding("header.duplicate", what, got, _DECLARE, _shown(name))
    for name in extra:
        meant = next((other for other in missing if _alike(name, other)), None)
        if meant:
            missing.remove(meant)
            got, what = f"'{_shown(name)}'", "the heading must be as declared"
            yield Finding("header.renamed", what, got, _DECLARE, meant)
        else:
            what = "every column must be declared"
            got = "a heading nobody declared"
            yield Finding("header.extra", what, got, _DECLARE, _shown(name))
    for name in missing:
        what = "every declared column must be there"
        yield Finding("header.missing", what, "no such heading", _DECLARE, name)


def _alike(found: str, declared: str) -> bool:
    """Tell whether a reader would take one name for the other.

    Capitals, spaces and invisible characters do not count, and a letter outside ASCII
    (a Cyrillic one, say) may stand for any.

    >>> _alike(" N\u0430me", "name"), _alike("names", "name")
    (True, False)
    """
    one, other = _visible(found), _visible(declared)
    if len(one) != len(other):
        return False
    return all(
        a == b or not (a.isascii() and b.isascii())
        for a, b in zip(one, other, strict=True)
    )


def _visible(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    # Z: spaces; Cf: zero-width and other format characters.
    return "".join(
        c
        for c in folded
        if unicodedata.category(c)[0] != "Z" and unicodedata.category(c) != "Cf"
    )


def _shown(name: str) -> str:
    return printable(name)[:_GREATEST_NAME_SHOWN]
