"""The jobs behind `lamppost link review` and `lamppost link changes`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lamppost.answers import Answer
from lamppost.settings import pseudonym_key


if TYPE_CHECKING:
    from features.linkage.changes import KindChanges
    from features.linkage.decisions_store import Seen
    from features.linkage.queue import UncertainPair
    from lamppost.opened import Open

MOST_SHOWN = 10


def review(opened: Open, *, limit: int = MOST_SHOWN) -> Answer:
    """Return the pairs that wait for a steward, the most useful first.

    The answer holds identifiers: it is for a steward's eyes, and not for a log.
    """
    from features.linkage.review import review_queue, shown

    key, place = pseudonym_key(opened.settings), opened.place
    queue = [
        pair
        for kind in place.linkage
        for pair in review_queue(opened.warehouse, place, key, kind)
    ]
    queue.sort(key=lambda pair: (not pair.holds_scores_back, -pair.usefulness))
    first = queue[:limit]
    seen = shown(opened.warehouse, place, first)
    return {
        "waiting": len(queue),
        "of these holding scores back": sum(p.holds_scores_back for p in queue),
        "pairs": [_asked(pair) for pair in first],
        "identifiers": [row for p in first for row in _side_by_side(p.id, seen[p.id])],
    }


def decide(
    opened: Open,
    pair: str,
    verdict: str,
    *,
    by: str,
    at: dt.datetime,
    reason: str | None = None,
) -> Answer:
    """Keep a steward's decision; the next `lamppost link` follows it.

    Args:
        opened: The place.
        pair: As the queue names it.
        verdict: "same", "different" or "cannot tell".
        by: The steward's role.
        at: The time of the decision.
        reason: One of the reasons known; None for the verdict's usual one.
    """
    from features.linkage import decisions_store
    from features.linkage.review import Judgement, decide

    read = decisions_store.read_verdict(verdict)
    judgement = Judgement(read, decisions_store.read_reason(reason, read), by, at)
    key = pseudonym_key(opened.settings)
    kept = decide(opened.warehouse, opened.place, key, pair, judgement)
    return {
        "decision": kept.number,
        "pair": pair,
        "verdict": kept.verdict,
        "reason": kept.reason,
        "by": kept.by,
        "next": "run: lamppost link",
    }


def changes(
    opened: Open,
    *,
    kind: str | None = None,
    older: int | None = None,
    newer: int | None = None,
) -> Answer:
    """Return whose records a linking moved, and every score that it touches.

    Args:
        opened: The place.
        kind: Of entity; None means every kind that is linked.
        older: The number of a link version; None the last but one.
        newer: The number of a later one; None the newest.
    """
    from features.linkage.changes import changes_between
    from models.ledger.touched import scores_of

    kinds = [kind] if kind else list(opened.place.linkage)
    found = [
        changed
        for name in kinds
        if (
            changed := changes_between(
                opened.warehouse, opened.place, name, older=older, newer=newer
            )
        )
    ]
    moved = {one.entity_id for changed in found for one in changed.moved}
    ledger = opened.ledger()
    touched = scores_of(ledger, moved)
    ledger.close()
    return {
        "versions": [_versions(changed) for changed in found],
        "moved": [row for changed in found for row in _moved(changed)],
        "scores touched": [vars(one) for one in touched],
    }


def _asked(pair: UncertainPair) -> Answer:
    return {
        "pair": pair.id,
        "kind": pair.kind,
        "why": pair.why,
        "usefulness": pair.usefulness,
        "holds scores back": "yes" if pair.holds_scores_back else "no",
    }


def _side_by_side(pair_id: str, seen: Seen) -> Iterable[Answer]:
    for attribute, (left, right) in seen.items():
        yield {
            "pair": pair_id,
            "attribute": attribute,
            "left": " | ".join(left),
            "right": " | ".join(right),
        }


def _versions(changed: KindChanges) -> Answer:
    return {
        "kind": changed.kind,
        "older": changed.older,
        "newer": changed.newer,
        "entities moved": len(changed.moved),
        "only new records": changed.only_new_records,
        "new entities": changed.new_entities,
    }


def _moved(changed: KindChanges) -> Iterable[Answer]:
    for one in changed.moved:
        yield {
            "kind": changed.kind,
            "entity": one.entity_id,
            "before": one.before,
            "after": one.after,
            "gained": one.gained,
            "lost": one.lost,
            "arrived": one.arrived,
            "merged": list(one.merged),
            "split": list(one.split),
        }
