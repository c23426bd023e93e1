"""A card's first section: what a reader of twelve should know of a score."""

from __future__ import annotations

from collections.abc import Iterator

from models.judging.intervals import Figure
from models.shown.documents import Bullets, Part, Section
from models.shown.figure_words import of_100
from training.cards.gates import DID_NOT_PASS, gate_rows
from training.cards.subject import Subject


# How each family is read, in a sentence.
HOW_IT_WORKS = {
    "points": "It is a list of points. Anyone can add them up by hand.",
    "logistic": "It is a sum. Each thing we look at adds or takes away in a straight "
    "line.",
    "additive": "It is a set of small tables, one for each thing we look at. Each "
    "table says how far that thing moves the score. The score is their sum.",
    "pairs": "It is a set of small tables. A few of them look at two things at once. "
    "Each says how far it moves the score. The score is their sum.",
}


def in_short(subject: Subject) -> Section:
    """Return the summary: what it is for, how good it is, and what it may not do."""
    return Section("In short", tuple(_parts(subject)), "TRIPOD+AI 2")


def _parts(subject: Subject) -> Iterator[Part]:
    score, people = subject.score, subject.people
    yield (
        f"This score puts {people} in order. At the top stand those for whom this "
        f"is most likely: {score.question}."
    )
    if score.caveat:
        yield f"{score.caveat.rstrip('.')}."
    yield HOW_IT_WORKS.get(subject.model.family, "Anyone can read it.")
    yield Bullets(tuple(_findings(subject)))
    yield "It must never be used for any of these:"
    yield Bullets(tuple(score.forbidden_uses))


def _findings(subject: Subject) -> Iterator[str]:
    rate = subject.figure("base_rate")
    yield f"We tried it on later dates, with answers that it had not seen. {_had(rate)}"
    yield f"We then looked at {subject.places}. {_had(subject.later('precision'))}"
    yield _right_way_round(subject.later("auc"))
    yield price_sentence(subject.figure("price", "auc"))
    yield _sample_sentence(subject)
    yield _gate_sentence(subject)


def _had(share: Figure) -> str:
    if share.value is None:
        return f"We cannot tell how many of them had it: {share.reason}."
    told, _, interval = of_100(share).partition(" of 100 ")
    return f"Of 100 of them about {told} had it {_between(interval)}."


def _right_way_round(auc: Figure) -> str:
    if auc.value is None:
        return f"We cannot tell how well it puts them in order: {auc.reason}."
    told, _, interval = of_100(auc).partition(" of 100 ")
    return (
        "Take one who had it and one who did not. The score puts the right one first "
        f"in {told} of 100 tries {_between(interval)}. A guess would in 50."
    )


def price_sentence(price: Figure) -> str:
    """Return what it costs that the model can be read, for anyone.

    >>> price_sentence(Figure(0.021, 0.004, 0.04))[-52:]
    'It gets 2.1 more of 100 tries right (0.4 to 4 more).'
    """
    start = "We also built a model that nobody can read."
    if price.value is None or price.low is None or price.high is None:
        return f"{start} We cannot tell if it does better: {price.reason}."
    if price.low <= 0 <= price.high:
        more = f"(from {_tries(-price.low)} fewer to {_tries(price.high)} more of 100)"
        return f"{start} We could not show that it does better or worse {more}."
    ends = sorted((abs(price.low), abs(price.high)))
    way = "more" if price.value > 0 else "fewer"
    between = f"({_tries(ends[0])} to {_tries(ends[1])} {way})"
    gets = f"It gets {_tries(abs(price.value))} {way} of 100 tries right"
    return f"{start} {gets} {between}."


def _tries(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")


def _between(interval: str) -> str:
    return f"(likely {interval.strip('()')})"


def _sample_sentence(subject: Subject) -> str:
    sample = subject.found.get("sample")
    if not sample:
        return "Nobody has counted if there was enough to learn from."
    enough = (
        sample["groups"] >= sample["needed"]
        and sample["groups_with_outcome"] >= sample["needed_with_outcome"]
    )
    if enough:
        return "There was enough to learn from."
    return "There was too little to learn from: read the figures with care."


def _gate_sentence(subject: Subject) -> str:
    if subject.refused:
        return "It did not pass, and may not be used."
    rows = list(gate_rows(subject))
    failed = sum(verdict == DID_NOT_PASS for *_, verdict in rows)
    if not rows:
        return "No limits were set that it had to meet."
    if failed:
        return f"It had to show {len(rows)} things, and failed to show {failed}."
    return f"It showed all of the {len(rows)} things that it had to."
