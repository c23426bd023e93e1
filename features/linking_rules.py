"""How records of a kind are linked: attributes, comparisons, vetoes, thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from features.contracts import Contract
from features.definitions import Definition, Name
from features.faults import Fault


class KindRules(Definition):
    """How one kind of entity is linked."""

    kind: Name


class LinkageFile(Definition):
    """What `linkage.toml` holds."""

    kinds: list[KindRules]


def faults_of_rules(
    rules: KindRules, contracts: Iterable[Contract], root: Path
) -> Iterator[Fault]:
    """Yield what is wrong with the rules in the light of the contracts."""
    yield from ()
