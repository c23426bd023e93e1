"""Words of the register: what people may ask for, and what they are answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class KindWords(NamedTuple):
    """What pages say of a kind of request.

    Attributes:
        name: What is asked for.
        meaning: The same as a sentence.
        question: What an answer answers; each of `OUTCOMES` fits it.
    """

    name: str
    meaning: str
    question: str


KINDS: Mapping[str, KindWords] = {
    "access": KindWords(
        "A copy of what we hold",
        "They want to see what is held about them.",
        "Do they get the copy?",
    ),
    "rectification": KindWords(
        "To put something right",
        "Something held about them is wrong.",
        "Is it put right?",
    ),
    "objection": KindWords(
        "To stop",
        "They do not want us to use their records in this way.",
        "Do we stop?",
    ),
    "restriction": KindWords(
        "To pause", "Their records are kept, but not used for now.", "Do we pause?"
    ),
    "complaint": KindWords(
        "To complain",
        "They are not happy with what we did.",
        "Do we agree with the complaint?",
    ),
}
OUTCOMES: Mapping[str, str] = {
    "granted": "Yes, all of it",
    "granted in part": "Yes, in part",
    "refused": "No",
    "withdrawn": "They took it back",
}
