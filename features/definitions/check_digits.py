"""Check digits: which public identifiers cannot have been given to anybody."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Final, Literal


Check = Literal["nhs_number"]

_NHS_DIGITS = 10
_MODULUS = 11
_WEIGHTS = range(_NHS_DIGITS, 0, -1)


def is_nhs_number(digits: str) -> bool:
    """Return whether ten digits end in the check digit of the nine before.

    Weights 10 to 2, modulus 11; a remainder that asks for 10 is never issued.
    `0000000000` passes, as the rule has it: declare it as a placeholder.

    Source: NHS Data Model and Dictionary, NHS NUMBER.

    >>> is_nhs_number("9434765919"), is_nhs_number("9434765918")
    (True, False)
    """
    if len(digits) != _NHS_DIGITS or not (digits.isascii() and digits.isdigit()):
        return False
    # With the check digit, of weight 1, the sum is a multiple of the modulus. Codes of
    # digits do for digits: each is 48 more, 48 x (10 + 9 + ... + 1) in all, a multiple.
    total: int = sum(map(operator.mul, _WEIGHTS, digits.encode()))
    return total % _MODULUS == 0


CHECKS: Final[dict[Check, Callable[[str], bool]]] = {"nhs_number": is_nhs_number}
