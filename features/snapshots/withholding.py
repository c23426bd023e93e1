"""Withholding: whose records of which source may not be shown for which purpose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from features.definitions.contracts import Contract
from features.definitions.place import Place
from features.snapshots.opt_outs import scopes_in_force
from features.store.archive import Archive


def withheld_sources(
    archive: Archive, place: Place, kinds: Iterable[str], on: dt.date
) -> Iterator[tuple[str, str, str]]:
    """Yield pseudonym, source and purpose wherever an opt-out holds on a day.

    A source is withheld if it honours the scope of an opt-out, an objection or a
    restriction that is in force for the purpose. One may be yielded more than once.

    Args:
        archive: Where the registers are; their newest versions count.
        place: Says which sources honour what, and what the purposes are.
        kinds: The kinds of entities that are asked for.
        on: The day.
    """
    for kind in kinds:
        sources = _sources_about(place, kind)
        pseudonyms = archive.entities(kind)
        for purpose in place.file.purposes:
            scopes = scopes_in_force(archive, place, kind, purpose.name, on)
            found = archive.fetch(scopes.join(pseudonyms, "entity"))
            for row in found.to_pylist():
                for contract in sources:
                    if row["scope"] in contract.honours:
                        yield row["entity_id"], contract.name, purpose.name


def _sources_about(place: Place, kind: str) -> list[Contract]:
    return [
        contract
        for contract in place.contracts.values()
        if kind in {about.kind for about in contract.about}
    ]
