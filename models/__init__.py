"""What a score is: its definition, its model as data, its words, its ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from models.registry.loading import load

__all__ = ["load"]


def __getattr__(name: str) -> Any:
    """Import `load` when it is asked for: the service needs none of what it needs."""
    if name != "load":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from models.registry.loading import load

    return load
