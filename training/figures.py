"""Figures: pictures of what was found, for the registry and the model's card."""

from __future__ import annotations

from collections.abc import Sequence

from models.table import TableModel
from models.terms import Categories, Line
from training.calibration import ObservedRate
from training.cohort import Cases
