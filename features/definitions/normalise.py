"""Normalising: the forms in which identifiers are compared.

Each form takes a cell's text and returns what of it counts, or None if nothing does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final, Literal


Form = Literal[
    "text", "name", "organisation", "door", "number", "digits", "postcode", "date"
]

# Letters that no decomposition turns into a plain one.
_LETTERS = str.maketrans(
    {"Ł": "L", "Ø": "O", "Đ": "D", "Ð": "D", "Þ": "TH", "Æ": "AE", "Œ": "OE"}
    | {"ẞ": "SS", "İ": "I", "ı": "I"}
)
# They stand inside a name or an abbreviation, and come and go.
_INSIDE_WORDS = re.compile(r"['`´‘’ʻʼ.]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")

_COMPANY_WORDS = frozenset(
    {"INC", "INCORPORATED", "LLC", "LTD", "LIMITED", "CORP", "CORPORATION", "CO"}
    | {"COMPANY", "LP", "LLP", "PLC", "THE"}
)
# 12, 12B, 12-14, "420 1/2"; then N, S, E or W; then the first word of the street.
_DOOR = re.compile(
    r"(\d+)[A-Z]?(?: \d+[A-Z]?)*(?: [A-Z](?= [NSEW] ))? (?:([NSEW]) )?(\w{2,})"
)
_NO_DIGITS = re.compile(r"[^0-9]")
_NUMBER = re.compile(r"0*([1-9][0-9]*)(?:\.0*)?")


def text(raw: str) -> str | None:
    """Capitals without accents, `&` as AND, marks as one space; any script is kept.

    >>> text("  Siân O’Brien & Søn-Łódź ")
    'SIAN OBRIEN AND SON LODZ'
    """
    if raw.isascii():  # most are, and nothing in them needs taking apart
        words = _INSIDE_WORDS.sub("", raw.upper().replace("&", " AND "))
        return _BETWEEN_WORDS.sub(" ", words).strip() or None
    # Twice, as some letters become capital only once taken apart, and the reverse.
    capitals = unicodedata.normalize("NFKD", raw).upper()
    apart = unicodedata.normalize("NFKD", capitals).upper().translate(_LETTERS)
    letters = "".join(c for c in apart if not unicodedata.combining(c))
    words = _INSIDE_WORDS.sub("", letters.replace("&", " AND "))
    return _BETWEEN_WORDS.sub(" ", words).strip() or None


def name(raw: str) -> str | None:
    """A person's name in one piece, as hyphens and spaces come and go.

    >>> name("Mary-Ann") == name("mary ann")
    True
    """
    in_one = raw.replace(" ", "")
    if in_one.isascii() and in_one.isalnum():  # most are: there is no mark to drop
        return in_one.upper()
    words = text(raw)
    return words.replace(" ", "") if words else None


def organisation(raw: str) -> str | None:
    """A firm's name in one piece, without the words for its legal form.

    >>> organisation("The PANERA Bread Co., L.L.C.")
    'PANERABREAD'
    """
    words = (text(raw) or "").split()
    kept = [word for word in words if word not in _COMPANY_WORDS]
    return "".join(kept or words) or None


def door(raw: str) -> str | None:
    """House number (of a range the first), direction and first word of the street.

    Unit, floor, town and postcode are left out; None without a house number.

    >>> door("3519-3529 N CLARK ST, 2nd floor")
    '3519 N CLARK'
    """
    found = _DOOR.match(text(raw) or "")
    return " ".join(part for part in found.groups() if part) if found else None


def number(raw: str) -> str | None:
    """A whole number without leading zeros; None for 0 and for anything else.

    >>> number("0030790.0"), number("0"), number("12A")
    ('30790', None, None)
    """
    found = _NUMBER.fullmatch(raw.strip())
    return found[1] if found else None


def digits(raw: str) -> str | None:
    """The digits alone.

    >>> digits("943 476 5919")
    '9434765919'
    """
    if raw.isascii() and raw.isdigit():
        return raw
    return _NO_DIGITS.sub("", raw) or None


def postcode(raw: str) -> str | None:
    """A postcode in capitals without spaces.

    >>> postcode("av1 0qf")
    'AV10QF'
    """
    return name(raw)


FORMS: Final[dict[Form, Callable[[str], str | None]]] = {
    "text": text,
    "name": name,
    "organisation": organisation,
    "door": door,
    "number": number,
    "digits": digits,
    "postcode": postcode,
    # Dates are typed already; as text they are told in ISO's form.
    "date": lambda raw: raw,
}
