"""Signatures: what identities say that bears on vetoes, each different one a number."""

from __future__ import annotations

from collections.abc import Iterable

from features.definitions.linking_rules import KindRules
from features.definitions.vetoes import Value, VetoRules
from features.linkage.identities import Identities


class Signatures:
    """What the vetoes of a kind read, told as numbers: many identities say the same.

    Attributes:
        of: Of each identity, the number of its signature.
    """

    def __init__(self, identities: Identities, rules: KindRules) -> None:
        self._vetoes = VetoRules(rules.vetoes, rules.final_vetoes)
        numbers: dict[tuple[Value, ...], int] = {}
        said = identities.values(self._vetoes.attributes)
        self.of = [numbers.setdefault(values, len(numbers)) for values in said]
        self._said = list(numbers)

    def veto(self, one: int, other: int) -> str | None:
        """Return the name of the first veto between two signatures, or None."""
        return self._vetoes.between(self._said[one], self._said[other])

    def final_veto(self, one: int, other: int) -> str | None:
        """Return the name of the first veto that no decision overcomes, or None."""
        return self._vetoes.final_between(self._said[one], self._said[other])

    def vetoes_of(
        self, pairs: Iterable[tuple[int, int]]
    ) -> dict[tuple[int, int], str | None]:
        """Return the vetoes between pairs of identities, found together.

        Returns:
            By two signatures, the smaller first.
        """
        ends = ((self.of[one], self.of[other]) for one, other in pairs)
        asked = list(dict.fromkeys((min(end), max(end)) for end in ends))
        said = [(self._said[one], self._said[other]) for one, other in asked]
        return dict(zip(asked, self._vetoes.between_each(said), strict=True))
