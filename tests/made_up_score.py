"""A made-up score, its cohort and its ledger, small enough to read at a glance."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.audit.files import AuditFiles
from models.definitions.bundle import (
    Bundle,
    FrozenApproval,
    FrozenBand,
    FrozenIndicator,
    FrozenSource,
    Rate,
    RateAt,
)
from models.definitions.states import State
from models.ledger.batches import Batch, CaseRows, Identity, write_batch
from models.ledger.cases import Evidence, StoredRecord
from models.ledger.ledger import Ledger, open_ledger
from models.ledger.promotions import promote
from models.tables.table import TableModel
from models.tables.terms import Categories, Steps
from serving.scoring import CohortValues, score_cohort


if TYPE_CHECKING:
    from tests.postgres import Databases

SERVER_FILE = "server.txt"
LEDGER_FILE = "ledger.db"

TODAY = dt.date(2026, 11, 2)
NOW = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
AS_OF = dt.date(2026, 11, 1)
RECEIVED = {"visits": dt.date(2026, 10, 30), "homes": dt.date(2026, 10, 1)}


def clock() -> dt.datetime:
    return NOW


MODEL = TableModel(
    family="additive",
    base=-2.0,
    terms=(
        Steps("visits_365d", (0.0, 3.0), (-0.5, 0.1, 0.9), missing=0.05),
        Steps("days_since_last_visit", (30.0,), (0.4, -0.1), missing=0.0),
        Categories("tenure", ("owned", "rented"), (-0.2, 0.3), missing=0.0),
        Steps("fell", (0.0,), (-0.1, 0.7), missing=0.0),
        Steps("visits_at_address", (1.0,), (0.0, 0.2), missing=0.0),
    ),
)


def indicator(name: str, **changes: Any) -> FrozenIndicator:
    """Return an indicator; what is not named is that of a count of visits."""
    plain = {
        "name": name,
        "label": "Visits to the surgery",
        "unit": "visits",
        "category": "Health",
        "value_type": "number",
        "categories": {},
        "expected": "up",
        "source": "visits",
        "measure": "count",
        "window_days": 365,
        "relation": None,
        "wording": "Had {value} in {window}",
        "negated": "Had no visit in {window}",
        "available_when_deciding": True,
    }
    return FrozenIndicator(**{**plain, **changes})


INDICATORS = [
    indicator("visits_365d"),
    indicator(
        "days_since_last_visit",
        label="Time since the last visit",
        unit="days",
        measure="days_since_last",
        window_days=None,
        wording="Last visited {value} ago",
        negated="Visited today",
    ),
    indicator(
        "tenure",
        label="Whether the home is owned",
        unit="",
        value_type="category",
        categories={"owned": "owned", "rented": "rented from someone"},
        source="homes",
        measure="latest",
        window_days=None,
        wording="The home is {value}",
        negated="The home is not known",
    ),
    indicator(
        "fell",
        label="Falls",
        unit="",
        value_type="yes or no",
        measure="exists",
        window_days=90,
        wording="Fell in {window}",
        negated="Did not fall in {window}",
    ),
    indicator(
        "visits_at_address",
        label="Visits by others at the address",
        relation="Household",
        wording="Others at the address had {value} in {window}",
        negated="Nobody else at the address had a visit in {window}",
    ),
]


def bundle(**changes: Any) -> Bundle:
    """Return the made-up score as it was promoted."""
    plain: dict[str, Any] = {
        "score": "care",
        "version": 3,
        "question": "Will they need care within 12 months?",
        "purpose": "prevention",
        "forbidden_uses": ["refuse", "reduce", "ration"],
        "limits": ["It knows nothing of help from friends."],
        "caveat": "predicts council-funded care, not need",
        "about": "people of 65 and over who are registered with the surgery",
        "contact_role": "Head of adult social care",
        "approvals": [
            FrozenApproval(
                role="Caldicott guardian",
                approved_on=dt.date(2026, 1, 1),
                expires=dt.date(2026, 12, 31),
            )
        ],
        "bands": [
            FrozenBand(name="most", label="Highest fifth", from_rank=0.8),
            FrozenBand(name="others", label="All others", from_rank=0.0),
        ],
        "place": "made_up",
        "place_sha256": "a" * 64,
        "cohort": "People in the register",
        "entity": "person",
        "outcome": "New long-term care",
        "horizon_days": 365,
        "base_rate": Rate(share=0.1, low=0.09, high=0.11),
        "observed": [
            RateAt(share=0.08, low=0.07, high=0.1, from_probability=0.0),
            RateAt(share=0.31, low=0.26, high=0.37, from_probability=0.25),
        ],
        "family": "additive",
        "model_json": MODEL.to_json().decode(),
        "model_sha256": MODEL.sha256,
        "indicators": INDICATORS,
        "sources": [
            FrozenSource(
                name="homes",
                title="Homes register",
                partner="Council",
                cadence_days=30,
                greatest_age_days=60,
            ),
            FrozenSource(
                name="visits",
                title="Surgery visits",
                partner="Health centre",
                cadence_days=1,
                greatest_age_days=7,
            ),
        ],
    }
    return Bundle(**{**plain, **changes})


# Each person: visits, days since the last, tenure, fell, visits at the address.
PEOPLE: Mapping[str, tuple[Any, ...]] = {
    "p01": (0.0, np.nan, "owned", 0.0, 0.0),
    "p02": (1.0, 90.0, "owned", 0.0, 0.0),
    "p03": (2.0, 40.0, "rented", 0.0, 5.0),
    "p04": (2.0, 40.0, "rented", 0.0, 5.0),
    "p05": (9.0, 3.0, "rented", 1.0, 2.0),
}
# And those without a score, each for a reason that the snapshot or the model gives.
STATED: Mapping[str, State] = {
    "s01": State.LINK_UNCERTAIN,
    "s02": State.OBJECTED,
    "s03": State.RESTRICTED,
    "s04": State.NOT_IN_THE_COHORT,
    "s05": State.DIED,
    "s06": State.MOVED_AWAY,
}
UNSEEN = ("u01", (1.0, 3.0, "a houseboat", 0.0, 0.0))
EMPTY = ("u02", (np.nan, np.nan, None, np.nan, np.nan))


def cohort(
    people: Mapping[str, Sequence[Any]] | None = None,
    *,
    states: Mapping[str, State] | None = None,
    evidence: Mapping[str, Sequence[Evidence | None]] | None = None,
) -> CohortValues:
    """Return people as the columns of a snapshot of one as-of date."""
    people = PEOPLE if people is None else people
    columns = list(zip(*people.values(), strict=True))
    names = [one.name for one in INDICATORS]
    values = {
        name: np.array(column, dtype=object if name == "tenure" else float)
        for name, column in zip(names, columns, strict=True)
    }
    states = states or {}
    return CohortValues(
        entity_ids=list(people),
        as_of=[AS_OF] * len(people),
        index_records=[None] * len(people),
        states=[states.get(person) for person in people],
        values=values,
        evidence=evidence or {},
    )


RECORDS = [
    StoredRecord(
        record_id=number,
        load=1,
        source="visits",
        event_date=AS_OF - dt.timedelta(days=3 * number),
        known_date=AS_OF - dt.timedelta(days=3 * number - 1),
        content={"kind": "fall" if number == 1 else "visit", "minutes": 10 * number},
    )
    for number in range(1, 10)
]


def whole_cohort() -> CohortValues:
    """Return everyone: those with a score, and one in each state."""
    values = PEOPLE["p02"]
    people = {**PEOPLE, **dict([UNSEEN, EMPTY]), **dict.fromkeys(STATED, values)}
    behind = Evidence(
        records=[(record.record_id, record.load) for record in RECORDS],
        total=9,
        earliest_event=RECORDS[-1].event_date,
        latest_event=RECORDS[0].event_date,
        lowest_link=0.71,
    )
    one = [behind if person == "p05" else None for person in people]
    evidence = {"visits_365d": one, "visits_at_address": one}
    return cohort(people, states=STATED, evidence=evidence)


def batch_of(promoted: Bundle, snapshot: str = "care-1") -> Batch:
    return Batch("care", promoted.sha256, AS_OF, snapshot, RECEIVED)


def cases(promoted: Bundle) -> CaseRows:
    """Return what a batch of everyone writes."""
    rows = score_cohort(promoted, whole_cohort(), on=TODAY)
    shown = {"name": "Ada Quill"}
    return CaseRows(rows, RECORDS, [Identity("p05", "person", shown)])


_opened: list[Ledger] = []
_files: dict[str, bytes] = {}


def _nothing(_: Ledger) -> None:
    """Write nothing into a ledger: only its tables are there."""


def new_ledger(
    folder: Path, filled: str = "", fill: Callable[[Ledger], None] = _nothing
) -> Ledger:
    """Open a folder's ledger; `close_ledgers` closes it.

    What it holds is written once, and copied from then on: its tables alone take as
    long to make as many a test.

    Args:
        folder: Where it is, or is named.
        filled: What `fill` writes, by a name that nothing else has.
        fill: Writes what it holds, also into one that is there already.
    """
    file, databases = folder / LEDGER_FILE, _databases_of(folder)
    is_there = databases.has(str(folder)) if databases else file.exists()
    if databases and not is_there:
        databases.of(str(folder), databases.filled(filled, fill))
    elif not is_there:
        if filled not in _files:
            _files[filled] = _file_with(fill)
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_files[filled])
    _opened.append(open_ledger(url_of(folder)))
    if is_there:
        fill(_opened[-1])
    return _opened[-1]


def _file_with(fill: Callable[[Ledger], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / LEDGER_FILE
        with closing(open_ledger(f"sqlite:///{file}")) as ledger:
            fill(ledger)
        return file.read_bytes()


def close_ledgers() -> None:
    """Close all that tests have opened and left: a server's connections must be."""
    while _opened:
        _opened.pop().close()


