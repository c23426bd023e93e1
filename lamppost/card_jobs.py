"""The jobs behind `card` and `compare`: what the registry keeps, to be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from features.faults import Fault, Misuse, Refusal
from lamppost.answers import Answer
from lamppost.jobs import Open
from models.definition import ScoreDefinition


if TYPE_CHECKING:
    from models.runs import RegisteredModel
    from training.card_subject import Subject
    from training.same_cases import Drawn

Form = Literal["markdown", "html", "points"]
Version = int | Literal["champion", "challenger"]

POINTS_FILE = "points_card.md"
_NEWEST: Version = "challenger"


def card(
    opened: Open, name: str | None, version: str | None, form: Form, out: Path | None
) -> Answer:
    """Return the card of a version, or write it to a file.

    Args:
        opened: The place.
        name: Which score.
        version: A number or an alias; None is the newest.
        form: As Markdown, as an HTML page, or the scorecard on paper.
        out: Where to write it; None returns it in the answer.

    Raises:
        Refusal: There is no such version, or no such card of it.
    """
    score = opened.score(name)
    found = opened.registry().version(score.name, read_version(version))
    text = (
        _points(found, score) if form == "points" else _text(opened, score, found, form)
    )
    answer: Answer = {"score": score.name, "version": found.number, "format": form}
    if out is None:
        return {**answer, "card": text}
    out.write_text(text, encoding="utf-8")
    return {**answer, "file": str(out)}


def compare(opened: Open, name: str, versions: tuple[str, str]) -> Answer:
    """Return two registered versions of a score side by side.

    Raises:
        Misuse: Both are the same version.
        Refusal: There is no such version.
    """
    from training.comparison import Side, compare

    score, registry = opened.score(name), opened.registry()
    found = [registry.version(score.name, read_version(each)) for each in versions]
    if found[0].number == found[1].number:
        got = f"version {found[0].number} twice"
        do = "name another number or alias"
        raise Misuse([Fault("A B", "two different versions are compared", got, do)])
    one, other = (Side(_subject(opened, score, each), _drawn(each)) for each in found)
    return compare(one, other)


def read_version(text: str | None) -> Version:
    """Read a version's number or alias; the newest where none is given.

    >>> read_version("3"), read_version("champion"), read_version(None)
    (3, 'champion', 'challenger')
    """
    if text is None or text == "challenger":
        return _NEWEST
    if text == "champion":
        return "champion"
    if text.isdecimal():
        return int(text)
    what, do = "a version is a number or an alias", "write 3, champion or challenger"
    raise Misuse([Fault("version", what, repr(text), do)])


def _text(
    opened: Open, score: ScoreDefinition, found: RegisteredModel, form: Form
) -> str:
    """Return the card as the definitions word it now, or as they did at training.

    Once other definitions bear on the values, the model is no longer theirs.
    """
    from training.card import HTML, MARKDOWN, card_texts

    file = HTML if form == "html" else MARKDOWN
    subject = _subject(opened, score, found)
    if not _is_of(opened, score, subject):
        return _kept(found, file, score)
    return card_texts(
        score, opened.place, subject.model, subject.found, version=found.number
    )[file]


def _is_of(opened: Open, score: ScoreDefinition, subject: Subject) -> bool:
    """Whether a version was fitted for the definitions as they are now."""
    from features.snapshots.bearing import definition_sha256

    now = definition_sha256(opened.place, score.plan())
    return subject.model.facts.get("definition_sha256") == now


def _kept(found: RegisteredModel, file: str, score: ScoreDefinition) -> str:
    """Return the card that the version's own run left."""
    if not _has(found, file):
        where = f"{score.name}, version {found.number}"
        what = "a card is of the definitions that the version was fitted for"
        got = "other definitions now, and a run that kept no card"
        do = f"put them back, or run: lamppost train {score.name}"
        raise Refusal([Fault(where, what, got, do)])
    return found.text(file)


def _points(found: RegisteredModel, score: ScoreDefinition) -> str:
    if not _has(found, POINTS_FILE):
        where = f"{score.name}, version {found.number}"
        what = "a scorecard is of the family `points`"
        do = f"add it to `families` in scores/{score.name}.toml, and train again"
        raise Refusal([Fault(where, what, "a run that did not fit it", do)])
    return found.text(POINTS_FILE)


def _subject(opened: Open, score: ScoreDefinition, found: RegisteredModel) -> Subject:
    from models.table import from_json
    from training.card_subject import Subject

    return Subject(
        score,
        opened.place,
        from_json(found.model_json),
        json.loads(found.text("evaluation.json")),
        found.number,
    )


def _drawn(found: RegisteredModel) -> Drawn | None:
    from training.same_cases import DRAWS_FILE, read_drawn

    return read_drawn(found.text(DRAWS_FILE)) if _has(found, DRAWS_FILE) else None


def _has(found: RegisteredModel, name: str) -> bool:
    """Whether a version's run was logged with a text of that name."""
    from models.runs import hash_tag

    return hash_tag(name) in found.tags
