"""What `lamppost link` does for stewards: it takes their answers and asks anew.

The service reads the ledger alone, and links are made in the warehouse: so questions
go one way, and answers the other, whenever links are made.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from features.faults import Misuse
from lamppost.answers import Answer
from lamppost.settings import pseudonym_key


if TYPE_CHECKING:
    from features.linkage.queue import UncertainPair
    from lamppost.opened import Open
    from models.ledger.link_queue import LinkAnswer, LinkQuestion


def take_answers(opened: Open, *, at: dt.datetime) -> int:
    """Keep what stewards answered as decisions, each once, and return how many.

    Killed anywhere, the next run takes what is left. An answer to a pair that nobody
    asks about any more is put aside.
    """
    from models.ledger.link_queue import mark_taken, untaken

    ledger = opened.ledger()
    try:
        taken = 0
        for answer in untaken(ledger):
            number = _kept_before(opened, answer) or _keep(opened, answer)
            mark_taken(ledger, answer.id, decision=number, at=at)
            taken += number is not None
        return taken
    finally:
        ledger.close()


def ask_stewards(opened: Open, *, at: dt.datetime) -> Answer:
    """Write the uncertain pairs into the ledger for the partners' stewards.

    Only pairs of one partner's own records: all others stay with `link review`.

    Returns:
        How many were written, and how many stay.
    """
    from features.linkage.owners import owners
    from features.linkage.review import review_queue
    from models.ledger.link_queue import ask

    key = pseudonym_key(opened.settings)
    pairs = [
        pair
        for kind in opened.place.linkage
        for pair in review_queue(opened.warehouse, opened.place, key, kind)
    ]
    partner_of = owners(opened.warehouse, opened.place, pairs)
    own = [pair for pair in pairs if pair.id in partner_of]
    ledger = opened.ledger()
    try:
        ask(ledger, _questions(opened, own, partner_of), at=at)
    finally:
        ledger.close()
    return {
        "asked in the service": len(own),
        "only in lamppost link review": len(pairs) - len(own),
    }


def _questions(
    opened: Open, pairs: list[UncertainPair], partner_of: dict[str, str]
) -> list[LinkQuestion]:
    from features.linkage.review import entity_ids, shown
    from models.ledger.link_queue import LinkQuestion

    seen = shown(opened.warehouse, opened.place, pairs)
    whose = entity_ids(opened.warehouse, pairs)
    return [
        LinkQuestion(
            pair=pair.id,
            kind=pair.kind,
            partner=partner_of[pair.id],
            why=pair.why,
            usefulness=pair.usefulness,
            holds_scores_back=pair.holds_scores_back,
            sides={name: _written(both) for name, both in seen[pair.id].items()},
            left_entity_id=whose[pair.id][0],
            right_entity_id=whose[pair.id][1],
        )
        for pair in pairs
    ]


def _written(both: tuple[list[str], list[str]]) -> tuple[list[str], list[str]]:
    """Return what both sides say, and nothing where nothing is said."""
    left, right = ([said for said in side if said] for side in both)
    return left, right


def _kept_before(opened: Open, answer: LinkAnswer) -> int | None:
    """Return the decision that a run which was killed has kept already."""
    from features.linkage.decisions_store import decisions_of

    manifest = opened.warehouse.manifest()
    same = (answer.at, _by(answer), answer.verdict)
    for kind in opened.place.linkage:
        for one in decisions_of(opened.warehouse, manifest, kind):
            if (one.at, one.by, one.verdict) == same:
                return one.number
    return None


def _keep(opened: Open, answer: LinkAnswer) -> int | None:
    """Keep an answer as a decision; None if nobody asks about the pair any more."""
    from features.linkage.decisions_store import read_reason, read_verdict
    from features.linkage.review import Judgement, decide

    verdict = read_verdict(answer.verdict)
    reason = read_reason(answer.reason, verdict)
    judgement = Judgement(verdict, reason, _by(answer), answer.at)
    key = pseudonym_key(opened.settings)
    try:
        kept = decide(opened.warehouse, opened.place, key, answer.pair, judgement)
    except Misuse:
        return None
    return kept.number


def _by(answer: LinkAnswer) -> str:
    return f"data steward ({answer.partner})"