def url_of(folder: Path) -> str:
    """Return where a folder's ledger is: in it, or on the server named above it."""
    if databases := _databases_of(folder):
        return databases.of(str(folder))
    return f"sqlite:///{folder / LEDGER_FILE}"


def _databases_of(folder: Path) -> Databases | None:
    for above in (folder, *folder.parents):
        if (named := above / SERVER_FILE).is_file():
            from tests.postgres import Databases

            return Databases(*named.read_text().splitlines())
    return None


def audit_files(folder: Path) -> AuditFiles:
    return AuditFiles(folder / "keys" / "audit.key", folder / "anchors")


def keep_ledgers_on(databases: Databases, folder: Path) -> None:
    """Let the ledgers of all folders below one be on a server; other processes too."""
    (folder / SERVER_FILE).write_text(f"{databases.url}\n{databases.prefix}\n")


def filled_ledger(folder: Path, promoted: Bundle | None = None) -> Ledger:
    """Return a ledger with a promoted score and one finished batch of everyone."""
    promoted = promoted or bundle()

    def fill(ledger: Ledger) -> None:
        promote(ledger, promoted, by="Analyst", at=NOW)
        write_batch(ledger, batch_of(promoted), cases(promoted), clock=clock)

    return new_ledger(folder, f"everyone {promoted.sha256}", fill)
