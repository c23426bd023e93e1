"""Practice: made-up people to learn on where a score and the truth can part.

Nothing is kept but that the page was used: no view and no mark of anybody's.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
from pydantic import Field

from features.definitions.definition import Definition, Text, read_definition
from features.faults import refuse_if_any
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.desk import Desk


CANNOT_TELL = "I cannot tell"
_FILE = Path(__file__).with_name("practice_cases.toml")

Texts = Annotated[list[Text], Field(min_length=1)]


class PracticeRecord(Definition):
    """A line of a made-up chronology; `on` is a day of no year."""

    on: Text
    source: Text
    text: Text


class PracticeReason(Definition):
    """A reason in words; `effect` says which way and how much."""

    sentence: Text
    effect: Text
    source: Text


class PracticeCase(Definition):
    """A made-up person.

    Attributes:
        band: What the score says, or why there is none.
        unknown: What the score does not know.
        sensible: Views of one's own that the lesson gives a reason for.
        lesson: What it teaches, in one line; `learnt` is the whole of it.
    """

    title: Text
    who: Text
    as_of: Text
    chronology: Annotated[list[PracticeRecord], Field(min_length=1)]
    reasons: Annotated[list[PracticeReason], Field(min_length=1)]
    band: Text
    rank: Text
    of_100: Text
    unknown: Texts
    sensible: Texts
    lesson: Text
    learnt: Texts


class PracticeCases(Definition):
    """All of them.

    Attributes:
        bands: What one can say oneself, the highest first.
        base: The figure that stands beside each other figure.
        forbidden: What stands beside every score.
    """

    question: Text
    bands: Texts
    base: Text
    forbidden: Text
    cases: Annotated[list[PracticeCase], Field(min_length=1)]

    @property
    def views(self) -> list[str]:
        """What one can say before the score is shown."""
        return [*self.bands, CANNOT_TELL]


@functools.cache
def practice_file() -> PracticeCases:
    """Return the made-up people, read once a process.

    Raises:
        Refusal: The file is not as it was delivered.
    """
    found, faults = read_definition(_FILE, PracticeCases)
    refuse_if_any(faults)
    if found is None:
        raise AssertionError("a file that cannot be read has faults")
    return found


def practice_cases(desk: Desk, caller: Caller) -> PracticeCases:
    """Return the made-up people.

    Raises:
        Forbidden: The role has nothing to practise.
        LedgerUnavailable: It cannot be written down that the page was used.
    """

    def read(_: sa.Connection, __: Look) -> PracticeCases:
        return practice_file()

    return desk.asked(caller, "practise", read)


def practice_case(desk: Desk, caller: Caller, number: int) -> PracticeCase:
    """Return one of them, by its place in the list from 1.

    Raises:
        Unseen: There is none, or the role has nothing to practise.
        LedgerUnavailable: It cannot be written down that the page was used.
    """

    def read(_: sa.Connection, look: Look) -> PracticeCase:
        cases = practice_file().cases
        if not 1 <= number <= len(cases):
            raise Absent
        look.detail = {"case": number}
        return cases[number - 1]

    return desk.asked(caller, "practise", read)
