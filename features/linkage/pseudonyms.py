"""Pseudonyms: the keyed names under which entities leave the identity zone."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator

import pyarrow as pa

from features.linkage.link_tables import LINKS


_LENGTH = 32


def pseudonym(kind: str, entity: int, key: bytes) -> str:
    """Return the keyed name of an entity: HMAC-SHA256 of its kind and number.

    >>> pseudonym("person", 7, b"k" * 32) == pseudonym("person", 7, b"other" * 7)
    False
    """
    return next(_pseudonyms(kind, [entity], key))


def with_pseudonyms(links: pa.Table, kind: str, key: bytes) -> pa.Table:
    """Return links with `entity_id`, the pseudonym of each record's entity."""
    coded = links["entity"].combine_chunks().dictionary_encode()
    names = list(_pseudonyms(kind, coded.dictionary.to_pylist(), key))
    entity_ids = pa.array(names, pa.string()).take(coded.indices)
    return links.append_column("entity_id", entity_ids).select(LINKS.names)


def _pseudonyms(kind: str, entities: Iterable[int], key: bytes) -> Iterator[str]:
    # The key is taken in once, not for each name.
    start = hmac.new(key, f"{kind}:".encode(), "sha256")
    for entity in entities:
        keyed = start.copy()
        keyed.update(b"%d" % entity)
        yield keyed.hexdigest()[:_LENGTH]
