"""Pseudonyms: the keyed names under which entities leave the identity zone."""

from __future__ import annotations

import hmac

import pyarrow as pa

from features.linkage.link_tables import LINKS


_LENGTH = 32


def pseudonym(kind: str, entity: int, key: bytes) -> str:
    """Return the keyed name of an entity: HMAC-SHA256 of its kind and number.

    >>> pseudonym("person", 7, b"k" * 32) == pseudonym("person", 7, b"other" * 7)
    False
    """
    name = f"{kind}:{entity}".encode()
    return hmac.digest(key, name, "sha256").hex()[:_LENGTH]


def with_pseudonyms(links: pa.Table, kind: str, key: bytes) -> pa.Table:
    """Return links with `entity_id`, the pseudonym of each record's entity."""
    coded = links["entity"].combine_chunks().dictionary_encode()
    names = [pseudonym(kind, entity, key) for entity in coded.dictionary.to_pylist()]
    entity_ids = pa.array(names, pa.string()).take(coded.indices)
    return links.append_column("entity_id", entity_ids).select(LINKS.names)
