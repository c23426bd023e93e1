"""The frozen bundle: all that a promoted score means, in one text with its hash.

Editing a place's files never changes what a promoted score means, because the service
reads this instead. It imports no more than pydantic and numpy.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from features.definitions.definition import Days, Definition, Name, Text
from models.definitions.doubt import DoubtRules
from models.tables.table import TableModel, from_json


Share = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ValueType = Literal["number", "yes or no", "category"]


class FrozenApproval(Definition):
    """A role that agreed to the score, until a day."""

    role: Text
    approved_on: dt.date
    expires: dt.date


class FrozenBand(Definition):
    """A band of ranks; `from_rank` is the share of the cohort ranked below it."""

    name: Name
    label: Text
    from_rank: Share


class Rate(Definition):
    """A measured share with its interval."""

    share: Share
    low: Share
    high: Share


class RateAt(Rate):
    """What was observed among those whose probability was at least this.

    Attributes:
        from_probability: The bin ends where the next one starts.
    """

    from_probability: Share


class FrozenSource(Definition):
    """What a source promised, and whom to name for it.

    Attributes:
        partner: The partner's name in words.
        greatest_age_days: Older than this, no score rests on it.
    """

    name: Name
    title: Text
    partner: Text
    cadence_days: Days
    greatest_age_days: Days


class FrozenIndicator(Definition):
    """One indicator as it was worded when the score was promoted.

    Attributes:
        categories: For a category: each code and its meaning.
        window_days: None means all that the source covers.
        relation: What the indicator is about, if not the scored entity itself.
    """

    name: Name
    label: Text
    unit: str
    category: Text
    value_type: ValueType
    categories: dict[str, Text]
    expected: Literal["up", "down", "none"]
    source: Name
    measure: Text
    window_days: Days | None
    relation: Text | None
    wording: Text
    negated: Text
    available_when_deciding: bool


class Bundle(Definition):
    """A promoted score, whole.

    Attributes:
        version: The registry's number of the model.
        model_json: The model's file, to the letter; it carries `model_sha256`.
        caveat: The sentence that stands beside every score; None where none is needed.
        about: Whom the score is about, in plain words; None where nobody wrote them.
        cohort: The same to the letter: the source, and the conditions on it.
        base_rate: Of the outcome in the cohort that the model was judged on.
        observed: How often the outcome came, by probability, lowest first; may be
            empty where nobody has measured it.
        indicators: Those the model uses, in the order shown; each is worded.
        sources: Those the indicators rest on.
        doubt: How doubt in links is carried through.
        capacity: How many can be visited after each as-of date; None where it was
            declared as a share, or never.
        capacity_share: The share of those scored that can be visited.
    """

    score: Name
    version: Annotated[int, Field(ge=1)]
    question: Text
    purpose: Name
    forbidden_uses: list[Text]
    limits: list[Text]
    caveat: Text | None = None
    about: Text | None = None
    contact_role: Text
    approvals: Annotated[list[FrozenApproval], Field(min_length=1)]
    bands: Annotated[list[FrozenBand], Field(min_length=1)]
    place: Name
    place_sha256: Sha256
    cohort: Text
    entity: Name
    outcome: Text
    horizon_days: Days
    base_rate: Rate
    observed: list[RateAt]
    family: Name
    model_json: Text
    model_sha256: Sha256
    indicators: Annotated[list[FrozenIndicator], Field(min_length=1)]
    sources: Annotated[list[FrozenSource], Field(min_length=1)]
    doubt: DoubtRules = DoubtRules()
    capacity: Annotated[int, Field(ge=1)] | None = None
    capacity_share: Annotated[float, Field(gt=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        faults = list(_faults_of(self))
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @classmethod
    def as_stored(cls, content: str) -> Self:
        """Return a bundle whose text, and so its hash, stays as it was stored.

        A later program may say more of a bundle than the one that froze it.
        """
        bundle = cls.model_validate_json(content)
        bundle.__dict__["content"] = content
        return bundle

    @cached_property
    def content(self) -> str:
        """The bundle as the ledger keeps it: one text for one meaning."""
        fields = self.model_dump(mode="json")
        return json.dumps(
            fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")
        )

    @cached_property
    def sha256(self) -> str:
        """The hash of `content`, by which everything names the bundle."""
        return sha256(self.content.encode()).hexdigest()

    @cached_property
    def model(self) -> TableModel:
        """The model as tables."""
        return from_json(self.model_json.encode(), where=f"bundle of {self.score}")

    @cached_property
    def by_name(self) -> Mapping[str, FrozenIndicator]:
        """The indicators by their names."""
        return {indicator.name: indicator for indicator in self.indicators}

    @cached_property
    def source_by_name(self) -> Mapping[str, FrozenSource]:
        """The sources by their names."""
        return {source.name: source for source in self.sources}

    def is_paused(self, on: dt.date) -> bool:
        """Say whether an approval has ended by that day; its last day still counts."""
        return any(on > approval.expires for approval in self.approvals)

    def stale_sources(
        self, received: Mapping[str, dt.date], on: dt.date
    ) -> frozenset[str]:
        """Return the sources that are older than promised, or never came.

        Args:
            received: The day of each source's newest load.
            on: The day on which the score is read.
        """
        return frozenset(
            source.name
            for source in self.sources
            if source.name not in received
            or (on - received[source.name]).days > source.greatest_age_days
        )

    def band_of(self, rank_share: float) -> FrozenBand:
        """Return the highest band that starts at or below a rank."""
        reached = (band for band in self.bands if band.from_rank <= rank_share)
        return max(reached, key=lambda band: band.from_rank)

    def observed_at(self, probability: float) -> RateAt | None:
        """Return how often it came true among the likes of it; None if unmeasured."""
        reached = (r for r in self.observed if r.from_probability <= probability)
        return max(reached, key=lambda rate: rate.from_probability, default=None)


def _faults_of(bundle: Bundle) -> Iterator[str]:
    if bundle.model.sha256 != bundle.model_sha256:
        yield "the model's text is not the one its hash names"
    if min(band.from_rank for band in bundle.bands) != 0:
        yield "one band must start at from_rank = 0"
    if sorted(bundle.model.names) != sorted(
        indicator.name for indicator in bundle.indicators
    ):
        yield "the indicators described are not those that the model uses"
    named = {indicator.source for indicator in bundle.indicators}
    if named != {source.name for source in bundle.sources}:
        yield "the sources described are not those of the indicators"
