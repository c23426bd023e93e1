"""Champions: whether the registry and the ledger name the same version of a score."""

from __future__ import annotations

from collections.abc import Iterator

from features.faults import Refusal
from lamppost.ledger_jobs import is_there
from lamppost.opened import Open
from models.definitions.bundle import Bundle
from models.ledger.promotions import champion, read_bundle
from models.registry.registry import Registry
from models.tables.table import from_json


def champion_problems(opened: Open) -> Iterator[str]:
    """Yield each score whose alias was moved alone, or whose champion is damaged.

    `lamppost promote` moves both together. The service serves what the ledger says.

    Args:
        opened: A place; a ledger or registry that is not there yet is not made.
    """
    settings = opened.settings
    if not is_there(settings.ledger_url):
        return
    promoted = _promoted(opened)
    if not is_there(settings.tracking_uri):
        for bundle in promoted.values():
            yield f"{settings.tracking_uri}: gone; {bundle.score} was registered there"
        return
    try:
        registry = opened.registry()
        # A forecast is served by nobody: its champion is the registry's alone.
        served = [n for n, s in opened.scores.items() if not s.outcome.is_number]
        for score in served:
            yield from _problems(registry, score, promoted.get(score))
    except Refusal as refusal:
        yield from (str(fault) for fault in refusal.faults)


def _problems(registry: Registry, score: str, served: Bundle | None) -> Iterator[str]:
    named = registry.named(score, "champion")
    number = served.version if served else None
    if named != number:
        again = f"run: lamppost promote {score} --version {number or named}"
        yield (
            f"{score}: the registry's champion is {_words(named)}, and the ledger "
            f"serves {_words(number)}; the alias was moved alone; {again}"
        )
    elif served:
        found = from_json(registry.version(score, served.version).model_json)
        if found.sha256 != served.model_sha256:
            yield (
                f"{score}: version {number} of the registry is another model than the "
                "ledger serves; restore the registry"
            )


def _promoted(opened: Open) -> dict[str, Bundle]:
    """Return what the ledger serves, by score."""
    ledger, found = opened.ledger(), {}
    with ledger.reading() as connection:
        for score in opened.scores:
            if wanted := champion(connection, score):
                found[score] = read_bundle(connection, wanted)
    ledger.close()
    return found


def _words(version: int | None) -> str:
    return f"version {version}" if version else "none"
