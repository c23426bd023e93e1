import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.definitions.date_formats import ambiguous, pattern_of


@pytest.mark.parametrize(
    ("format_", "text", "matches"),
    [
        ("%Y-%m-%d", "2024-01-02", True),
        ("%Y-%m-%d", "24-01-02", False),
        ("%Y-%m-%d", "2024-1-2", False),
        ("%Y-%m-%d", "2024-13-02", False),
        ("%Y-%m-%d", "2024-01-02T00:00", False),
        ("%-d/%-m/%Y", "2/1/2024", True),
        ("%-d/%-m/%Y", "02/01/2024", False),
        ("%d-%b-%Y", "02-JAN-2024", True),
        ("%d.%m.%Y", "02x01x2024", False),
        ("%Y-%m-%d %H:%M:%S.%f", "2024-01-02 23:59:59.999", True),
        ("%Y-%m-%d %H:%M:%S", "2024-01-02 24:00:00", False),
    ],
)
def test_a_format_matches_only_what_it_says(
    format_: str, text: str, matches: bool
) -> None:
    assert bool(re.fullmatch(pattern_of(format_), text)) == matches


@given(st.dates(min_value=dt.date(1000, 1, 1)))
def test_every_date_matches_the_format_it_is_written_in(day: dt.date) -> None:
    formats = ["%Y-%m-%d", "%d/%m/%Y", "%-d %B %Y", "%d-%b-%Y", "%%%Y%m%d"]

    assert all(re.fullmatch(pattern_of(f), day.strftime(f)) for f in formats)


def test_formats_that_agree_on_every_text_may_stand_side_by_side() -> None:
    assert not list(ambiguous(["%d/%m/%Y", "%-d/%-m/%Y", "%Y-%m-%d", "%d %b %Y"]))
