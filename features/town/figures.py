"""What the town has of each published figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from features.town.blocks import Block
from features.town.figures_of_care import count_care
from features.town.figures_of_health import count_health
from features.town.figures_of_people import count_people


def measure(blocks: Iterable[Block]) -> dict[str, float]:
    """Return each figure of `published.FIGURES` as the town has it, by name.

    Args:
        blocks: The town's blocks; each is counted and let go before the next one.
    """
    parts: dict[str, float] = defaultdict(float)
    wholes: dict[str, float] = defaultdict(float)
    for block in blocks:
        for count in (count_people, count_health, count_care):
            for name, (part, whole) in count(block).items():
                parts[name] += part
                wholes[name] += whole
    return {name: parts[name] / wholes[name] if wholes[name] else 0.0 for name in parts}
