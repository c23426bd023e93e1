"""Trees: how the boosted families grow them, as fixed, declared or searched for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from features.definitions.definition import Definition


class Trees(Definition):
    """How the trees of a family are grown.

    Attributes:
        learning_rate: Share of what a tree found that is added to the model.
        leaves: Of one tree, at most.
        ridge: Rows' worth of nothing that every leaf is drawn towards 0 by.
        rounds: How many trees; None stops where linked groups that are held out of the
            fitted rows are no longer told better.
    """

    learning_rate: Annotated[float, Field(gt=0, le=1)]
    leaves: Annotated[int, Field(ge=2, le=64)]
    ridge: Annotated[float, Field(ge=0)]
    rounds: Annotated[int, Field(ge=1, le=2_000)] | None = None

    def in_words(self) -> str:
        """Return the settings in one line.

        >>> Trees(learning_rate=0.2, leaves=4, ridge=10, rounds=63).in_words()
        'learning rate 0.2, 4 leaves, ridge 10, 63 rounds'
        """
        rounds = "stopped early" if self.rounds is None else f"{self.rounds} rounds"
        rate, ridge = f"{self.learning_rate:g}", f"{self.ridge:g}"
        return f"learning rate {rate}, {self.leaves} leaves, ridge {ridge}, {rounds}"


ADDITIVE = Trees(learning_rate=0.2, leaves=4, ridge=10)
BOOSTED = Trees(learning_rate=0.1, leaves=8, ridge=10)


class FamilyTrees(Definition):
    """The trees of a score's families.

    Attributes:
        additive: Also those of `pairs` and `points`.
        boosted: The challenger's.
    """

    additive: Trees = ADDITIVE
    boosted: Trees = BOOSTED


class Search(Definition):
    """That settings are searched for before the fit, and how long.

    Attributes:
        trials: So many settings are tried for the additive family, and as many for the
            challenger. The fixed ones are the first.
    """

    trials: Annotated[int, Field(ge=2, le=200)]
