"""The part of an answer that tells how far doubt in links moves a score."""

from __future__ import annotations

from serving.schemas.strict import Schema


class DoubtAnswer(Schema):
    """How far the score would move if uncertain links of records fell otherwise.

    Attributes:
        draws: How many sets of links were drawn by their probabilities.
        score_low: The 5th percentile of the draws as a probability, or the score
            itself if that is lower.
        score_high: The 95th percentile, or the score itself if that is higher.
        log_odds_low: The same in log-odds.
        log_odds_high: The same in log-odds.
        bands: The bands that this range reaches, the lower first.
        unscored: Share of the draws in which there would be no score at all.
        sentence: The same for a page.
    """

    draws: int
    score_low: float
    score_high: float
    log_odds_low: float
    log_odds_high: float
    bands: list[str]
    unscored: float
    sentence: str
