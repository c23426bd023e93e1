"""The town's files, read back as tests want them."""

from __future__ import annotations

import csv
import datetime as dt
import functools
from collections.abc import Iterator
from pathlib import Path

from features.definitions.contracts import Contract
from features.definitions.definition import read_definition
from features.definitions.place import definition_files
from features.town import Extract, Town


ROOT = Path(__file__).parents[3]
PLACE = ROOT / "places" / "avonmere"
Row = dict[str, str]

# The column with a partner's own number for the person.
LOCAL = {
    "asc_cld": "client_id",
    "carers": "carer_system_no",
    "caseloads": "client_id",
    "gp_events": "gp_person_id",
    "gp_register": "gp_person_id",
    "hospital_events": "hospital_no",
    "housing_events": "tenant_no",
    "opt_outs": "person_no",
    "police_notices": "nominal_no",
}


@functools.cache
def contracts() -> dict[str, Contract]:
    read = [read_definition(p, Contract)[0] for p in definition_files(PLACE, "sources")]
    return {contract.name: contract for contract in read if contract}


def rows_of(path: Path, encoding: str = "utf-8") -> list[Row]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, strict=True))


@functools.lru_cache(maxsize=64)
def rows_in(extract: Extract) -> tuple[Row, ...]:
    """An extract's rows, by the contract's names of the columns."""
    contract = contracts()[extract.source]
    names = {column.header: column.name for column in contract.columns}
    rows = rows_of(extract.path, contract.file.encoding)
    return tuple({names[h]: cell for h, cell in row.items()} for row in rows)


def delivered(town: Town, source: str) -> Iterator[tuple[Extract, tuple[Row, ...]]]:
    for extract in town.extracts:
        if extract.source == source:
            yield extract, rows_in(extract)


def newest(town: Town, source: str) -> dict[str, Row]:
    """The newest version of each record, by key."""
    found = {}
    for _, rows in delivered(town, source):
        found.update({row[contracts()[source].key[0]]: row for row in rows})
    return found


def date_in(row: Row, source: str, column: str) -> dt.date:
    [format_] = contracts()[source].column(column).formats
    return parsed(row[column], format_)


@functools.cache
def parsed(text: str, format_: str) -> dt.date:
    return dt.datetime.strptime(text, format_).replace(tzinfo=dt.UTC).date()


def truth_of(town: Town, name: str) -> list[Row]:
    return rows_of(town.truth / f"{name}.csv")


def person_of(town: Town) -> dict[tuple[str, str], str]:
    """Source and local number -> the true person; a closed identity has a minus."""
    rows = truth_of(town, "people")
    return {(row["source"], row["local_id"]): row["person"] for row in rows}


def entries_of(town: Town, source: str) -> dict[str, Row]:
    """The newest row of each local number."""
    local = LOCAL[source]
    return {row[local]: row for row in newest(town, source).values()}
