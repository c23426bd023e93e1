"""The job behind `lamppost people`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from lamppost.jobs import Open


if TYPE_CHECKING:
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
    barred = [str(fault) for fault in written.barred]
    return answer | ({"cases barred": barred} if barred else {})


def _told(changed: Changed) -> str:
    """Say how many there are, and what this run did.

    Of nothing that is personal.
    """
    rows, written, removed = changed.rows, changed.written, changed.removed
    return f"{rows:,} ({written:,} new or changed, {removed:,} removed)"
