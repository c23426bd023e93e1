"""The published figures that the town is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Figure:
    """A published figure, and how near the town must come.

    Attributes:
        name: As in the benchmark's report.
        target: As published.
        tolerance: The town's may lie so far to either side.
        meaning: What is divided by what, in words.
        source: Who published it.
    """

    name: str
    target: float
    tolerance: float
    meaning: str
    source: str

    @property
    def low(self) -> float:
        """The least that the town may have."""
        return self.target - self.tolerance

    @property
    def high(self) -> float:
        """The most that the town may have."""
        return self.target + self.tolerance

    def holds(self, got: float) -> bool:
        """Whether the town comes near enough.

        >>> Figure("deaths", 0.043, 0.002, "deaths a person-year", "ONS").holds(0.044)
        True
        """
        return self.low <= got <= self.high


Row = tuple[str, float, float, str]


def _from(source: str, *rows: Row) -> tuple[Figure, ...]:
    return tuple(Figure(*row, source) for row in rows)


# fmt: off
FIGURES: Final = (
    *_from(
        "ONS, Profile of the older population, Census 2021",
        ("old_share_of_area", 0.186, 0.015,
         "people of 65+ among a small area's residents, taken to be 1,500"),
        ("alone_women", 0.363, 0.025, "women of 65+ at home who live alone"),
        ("alone_men", 0.227, 0.025, "men of 65+ at home who live alone"),
        ("white", 0.936, 0.010, "people of 65+ who are White"),
        ("communal", 0.027, 0.004,
         "people of 65+ in communal establishments (here: care homes)"),
        ("carers", 0.105, 0.012,
         "people of 65+ who care for somebody unpaid (just over 1 in 10)"),
    ),
    *_from(
        "Nuffield Trust: 1,427,375 in 2023-24, for about 10.5 million people",
        ("requests", 0.136, 0.008, "requests for support a person-year of 65+"),
    ),
    *_from(
        "King's Fund, Social care 360 (all ages)",
        ("requests_each", 1.5, 0.12, "requests a year of each person who asks in it"),
        ("requests_from_hospital", 0.20, 0.02, "requests from a hospital discharge"),
    ),
    *_from(
        "HSCIC, 2014-15 (all ages)",
        ("followed_signposted", 0.31, 0.02, "requests answered with a pointer"),
        ("followed_nothing", 0.28, 0.02, "requests that nothing follows"),
        ("followed_low_level", 0.16, 0.015, "requests answered with low-level support"),
        ("followed_reablement", 0.12, 0.010, "requests answered with reablement"),
        ("followed_long_term", 0.08, 0.010,
         "requests answered with long-term support"),
        ("reablement_to_long_term", 0.26, 0.03,
         "reablement followed by the council's long-term support within 90 days"),
    ),
    *_from(
        "calculation from the rows above",
        ("packages", 0.015, 0.0015,
         "new long-term support that the council pays, a person-year of 65+"),
    ),
    *_from(
        "ASC-FR 2023-24: 559,220 people",
        ("supported_in_year", 0.05, 0.005,
         "people of 65+ in the council's long-term support at some time of a year"),
    ),
    *_from(
        "Nuffield Trust, 2019-20: 584 per 100,000",
        ("care_home_admissions", 0.00584, 0.0008,
         "council-supported admissions to care homes a person-year of 65+"),
    ),
    *_from(
        "ONS, older people's homes, 2022-23",
        ("self_funded_residents", 0.489, 0.03, "care-home residents who pay"),
    ),
    *_from(
        "ONS, homes of all kinds, 2019-20",
        ("self_funded_most_deprived", 0.216, 0.05,
         "care-home residents who pay, most deprived fifth of areas"),
        ("self_funded_least_deprived", 0.538, 0.05,
         "care-home residents who pay, least deprived fifth of areas"),
    ),
    *_from(
        "Nuffield Trust (women and men: 2020-21)",
        ("home_after_91_days", 0.82, 0.025,
         "people reabled from hospital who are at home 91 days after discharge"),
        ("home_after_91_days_women", 0.81, 0.035, "the same of women"),
        ("home_after_91_days_men", 0.77, 0.035, "the same of men"),
    ),
    *_from(
        "Clegg 2016, Age and Ageing",
        ("death_ratio_mild", 1.92, 0.25,
         "one-year hazard of death at home, mild frailty against none"),
        ("death_ratio_moderate", 3.10, 0.4, "the same, moderate frailty"),
        ("death_ratio_severe", 4.52, 0.6, "the same, severe frailty"),
        ("hospital_ratio_mild", 1.93, 0.25,
         "one-year hazard of an emergency stay, mild frailty against none"),
        ("hospital_ratio_moderate", 3.04, 0.4, "the same, moderate frailty"),
        ("hospital_ratio_severe", 4.73, 0.6, "the same, severe frailty"),
    ),
    *_from(
        "BMJ Quality & Safety",
        ("residential_admissions", 1.04, 0.08,
         "emergency admissions a person-year in residential homes"),
        ("nursing_admissions", 0.87, 0.08,
         "emergency admissions a person-year in nursing homes"),
        ("residential_attendances", 1.44, 0.10,
         "A&E visits a person-year in residential homes"),
        ("nursing_attendances", 1.10, 0.10,
         "A&E visits a person-year in nursing homes"),
    ),
    *_from(
        "ONS, 581,363 deaths in England and Wales, 2023; calculation",
        ("deaths", 0.043, 0.002, "deaths a person-year of 65+"),
    ),
    *_from(
        "NHS Digital via GPonline",
        ("missed_same_day", 0.019, 0.002, "GP appointments missed, same day"),
        ("missed_next_day", 0.05, 0.005, "GP appointments missed, next day"),
        ("missed_2_to_7_days", 0.068, 0.005, "GP appointments missed, 2 to 7 days"),
        ("missed_beyond", 0.0855, 0.0045,
         "GP appointments missed, further ahead (8.2 to 8.9 %)"),
    ),
)
# fmt: on
