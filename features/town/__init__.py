"""The simulated town of Avonmere: three partners' extracts, made from a seed.

Nobody in it exists. It is what the demonstration runs on, and what tests rest on where
the truth must be known.
"""

from __future__ import annotations

from features.town.build import Town, write_town
from features.town.deliveries import Extract


__all__ = ["Extract", "Town", "write_town"]
