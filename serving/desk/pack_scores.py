"""A pack's scores: what each said, and apart from it the reasons, by their flags.

A reason tells what records say, so it has the flags of the sources that it rests on:
whoever withholds those records withholds it too, and what the score said stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from models.definitions.bundle import Bundle
from models.definitions.frozen_place import FrozenPlace
from models.ledger.cases import BatchRow, ScoreRow, case_of, finished_batches
from models.ledger.promotions import BundleShelf
from models.ledger.tables import batches, scores
from serving.answers.scores import Subject, score_answer
from serving.desk.pack_parts import THIRD_PARTY, Part
from serving.schemas.scores import ReasonAnswer, ScoreAnswer


# More batches than any place makes in a lifetime.
_MOST_BATCHES = 100_000


def scores_of(
    shelf: BundleShelf, connection: sa.Connection, place: FrozenPlace, entity_id: str
) -> Iterator[Part]:
    """Yield all scores of somebody, each with its reasons after it.

    Args:
        shelf: The bundles that say what scores mean.
        connection: The transaction that reads.
        place: Says which sources are flagged.
        entity_id: Whom they are about.
    """
    query = (
        sa.select(batches.c.score)
        .join(scores, scores.c.batch == batches.c.id)
        .where(scores.c.entity_id == entity_id)
        .distinct()
        .order_by(batches.c.score)
    )
    for name in connection.execute(query).scalars().all():
        for batch in finished_batches(connection, name, _MOST_BATCHES):
            if row := case_of(connection, batch, entity_id):
                bundle = shelf.take(connection, batch.bundle)
                yield from _score(place, bundle, batch, row)


def _score(
    place: FrozenPlace, bundle: Bundle, batch: BatchRow, row: ScoreRow
) -> Iterator[Part]:
    subject = Subject(None, row.as_of, batch.received, row.withheld)
    told = score_answer(bundle, subject, row.given)
    # Why there is no score may name what stopped it.
    named = row.withheld.unseen if row.withheld else ()
    flags = _flags_of(place, bundle, named)
    yield Part("score", row.as_of, told.question, list(_result(told)), flags)
    reasons = [*told.reasons.raises, *told.reasons.lowers] if told.reasons else []
    by_flags: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for reason in reasons:
        rests_on = [each.indicator for each in reason.rests_on]
        flags = _flags_of(place, bundle, rests_on)
        by_flags.setdefault(flags, []).append(_reason(reason))
    for flags, lines in by_flags.items():
        yield Part("score", row.as_of, f"Reasons: {told.question}", lines, flags)


def _flags_of(
    place: FrozenPlace, bundle: Bundle, indicators: Sequence[str]
) -> tuple[str, ...]:
    """Return the flags of all that some indicators rest on, in order."""
    found = {flag for name in indicators for flag in _flags(place, bundle, name)}
    return tuple(sorted(found))


def _flags(place: FrozenPlace, bundle: Bundle, name: str) -> Iterator[str]:
    indicator = bundle.by_name[name]
    source = place.source_by_name.get(indicator.source)
    # Of a source that the place has no more, nobody can say what it holds.
    if indicator.relation or source is None:
        yield THIRD_PARTY
    if source is not None:
        yield from source.flags_in_a_pack


def _result(told: ScoreAnswer) -> Iterator[tuple[str, str]]:
    if told.state is not None:
        yield "no score", told.state.sentence
        if told.state.because:
            yield "because", told.state.because
        return
    if told.band is not None:
        yield "band", told.band.label
    if told.rank is not None:
        yield "rank", told.rank.sentence
    if told.score is not None:
        yield "of 100 people like this", f"about {100 * told.score:.0f}"
    yield "model", f"version {told.model.version}"


def _reason(reason: ReasonAnswer) -> tuple[str, str]:
    return f"{reason.direction} it {reason.size}", f"{reason.sentence}. {reason.source}"
