"""Made-up events for timing: a warehouse of one source, and the same for a peer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa

from features.definitions.contracts import Contract
from features.definitions.indicators import IndicatorFamily
from features.definitions.outcomes import Calendar, Cohort
from features.definitions.place import Place, PlaceFile
from features.store.warehouse import LinkVersion, Load, Warehouse


KINDS = ("visit", "rent", "call", "fall", "stay")
WINDOWS_DAYS = (30, 90, 365, 730)
AS_OF = tuple(
    dt.date(y, m, 1) for y, m in ((2022, 6), (2022, 12), (2023, 6), (2023, 12))
)
EVENTS_A_PERSON = 20
_FIRST_DAY = np.datetime64("2020-01-01")
_SPAN_DAYS = 1_461
LAG_DAYS = 60
_GREATEST_AMOUNT = 100_000
_RECEIVED = dt.date(2024, 12, 31)

_CONTRACT = {
    "name": "events",
    "partner": "council",
    "title": "Made-up events",
    "open_data": {"licence": "none", "attribution": "nobody"},
    "file": {"delivery": "delta"},
    "dates": {"event": "happened_on"},
    "freshness": {"cadence_days": 30, "greatest_age_days": 60},
    "coverage": {"since": dt.date(2019, 1, 1)},
    "key": ["event_no"],
    "about": [{"kind": "person", "identifiers": {"number": "person_no"}}],
    "columns": [
        {"name": "event_no", "type": "text", "meaning": "key"},
        {
            "name": "person_no",
            "type": "text",
            "meaning": "whom it is about",
            "sensitivity": "identifier",
        },
        {
            "name": "happened_on",
            "type": "date",
            "meaning": "when",
            "formats": ["%Y-%m-%d"],
            "required": True,
        },
        {
            "name": "kind",
            "type": "code",
            "meaning": "what",
            "values": {kind: kind for kind in KINDS},
        },
        {"name": "amount", "type": "decimal", "scale": 2, "meaning": "how much"},
    ],
}
COHORT = Cohort(
    entity="person", source="events", calendar=Calendar(first=AS_OF[0], every_months=6)
)
_PLACE = {
    "name": "timing",
    "title": "Timing",
    "purposes": [{"name": "planning", "meaning": "planning"}],
    "partners": [{"id": "council", "name": "Council"}],
    "entities": [{"kind": "person", "label": "person", "plural": "people"}],
}


def write_events(
    folder: Path, events: int, *, lag_days: int = LAG_DAYS, seed: int = 1
) -> Warehouse:
    """Write a warehouse of random events in random order, 20 a person.

    Args:
        folder: The store.
        events: How many.
        lag_days: Known up to this many days after they happened; 0 makes the two
            clocks one.
        seed: The same seed gives the same events.
    """
    rng = np.random.default_rng(seed)
    numbers = np.arange(1, events + 1)
    person = np.repeat(np.arange(events // EVENTS_A_PERSON), EVENTS_A_PERSON)
    rng.shuffle(person)
    happened = _FIRST_DAY + rng.integers(0, _SPAN_DAYS, events)
    amounts = pa.array(rng.integers(0, _GREATEST_AMOUNT, events))
    records = pa.table(
        {
            "record_id": numbers,
            "load": np.ones(events, np.int32),
            "line": numbers.astype(np.int32),
            "event_date": happened,
            "known_date": happened + rng.integers(0, lag_days + 1, events),
            "withdrawn": np.zeros(events, np.bool_),
            "event_no": pa.nulls(events, pa.string()),
            "happened_on": happened,
            "kind": np.array(KINDS)[rng.integers(0, len(KINDS), events)],
            "amount": _as_decimal(amounts),
        }
    )
    first = np.full(events // EVENTS_A_PERSON, events + 1)
    np.minimum.at(first, person, numbers)
    entity = first[person]
    links = pa.table(
        {
            "record_id": numbers,
            "entity": entity,
            "entity_id": pa.array([f"{number:032x}" for number in entity]),
            "method": np.repeat("exact number", events),
            "probability": np.ones(events),
        }
    )
    return _commit(Warehouse(folder), records, links)


def place_of_events() -> Place:
    """Return counts by kind and sums of the amount, over four windows."""
    counts = [
        _family(f"count_{kind}", measure="count", filter=f"kind = '{kind}'")
        for kind in KINDS
    ]
    families = [*counts, _family("sum", measure="sum", column="amount")]
    return Place(
        Path("timing"),
        PlaceFile.model_validate(_PLACE),
        {"events": Contract.model_validate(_CONTRACT)},
        {},
        {i.name: i for family in families for i in family.indicators()},
        "0" * 64,
    )


def _family(name: str, **what: str) -> IndicatorFamily:
    words = dict.fromkeys(("category", "label", "wording", "negated"), "timing")
    content = {"name": name, "source": "events", "unit": "", "expected": "none"}
    windows = {"windows_days": list(WINDOWS_DAYS)}
    return IndicatorFamily.model_validate({**content, **words, **windows, **what})


def _as_decimal(amounts: pa.Array) -> pa.Array:
    """Return whole amounts with two decimals, which the stored type has."""
    return amounts.cast(pa.decimal128(21, 2)).cast(pa.decimal128(18, 2))


def _commit(warehouse: Warehouse, records: pa.Table, links: pa.Table) -> Warehouse:
    with warehouse.writing() as writer:
        name = "records/events/000001.parquet"
        load = Load(
            number=1,
            source="events",
            content_sha256="0" * 64,
            contract_sha256="0" * 64,
            received=_RECEIVED,
            history=True,
            period=None,
            rows=records.num_rows,
            new=records.num_rows,
            changed=0,
            withdrawn=0,
            last_event=None,
            records=writer.stage("warehouse", name, records),
            identity=writer.stage(
                "identity", name, records.select(["record_id", "load"])
            ),
        )
        name = "links/person/000001.parquet"
        version = LinkVersion(
            kind="person",
            number=1,
            loads=1,
            rules_sha256="0" * 64,
            links=writer.stage("warehouse", name, links),
            pairs=writer.stage("identity", name, links.slice(0, 0)),
        )
        update = {"loads": [load], "links": [version]}
        writer.commit(writer.manifest.model_copy(update=update))
    return warehouse
