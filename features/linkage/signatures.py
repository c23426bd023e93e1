"""Signatures: what identities say that bears on vetoes, each different one a number."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.definitions.linking_rules import KindRules
from features.definitions.vetoes import Value, Veto, VetoRules
from features.linkage.identities import Identities


Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
_MISSING = -1


class Signatures:
    """What the vetoes of a kind read, told as numbers: many identities say the same.

    Attributes:
        of: Of each identity, the number of its signature.
    """

    def __init__(self, identities: Identities, rules: KindRules) -> None:
        self._vetoes = VetoRules(rules.vetoes, rules.final_vetoes)
        self._rules = rules.vetoes
        names = self._vetoes.attributes
        columns = [identities.table[name].combine_chunks() for name in names]
        codes = [_coded(column) for column in columns]
        numbers = np.zeros(len(identities), np.int64)
        for code in codes:
            pairs = numbers * (len(identities) + 1) + code - _MISSING
            numbers = np.unique(pairs, return_inverse=True)[1]
        _, self._firsts = np.unique(numbers, return_index=True)
        self._columns = columns
        self._codes = {
            name: code[self._firsts] for name, code in zip(names, codes, strict=True)
        }
        self.of: list[int] = numbers.tolist()
        self._values = functools.cache(self._look_up)

    def veto(self, one: int, other: int) -> str | None:
        """Return the name of the first veto between two signatures, or None."""
        return self._vetoes.between(self._values(one), self._values(other))

    def final_veto(self, one: int, other: int) -> str | None:
        """Return the name of the first veto that no decision overcomes, or None."""
        return self._vetoes.final_between(self._values(one), self._values(other))

    def vetoes_of(
        self, pairs: Sequence[tuple[int, int]]
    ) -> dict[tuple[int, int], str | None]:
        """Return the vetoes between pairs of identities, found together.

        Returns:
            By two signatures, the smaller first.
        """
        of = np.array(self.of, np.int64)
        ends = np.sort(of[np.array(pairs, np.int64).reshape(-1, 2)], axis=1)
        left, right = ends[:, 0], ends[:, 1]
        may_be = self._may_be_vetoed(left, right)
        found = dict.fromkeys(_pairs(left[~may_be], right[~may_be]))
        asked = list(dict.fromkeys(_pairs(left[may_be], right[may_be])))
        said = [(self._values(one), self._values(other)) for one, other in asked]
        return found | dict(zip(asked, self._vetoes.between_each(said), strict=True))

    def _may_be_vetoed(self, left: Ints, right: Ints) -> Flags:
        """Return whether all is the same that has to be, and all differs: most fail."""
        may_be = np.zeros(len(left), np.bool_)
        for veto in self._rules:
            may_be |= self._may_hold(veto, left, right)
        return may_be

    def _may_hold(self, veto: Veto, left: Ints, right: Ints) -> Flags:
        may_hold = np.ones(len(left), np.bool_)
        for names, is_same in ((veto.same, True), (veto.contrasts, False)):
            for name in names:
                one, other = self._codes[name][left], self._codes[name][right]
                both_say = (one != _MISSING) & (other != _MISSING)
                may_hold &= both_say & ((one == other) == is_same)
        return may_hold

    def _look_up(self, signature: int) -> tuple[Value, ...]:
        identity = int(self._firsts[signature])
        return tuple(column[identity].as_py() for column in self._columns)


def _coded(column: pa.Array) -> Ints:
    """Return a number for each value, the same for the same."""
    codes: Ints = pc.fill_null(column.dictionary_encode().indices, _MISSING).to_numpy()
    return codes.astype(np.int64)


def _pairs(left: Ints, right: Ints) -> list[tuple[int, int]]:
    return list(zip(left.tolist(), right.tolist(), strict=True))
