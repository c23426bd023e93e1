from __future__ import annotations

import dataclasses
import datetime as dt

from tests.serving.made_up_people import people_desk


def test_a_case_ends_with_the_day_where_the_services_are_and_not_by_utc(tmp_path):
    night = dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC)
    desk = dataclasses.replace(people_desk(tmp_path), today=None, clock=lambda: night)

    assert desk.on() == dt.date(2026, 7, 2)
