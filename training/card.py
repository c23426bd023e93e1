"""The card of a model: what it is, what it was found to be worth, and what it is not.

Its order is that of TRIPOD+AI (Collins GS and others, BMJ 2024;385:e078378), and it
names the items. It is built from what the registry keeps of a version and the
definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.definitions.place import Place
from models.definition import ScoreDefinition
from models.documents import Document, as_html, as_markdown
from models.table import TableModel
from training import (
    card_beside,
    card_fitting,
    card_gates,
    card_methods,
    card_numbers,
    card_purpose,
    card_results,
)
from training.card_subject import Subject
from training.card_summary import in_short


MARKDOWN, HTML = "card.md", "card.html"

_SECTIONS = (
    in_short,
    card_purpose.purpose,
    card_purpose.records,
    card_methods.cohort,
    card_methods.preparation,
    card_methods.outcome,
    card_methods.predictors,
    card_methods.sample,
    card_methods.missing,
    card_fitting.analysis,
    card_methods.fairness,
    card_methods.output,
    card_results.kept_apart,
    card_purpose.agreed,
    card_purpose.openness,
    card_results.specification,
    card_results.performance,
    card_beside.baselines,
    card_results.calibration,
    card_beside.groups,
    card_beside.transparency,
    card_beside.sources,
    card_gates.gates,
    card_results.updating,
    card_purpose.limits,
    card_purpose.use,
)
_OF_NUMBERS = (
    card_numbers.in_short,
    card_purpose.purpose,
    card_purpose.records,
    card_methods.cohort,
    card_methods.preparation,
    card_numbers.outcome,
    card_methods.predictors,
    card_numbers.analysis,
    card_numbers.kept_apart,
    card_purpose.agreed,
    card_purpose.openness,
    card_results.specification,
    card_numbers.performance,
    card_numbers.gates,
    card_results.updating,
    card_purpose.limits,
    card_purpose.use,
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
