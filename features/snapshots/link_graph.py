"""The graph of links: what was compared, what holds for sure, what is uncertain."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.snapshots.link_draws import Ints, LinkGraph, components
from features.store.archive import Archive


_MERGED = "merged"
_TIE = "tie"
# What an outcome begins with where nobody doubts it, and where two stay apart.
_CERTAIN = ("exact", "decided same")
_APART = ("vetoed", "contradicted")
# No entity has this number; restricted ones are numbered below zero too.
_LEFT_OUT = np.iinfo(np.int64).min


def read_graph(archive: Archive, kind: str, *, sure: float) -> LinkGraph:
    """Return the identities of a kind and the pairs that were compared.

    Merged pairs of at least `sure` hold in every draw, as do exact keys and what a
    steward decided. Vetoed pairs stay apart in every draw, and so do those who both
    claim an identity that was left out for that. All others are uncertain.
    """
    links = archive.identities(kind)
    held = links.select("identity", "entity", "probability").distinct()
    nodes: pd.DataFrame = archive.fetch(held).to_pandas()
    pairs: pd.DataFrame = archive.fetch(archive.pairs(kind)).to_pandas()
    return graph_of(nodes, pairs, sure=sure)


def graph_of(nodes: pd.DataFrame, pairs: pd.DataFrame, *, sure: float) -> LinkGraph:
    """Return the graph of identities and pairs.

    Args:
        nodes: `identity`, `entity` and `probability` (of what holds the one to the
            other), each identity once.
        pairs: See `Archive.pairs`. Identities that only they name were left out.
        sure: From this probability on, a merged pair is not doubted.
    """
    ends = pairs[["record_id_l", "record_id_r"]].to_numpy(np.int64).reshape(-1, 2)
    identities = np.union1d(nodes["identity"].to_numpy(np.int64), ends.ravel())
    known = nodes.set_index("identity").reindex(identities)
    entities = known["entity"].fillna(_LEFT_OUT).to_numpy(np.int64)
    places = np.searchsorted(identities, ends)
    outcome = pairs["outcome"].astype(str)
    probability = pairs["probability"].to_numpy(np.float64)
    vetoed = outcome.str.startswith(_APART).to_numpy()
    decided = outcome.str.startswith(_CERTAIN).to_numpy()
    certain = (outcome == _MERGED).to_numpy() & (probability >= sure) | decided
    tied = (outcome == _TIE).to_numpy()
    open_ = ~vetoed & ~certain
    held, hold = _held(identities, entities, known["probability"].to_numpy(), sure)
    more, chance = _untold(places[~vetoed], held, entities, hold)
    return LinkGraph(
        identities=identities,
        entities=entities,
        sure=np.concatenate([places[certain], held]),
        uncertain=np.concatenate([places[open_], more]),
        probability=np.concatenate([probability[open_], chance]),
        apart=np.concatenate([places[vetoed], _claimants(places[tied], entities)]),
    )


def _held(
    identities: Ints, entities: Ints, probability: np.ndarray, sure: float
) -> tuple[Ints, pd.DataFrame]:
    """Return what is held to its entity's earliest identity for sure, and the rest.

    A chain whose weakest link is sure is sure, whatever it is made of.
    """
    place = np.arange(len(identities))
    table = pd.DataFrame({"entity": entities, "place": place, "hold": probability})
    table = table[table["entity"] != _LEFT_OUT]
    table["first"] = table.groupby("entity")["place"].transform("min")
    others = table[table["place"] != table["first"]]
    certain = others["hold"] >= sure
    held = others[certain][["first", "place"]].to_numpy(np.int64)
    return held, others[~certain]


def _untold(
    pairs: Ints, held: Ints, entities: Ints, rest: pd.DataFrame
) -> tuple[Ints, np.ndarray]:
    """Return what no pair ties to its entity's earliest identity, and how likely.

    The pairs kept do not tell what holds it, but its link does.
    """
    own = pairs[entities[pairs[:, 0]] == entities[pairs[:, 1]]]
    labels = components(np.concatenate([own, held]), len(entities))
    first, place = (rest[name].to_numpy(np.int64) for name in ("first", "place"))
    loose = labels[first] != labels[place]
    found = np.stack([first[loose], place[loose]], axis=1)
    return found, rest["hold"].to_numpy(np.float64)[loose]


def _claimants(ties: Ints, entities: Ints) -> Ints:
    """Return the pairs of those who claim one identity that none of them was given."""
    both = np.concatenate([ties, ties[:, ::-1]])
    both = both[entities[both[:, 0]] == _LEFT_OUT]
    claims = pd.DataFrame(both, columns=["tied", "by"])
    pairs = claims.merge(claims, on="tied")
    one, other = (pairs[name].to_numpy(np.int64) for name in ("by_x", "by_y"))
    differ = (one < other) & (entities[one] != entities[other])
    return np.stack([one[differ], other[differ]], axis=1)
