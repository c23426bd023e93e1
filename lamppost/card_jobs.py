"""The jobs behind `card` and `compare`: what the registry keeps, to be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from features.faults import Fault, Misuse, Refusal
from lamppost.answers import Answer
from lamppost.opened import Open
from models.definitions.definition import ScoreDefinition


if TYPE_CHECKING:
    from models.registry.registry import Registry
    from models.registry.runs import RegisteredModel
    from training.cards.subject import Subject
    from training.checks.same_cases import Drawn

Form = Literal["markdown", "html", "points"]
Version = int | Literal["champion", "challenger"]

POINTS_FILE = "points_card.md"
_FILES = {"markdown": "card.md", "html": "card.html", "points": POINTS_FILE}


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
    shelf = _Shelf(opened, opened.score(name), opened.registry())
    found = shelf.version(version)
    text = shelf.scorecard(found) if form == "points" else shelf.card(found, form)
    answer: Answer = {"score": shelf.score.name, "version": found.number}
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
    from training.judging.comparison import Side, compare

    shelf = _Shelf(opened, opened.score(name), opened.registry())
    one, other = (shelf.version(each) for each in versions)
    if one.number == other.number:
        got, do = f"version {one.number} twice", "name another number or alias"
        raise Misuse([Fault("A B", "two different versions are compared", got, do)])
    sides = (Side(shelf.subject(each), _drawn(each)) for each in (one, other))
    return compare(*sides)


def read_version(text: str | None) -> Version:
    """Read a version's number or alias; the newest where none is given.

    >>> read_version("3"), read_version("champion"), read_version(None)
    (3, 'champion', 'challenger')
    """
    if text is None or text == "challenger":
        return "challenger"
    if text == "champion":
        return "champion"
    if text.isdecimal():
        return int(text)
    what, do = "a version is a number or an alias", "write 3, champion or challenger"
    raise Misuse([Fault("version", what, repr(text), do)])


@dataclass(frozen=True)
class _Shelf:
    """The versions of one score."""

    opened: Open
    score: ScoreDefinition
    registry: Registry

    def version(self, wanted: str | None) -> RegisteredModel:
        return self.registry.version(self.score.name, read_version(wanted))

    def subject(self, found: RegisteredModel) -> Subject:
        from models.tables.table import from_json
        from training.cards.subject import Subject

        return Subject(
            self.score,
            self.opened.place,
            from_json(found.model_json),
            json.loads(found.text("evaluation.json")),
            found.number,
        )

    def card(self, found: RegisteredModel, form: Form) -> str:
        """Return the card as the definitions word it now, or as they did at training.

        Once other definitions bear on the values, the model is no longer theirs.
        """
        from training.cards.card import texts_of

        subject = self.subject(found)
        if self._is_of_now(subject):
            subject = replace(subject, opened=self._opened(subject))
            return texts_of(subject)[_FILES[form]]
        what = "a card is of the definitions that the version was fitted for"
        got = "other definitions now, and a run that kept no card"
        do = f"put them back, or run: lamppost train {self.score.name}"
        return self._kept(found, _FILES[form], what, got, do)

    def scorecard(self, found: RegisteredModel) -> str:
        """Return the scorecard on paper, as the version's run left it."""
        what = "a scorecard is of the family `points`"
        do = f"add it to `families` in scores/{self.score.name}.toml, and train again"
        return self._kept(found, POINTS_FILE, what, "a run that did not fit it", do)

    def _kept(
        self, found: RegisteredModel, file: str, what: str, got: str, do: str
    ) -> str:
        if not _has(found, file):
            where = f"{self.score.name}, version {found.number}"
            raise Refusal([Fault(where, what, got, do)])
        return found.text(file)

    def _is_of_now(self, subject: Subject) -> bool:
        """Whether a version was fitted for the definitions as they are now."""
        from features.snapshots.bearing import definition_sha256

        now = definition_sha256(self.opened.place, self.score.plan())
        return subject.model.facts.get("definition_sha256") == now

    def _opened(self, subject: Subject) -> Mapping[str, Any] | None:
        """Return what promotion found on the version's sealed date, if it did."""
        for text in self.registry.results(self.score.name, "sealed_date"):
            found: Mapping[str, Any] = json.loads(text)
            if found["model_sha256"] == subject.model.sha256:
                return found
        return None


def _drawn(found: RegisteredModel) -> Drawn | None:
    from training.checks.same_cases import DRAWS_FILE, read_drawn

    return read_drawn(found.text(DRAWS_FILE)) if _has(found, DRAWS_FILE) else None


def _has(found: RegisteredModel, name: str) -> bool:
    """Whether a version's run was logged with a text of that name."""
    from models.registry.runs import hash_tag

    return hash_tag(name) in found.tags
