"""The simulated town of Avonmere: five partners' extracts, made from a seed.

Nobody in it exists. It is what the demonstration runs on, and what tests rest on where
the truth must be known.
"""

from __future__ import annotations

from features.town.build import Town, write_town
from features.town.deliveries import Extract
from features.town.plant import Plant


__all__ = ["Extract", "Plant", "Town", "write_town"]
