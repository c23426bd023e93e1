"""Where the files that pages load are kept, once they have been made."""

from __future__ import annotations

from pathlib import Path


BUILT = Path(__file__).parents[1] / "static"
MADE_FROM = "made-from.txt"
