"""States: why a score cannot be given, each with its sentence and what to do next."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """A score that cannot be given is one of these: never a guess, never a blank."""

    NOT_ENOUGH_DATA = "not enough data"
    STALE_SOURCE = "stale source"
    LINK_UNCERTAIN = "link uncertain"
    OBJECTED = "objected"
    RESTRICTED = "restricted"
    PAUSED = "paused"
    NOT_IN_THE_COHORT = "not in the cohort"
    DIED = "died"
    MOVED_AWAY = "moved away"

    @property
    def sentence(self) -> str:
        """What it means, for whoever looks."""
        return _WORDS[self][0]

    @property
    def next_step(self) -> str:
        """What to do instead of reading a score."""
        return _WORDS[self][1]


_WORDS: dict[State, tuple[str, str]] = {
    State.NOT_ENOUGH_DATA: (
        "Our records hold too little to say anything.",
        "Go by what you know and see yourself.",
    ),
    State.STALE_SOURCE: (
        "A source that the score rests on is older than its partner promised.",
        "Ask the partner what has changed; the score is back after a new delivery.",
    ),
    State.LINK_UNCERTAIN: (
        "We are not sure that all these records are about the same one.",
        "Ask the data steward to look at the match.",
    ),
    State.OBJECTED: (
        "An objection to this use of the records is in force.",
        "Leave it so; ask the named role what may be done.",
    ),
    State.RESTRICTED: (
        "Use of these records is restricted for now.",
        "Ask the named role before you use any of them.",
    ),
    State.PAUSED: (
        "This score is paused: a role's approval of it has ended.",
        "Work without it; whoever answers for the score must renew the approval.",
    ),
    State.NOT_IN_THE_COHORT: (
        "The score is not made for people or cases like this one.",
        "Nothing: no score is made here, and none is needed.",
    ),
    State.DIED: (
        "Our records say that the person has died.",
        "If that is wrong, tell the data steward at once.",
    ),
    State.MOVED_AWAY: (
        "Our records say that this has moved out of the area.",
        "If that is wrong, tell the data steward.",
    ),
}
