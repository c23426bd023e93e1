"""The job behind `lamppost people`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from lamppost.opened import Open


if TYPE_CHECKING:
    from models.ledger.former_names import Followed
    from models.ledger.people import Changed


def people(opened: Open, *, on: dt.date) -> dict[str, Any]:
    """Write who is known, their records, their workers and the place's rules."""
    from serving.batch import Stores
    from serving.people_batch import write_people

    ledger = opened.ledger()
    stores = Stores(opened.warehouse, ledger)
    scores = [score for _, score in sorted(opened.scores.items())]
    try:
        written = write_people(
            stores, opened.place, scores, on=on, clock=lambda: dt.datetime.now(dt.UTC)
        )
    finally:
        ledger.close()
    answer = {
        "people": _told(written.people),
        "records": _told(written.records),
        "whose they are": _told(written.whose),
        "cases": _told(written.cases),
        "withheld": _told(written.withheld),
    }
    answer |= _followed(written.followed)
    barred = [str(fault) for fault in written.barred]
    return answer | ({"cases barred": barred} if barred else {})


def _followed(followed: Followed) -> dict[str, str]:
    """Say what merges moved, and what nobody but a person can place.

    >>> from models.ledger.former_names import Followed
    >>> _followed(Followed(moved=2))
    {'moved after a merge': '2 rows'}
    """
    told = {}
    if followed.moved:
        told["moved after a merge"] = f"{followed.moved:,} rows"
    if followed.left:
        told["about a pseudonym that is no more"] = (
            f"{followed.left:,} rows under {followed.left_names:,}: nobody has all of "
            "its records, so a manager or steward must say whom they are about"
        )
    return told


def _told(changed: Changed) -> str:
    """Say how many there are, and what this run did.

    Of nothing that is personal.
    """
    rows, written, removed = changed.rows, changed.written, changed.removed
    return f"{rows:,} ({written:,} new or changed, {removed:,} removed)"
