"""The card of a model: what it is, what it was found to be worth, and what it is not.

Its order is that of TRIPOD+AI (Collins GS and others, BMJ 2024;385:e078378), and it
names the items. It is built from what the registry keeps of a version and the
definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.definitions.place import Place
from models.definitions.definition import ScoreDefinition
from models.shown.documents import Document, as_html, as_markdown
from models.tables.table import TableModel
from training.cards import (
    beside,
    fitting,
    gates,
    methods,
    numbers,
    purpose,
    results,
)
from training.cards.subject import Subject
from training.cards.summary import in_short


MARKDOWN, HTML = "card.md", "card.html"

_SECTIONS = (
    in_short,
    purpose.purpose,
    purpose.records,
    methods.cohort,
    methods.preparation,
    methods.outcome,
    methods.predictors,
    methods.sample,
    methods.missing,
    fitting.analysis,
    methods.fairness,
    methods.output,
    results.kept_apart,
    purpose.agreed,
    purpose.openness,
    results.specification,
    results.performance,
    beside.baselines,
    results.calibration,
    beside.groups,
    beside.transparency,
    beside.sources,
    gates.gates,
    results.updating,
    purpose.limits,
    purpose.use,
)
_OF_NUMBERS = (
    numbers.in_short,
    purpose.purpose,
    purpose.records,
    methods.cohort,
    methods.preparation,
    numbers.outcome,
    methods.predictors,
    numbers.analysis,
    numbers.kept_apart,
    purpose.agreed,
    purpose.openness,
    results.specification,
    numbers.performance,
    numbers.gates,
    results.updating,
    purpose.limits,
    purpose.use,
)


def card_texts(
    score: ScoreDefinition, place: Place, model: TableModel, found: Mapping[str, Any]
) -> dict[str, str]:
    """Return a model's card, as its run keeps it: `card.md` and `card.html`.

    Args:
        score: The definition that the model was fitted for.
        place: The definitions beside it.
        model: With its facts and envelope.
        found: The evaluation as the registry keeps it, read from its JSON.
    """
    return texts_of(Subject(score, place, model, found))


def card_of(subject: Subject) -> Document:
    """Return a card as a document."""
    refused = "Did not pass. " if subject.refused else ""
    number = "" if subject.version is None else f", version {subject.version}"
    title = f"{refused}{subject.score.question}: the card of its model{number}"
    sections = _OF_NUMBERS if subject.score.outcome.is_number else _SECTIONS
    return Document(title, tuple(section(subject) for section in sections))


def texts_of(subject: Subject) -> dict[str, str]:
    """Return a card by file name, with all that is known of a version by now.

    Where promotion was refused, it says so first, and why.
    """
    document = card_of(subject)
    return {MARKDOWN: as_markdown(document), HTML: as_html(document)}
