"""Doubt in links: what a place says of it, and what it makes of a score."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from features.definitions.definition import Definition


Probability = Annotated[float, Field(ge=0, le=1)]


class DoubtRules(Definition):
    """The section `[doubt]` of a score; it is frozen with it.

    Attributes:
        draws: How many link sets are drawn for each score.
        sure: A merged pair of records is not doubted from this probability on.
        withhold_across_bands: Where the range of a score crosses the edge of a band,
            the state "link uncertain" stands for it.
    """

    draws: Annotated[int, Field(ge=20, le=1_000)] = 20
    sure: Annotated[float, Field(gt=0, le=1)] = 0.999
    withhold_across_bands: bool = False


class Private(Definition):
    """What is read here is about a person: no error may quote it."""

    model_config = ConfigDict(hide_input_in_errors=True)


class LinkDoubt(Private):
    """How far a score would move if the uncertain links fell otherwise.

    Attributes:
        draws: How many link sets were drawn.
        log_odds: The 5th and the 95th percentile of the draws, and the score itself if
            it lies outside of them.
        rank_share: The same of the rank among the others' scores as they are; None
            where there is nobody to compare with.
        bands: The bands of these two ranks, the lower first; one if they are one.
        unscored: Share of draws in which there would be no score at all.
        survival: By indicator: the share of draws in which a top reason is still one,
            in the same direction. A reason that is not named is one in every draw.
    """

    draws: Annotated[int, Field(ge=1)]
    log_odds: tuple[float, float]
    rank_share: tuple[Probability, Probability] | None = None
    bands: list[str] = Field(default_factory=list)
    unscored: Probability = 0.0
    survival: dict[str, Probability] = Field(default_factory=dict)


class Withheld(Private):
    """Why a score is withheld; it says nothing of the score itself.

    Doubt in links withholds one, or values that the model cannot tell of.

    Attributes:
        draws: How many link sets were drawn; 0 where links have nothing to do with it.
        bands: The bands that the range reaches, the lower first.
        unscored: Share of draws in which there would be no score at all.
        lowest_link: The least certain link that the score would have rested on.
        unseen: The indicators that hold a category training never saw.
    """

    draws: Annotated[int, Field(ge=0)] = 0
    bands: list[str] = Field(default_factory=list)
    unscored: Probability = 0.0
    lowest_link: Probability | None = None
    unseen: list[str] = Field(default_factory=list)
