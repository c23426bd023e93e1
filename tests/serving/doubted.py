"""A doubted cohort: a service whose newest batch drew link sets, all Ann's cases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.definitions.bundle import Bundle
from models.definitions.doubt import DoubtRules
from models.ledger.batches import CaseRows, write_batch
from models.ledger.frozen_places import keep_place
from models.ledger.ledger import Ledger
from models.ledger.promotions import promote
from serving.doubt import DrawnCohort
from serving.scoring import score_cohort
from tests.made_up_score import (
    INDICATORS,
    NOW,
    RECORDS,
    TODAY,
    batch_of,
    bundle,
    clock,
    new_ledger,
    whole_cohort,
)
from tests.serving.made_up_people import place, write_accounts, write_cases


AS_LINKED, ABSENT = DrawnCohort.as_linked, DrawnCohort.absent
NAMES = [one.name for one in INDICATORS]
WITHHOLDS = bundle(doubt=DoubtRules(withhold_across_bands=True))
P01, P05 = 0, 4


def drawn(
    places: Sequence[int], *people: Any, row: int = P01, stated: Sequence[int] = ()
) -> DrawnCohort:
    """Return draws of one row: each of `places` names one of `people`."""
    columns = list(zip(*people, strict=True)) or [[] for _ in NAMES]
    values = {
        name: np.array(column, dtype=object if name == "tenure" else float)
        for name, column in zip(NAMES, columns, strict=True)
    }
    return DrawnCohort(
        draws=len(places),
        rows=np.array([row]),
        places=np.array([places]),
        values=values,
        stated=np.isin(np.arange(len(people)), stated),
    )


def doubted_ledger(
    folder: Path, draws: DrawnCohort, promoted: Bundle | None = None
) -> Ledger:
    """Return a ledger with one finished batch of everyone, under these draws."""
    promoted = promoted or bundle()
    ledger = new_ledger(folder)
    promote(ledger, promoted, by="Analyst", at=NOW)
    rows = score_cohort(promoted, whole_cohort(), on=TODAY, drawn=draws)
    write_batch(ledger, batch_of(promoted), CaseRows(rows, RECORDS), clock=clock)
    with ledger.writing() as connection:
        keep_place(connection, place(), at=NOW)
        write_accounts(connection)
        write_cases(connection, [(row.entity_id, "W1") for row in rows])
    return ledger
