"""The frozen place: what the service must know of a place, which it never reads."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Final

from pydantic import Field

from features.definitions.definition import Days, Definition, Name, Text


SPECIAL: Final = "special category"


class ShownColumn(Definition):
    """A column of a record as it is shown.

    Attributes:
        unit: Empty where it has none.
        values: The meaning of each code; empty where it is no code.
        is_sensitive: Special category data.
        is_first: It belongs in the one line of the record.
        is_date: Its values are days.
    """

    name: Name
    meaning: Text
    unit: str = ""
    values: dict[str, Text] = Field(default_factory=dict)
    is_sensitive: bool = False
    is_first: bool = False
    is_date: bool = False


class ShownSource(Definition):
    """A source whose records a chronology shows.

    Attributes:
        partner: The partner's id; `partner_name` is in words.
        purposes: What its records may be shown for.
        agreement_expires: From the day after, they may not be shown at all.
        received: The day of the newest load; None if none came.
        flags: What its contract says of all its records: why a reviewer must look at
            them before the person is given them.
    """

    name: Name
    title: Text
    partner: Name
    partner_name: Text
    purposes: list[Name]
    agreement_expires: dt.date | None
    greatest_age_days: Days
    received: dt.date | None
    columns: list[ShownColumn]
    flags: list[Text] = Field(default_factory=list)

    @property
    def flags_in_a_pack(self) -> tuple[str, ...]:
        """Why a reviewer must see what rests on it before it is sent; empty if not.

        Its flags, and that it holds special category data, if a column does.
        """
        is_special = any(column.is_sensitive for column in self.columns)
        return (*self.flags, SPECIAL) if is_special else tuple(self.flags)

    def may_be_shown(self, purpose: str, on: dt.date) -> bool:
        """Say whether its records may be shown for a purpose on a day."""
        ends = self.agreement_expires
        return purpose in self.purposes and (ends is None or on <= ends)


class ServiceRules(Definition):
    """What a place decides about its service (`[service]` in `place.toml`).

    Attributes:
        care_purpose: What a worker's own open case is looked at for; None takes the
            first purpose that is individual care, else the first there is.
        views_per_hour: Whoever looks at more people within an hour is stopped.
        worklist_days: How long a worklist lasts.
        view_first: Ask for a worker's own view before the score is shown.
        notice: A sentence on every page, such as that all of it is simulated.
        stewards: The role that answers for records, as pages name it.
    """

    care_purpose: Name | None = None
    views_per_hour: Annotated[int, Field(ge=1)] = 60
    worklist_days: Annotated[int, Field(ge=1, le=366)] = 28
    view_first: bool = False
    notice: Text | None = None
    stewards: Text = "the data steward"


class FrozenPlace(Definition):
    """A place as the service knows it.

    Attributes:
        purposes: The meaning of each purpose.
        rules: With `care_purpose` decided.
        suppression_threshold: Counts from 1 to this are never shown to a board.
        identifiers: Public numbers that somebody can be found by, with their labels:
            attributes of an identity whose writing a check digit vouches for.
    """

    name: Name
    title: Text
    purposes: dict[Name, Text]
    rules: ServiceRules
    sources: list[ShownSource]
    suppression_threshold: Annotated[int, Field(ge=7)] = 7
    identifiers: dict[Name, Text] = Field(default_factory=dict)

    @cached_property
    def content(self) -> str:
        """The place as the ledger keeps it: one text for one meaning."""
        fields = self.model_dump(mode="json")
        return json.dumps(fields, sort_keys=True, ensure_ascii=False)

    @cached_property
    def sha256(self) -> str:
        """The hash of `content`."""
        return sha256(self.content.encode()).hexdigest()

    @cached_property
    def source_by_name(self) -> Mapping[str, ShownSource]:
        """The sources by their names."""
        return {source.name: source for source in self.sources}

    @property
    def care_purpose(self) -> str:
        """What a worker's own open case is looked at for."""
        return self.rules.care_purpose or next(iter(self.purposes))
