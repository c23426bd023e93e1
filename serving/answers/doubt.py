"""Doubt in links, in words: how far a score may move, and why one is withheld."""

from __future__ import annotations

from collections.abc import Set

from models.definitions.bundle import Bundle
from models.definitions.doubt import LinkDoubt, Withheld
from models.definitions.states import State
from serving.schemas.doubt import DoubtAnswer


_NOT_SHOWN = "one that is not shown to you"
_NONE_MAY_BE_USED = (
    "None of the records that it rests on may be used for what you look for, or the "
    "person has objected."
)


def doubt_answer(bundle: Bundle, doubt: LinkDoubt) -> DoubtAnswer:
    """Return a score's range under the draws of uncertain links."""
    low, high = doubt.log_odds
    score_low, score_high = (float(bundle.model.risk(end)) for end in doubt.log_odds)
    return DoubtAnswer(
        draws=doubt.draws,
        score_low=score_low,
        score_high=score_high,
        log_odds_low=low,
        log_odds_high=high,
        bands=doubt.bands,
        unscored=doubt.unscored,
        sentence=_range_sentence(bundle, doubt),
    )


def survival_of(doubt: LinkDoubt | None, indicator: str) -> float | None:
    """Return in which share of draws a reason still is one; None if none were made."""
    return None if doubt is None else doubt.survival.get(indicator, 1.0)


def why_withheld(
    bundle: Bundle,
    state: State,
    withheld: Withheld | None,
    hidden: Set[str] = frozenset(),
) -> str | None:
    """Return why a score is withheld; nothing of the score itself.

    Args:
        bundle: What the score means.
        state: The state that is shown: another may have come before it.
        withheld: What doubt made of the score, or what training never saw; None if
            neither has to do with it.
        hidden: The sources that nothing may be told from.
    """
    if state is State.RESTRICTED and hidden >= bundle.source_by_name.keys():
        return _NONE_MAY_BE_USED
    if withheld is not None and withheld.unseen and state is State.NOT_ENOUGH_DATA:
        entries = [bundle.by_name[name] for name in withheld.unseen]
        told = [_NOT_SHOWN if one.source in hidden else one.label for one in entries]
        unseen = "; ".join(dict.fromkeys(told))
        return f"The model was fitted on nobody with this entry: {unseen}."
    if withheld is None or state is not State.LINK_UNCERTAIN:
        return None
    whose = f"Records that may be another {_possessive(bundle.entity)}"
    if len(withheld.bands) < 2:
        return f"{whose} decide whether there can be a score at all."
    labels = {band.name: band.label for band in bundle.bands}
    low, high = (labels[name] for name in (withheld.bands[0], withheld.bands[-1]))
    return f"{whose} would move this score from the band “{low}” to “{high}”."


def _range_sentence(bundle: Bundle, doubt: LinkDoubt) -> str:
    low, high = (100 * float(bundle.model.risk(end)) for end in doubt.log_odds)
    if low == high and not doubt.unscored:
        return "No link that is uncertain moves this score."
    whose = f"records that may be another {_possessive(bundle.entity)}"
    if f"{low:.0f}" == f"{high:.0f}":
        return f"Whatever becomes of {whose}, the score is about {low:.0f} in 100."
    ends = f"between {low:.0f} and {high:.0f} in 100"
    return f"Depending on {whose}, the score lies {ends}."


def _possessive(noun: str) -> str:
    """Return whose.

    >>> _possessive("person"), _possessive("premises")
    ("person's", "premises'")
    """
    return f"{noun}'" if noun.endswith("s") else f"{noun}'s"
