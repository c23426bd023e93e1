"""The town's links against its truth: right, missed, mixed, and for whom."""

from __future__ import annotations

import csv
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.report import progress
from features.definitions.contracts import Contract
from features.definitions.place import Place
from features.extracts.loading import Delivery, load_extract
from features.linkage.breaches import veto_breaches
from features.linkage.by_group import GroupQuality, judge_groups
from features.linkage.identities import read_identities
from features.linkage.quality import judge_pairs, share
from features.linkage.records import newest
from features.linkage.restricted import RESTRICTED, restricted_links
from features.store.warehouse import Warehouse
from features.town.build import Town, write_town
from features.town.plant import Plant


PERSON = "person"
# The town's last day; ages are told on it.
LAST_YEAR = 2026
AGE_BANDS = ((65, "under 65"), (75, "65 to 74"), (85, "75 to 84"), (200, "85 and over"))
# Of the sources without restrictions, the column with the local number.
LOCAL_NUMBER = {"opt_outs": "person_no"}
# So often groups are dealt out by chance, to see whether any is called worse.
SHUFFLES = 20
SEED = 1
# Names and numbers of this group are flawed so many times as often.
PLANTED = ("ethnicity", "A")
PLANT = Plant("link-bias", 3.0)
Files = dict[str, list[int]]


@dataclass(frozen=True)
class Known:
    """What the truth says of the records in a warehouse.

    A file is what one partner keeps under one local number: the same person is written
    down the same way throughout, so files are what linking has to bring together.

    Attributes:
        records: By file, its records.
        person: By file, the true person; another number for a closed identity.
        partners: By file.
        restricted: The files that are marked.
        entity: By record, what it was linked to.
    """

    records: Files
    person: dict[str, str]
    partners: dict[str, str]
    restricted: set[str]
    entity: dict[int, int]

    def first_entities(self, *, restricted: bool = False) -> dict[int, int]:
        """Return the entity of each file's first record, by that record."""
        return {
            records[0]: self.entity[records[0]]
            for file, records in self.records.items()
            if records[0] in self.entity and (file in self.restricted) == restricted
        }

    def true_persons(self) -> dict[int, str]:
        """Return the person of each unrestricted file, by the file's first record."""
        return {
            records[0]: self.person[file]
            for file, records in self.records.items()
            if file not in self.restricted
        }


def figures_of(known: Known) -> dict[str, float]:
    """Return how good the links of people are."""
    by_record = {r: p for f, p in known.person.items() for r in known.records[f]}
    by_file = judge_pairs(known.first_entities(), known.true_persons())
    mixed, people = _mixed_people(known)
    guarded = {r for file in known.restricted for r in known.records[file]}
    every = judge_pairs(
        known.entity, {r: p for r, p in by_record.items() if r not in guarded}
    )
    mixed_share = share(mixed, people)
    return {
        "town_files": len(known.records),
        "town_records": len(by_record),
        "town_recall": _figure(by_file.recall.value),
        "town_precision": _figure(by_file.precision.value),
        "town_record_recall": _figure(every.recall.value),
        "town_mixed_people": mixed,
        "town_mixed_people_share": _figure(mixed_share.value),
        "town_mixed_people_share_high": _figure(mixed_share.high),
        "restricted_breaches": _restricted_breaches(known),
    }


def breaches_of(warehouse: Warehouse, place: Place) -> int:
    """Return how many entities hold two records that a veto tells apart."""
    manifest, rules = warehouse.manifest(), place.linkage[PERSON]
    version = manifest.links_of(PERSON)
    if version is None:
        raise LookupError("the town's people were never linked")
    contracts = [
        contract
        for contract in place.contracts.values()
        if PERSON in {about.kind for about in contract.about}
    ]
    links = pq.read_table(warehouse.path(version.links))
    guarded = restricted_links(warehouse, manifest, contracts)["record_id"].to_pylist()
    identities = read_identities(
        warehouse, manifest, contracts, rules, left_out=guarded
    )
    return veto_breaches(identities, rules, links)


def load_town(folder: Path, place: Place, people: int) -> Town:
    """Write a town below `folder` and load all of it into `folder`/store."""
    progress(f"a town of {people:,} people of 65 and over")
    town = write_town(folder / "town", people=people, seed=SEED)
    warehouse = Warehouse(folder / "store")
    for extract in town.extracts:
        delivery = Delivery(extract.received, extract.history, extract.period)
        contract = place.contracts[extract.source]
        load_extract(warehouse, contract, extract.path, delivery)
    return town


def known_of(town: Town, warehouse: Warehouse, place: Place) -> Known:
    """Return what the town's truth says of what was linked."""
    manifest = warehouse.manifest()
    version = manifest.links_of(PERSON)
    if version is None:
        raise LookupError("the town's people were never linked")
    links = pq.read_table(warehouse.path(version.links))
    records, partners = _files(warehouse, place)
    guarded = links.filter(pc.equal(links["method"], RESTRICTED))["record_id"]
    marked = set(guarded.to_pylist())
    person = {
        _file(place.contracts[row["source"]], row["local_id"]): row["person"]
        for row in _rows(town.truth / "people.csv")
    }
    return Known(
        records=records,
        person={file: person[file] for file in records},
        partners=partners,
        restricted={f for f, held in records.items() if marked & set(held)},
        entity=dict(
            zip(
                links["record_id"].to_pylist(), links["entity"].to_pylist(), strict=True
            )
        ),
    )


def groups_of(town: Town) -> dict[str, dict[Hashable, str]]:
    """Return each person's groups, as the truth has them."""
    rows = list(_rows(town.truth / "outcomes.csv"))
    groups: dict[str, dict[Hashable, str]] = {
        name: {row["person"]: row[name] for row in rows}
        for name in ("ethnicity", "sex", "deprivation")
    }
    groups["age"] = {row["person"]: _age_band(row["born_on"]) for row in rows}
    # A closed identity is of the group of whoever had it.
    for held in groups.values():
        held.update({f"-{person}": group for person, group in list(held.items())})
    return groups


def group_figures(town: Town, known: Known) -> dict[str, float]:
    """Return whether the planted difference is found, and any that is not there."""
    progress("links by group")
    entities, truth = known.first_entities(), known.true_persons()
    partners = {held[0]: known.partners[f] for f, held in known.records.items()}
    groups = groups_of(town)
    report = judge_groups(entities, truth, groups, partners=partners)
    for row in report:
        progress(f"  {told(row)}")
    planted = [row for row in report if (row.attribute, row.group) == PLANTED]
    return {
        "town_planted_found": float(any(row.is_worse for row in planted)),
        "town_wolf_share": _wolves(entities, truth, groups) / SHUFFLES,
    }


def _wolves(
    entities: dict[int, int],
    truth: dict[int, str],
    groups: dict[str, dict[Hashable, str]],
) -> int:
    """Deal groups out by chance, and return how often any is called worse."""
    people = sorted(set(truth.values()))
    rng = np.random.default_rng(SEED)
    wolves = 0
    for _ in range(SHUFFLES):
        dealt = list(zip(people, rng.permutation(people).tolist(), strict=True))
        mixed: dict[str, dict[Hashable, str]] = {
            name: {person: held[other] for person, other in dealt if other in held}
            for name, held in groups.items()
        }
        found = judge_groups(entities, truth, mixed, draws=0)
        wolves += any(row.is_worse for row in found)
    return wolves


def told(row: GroupQuality) -> str:
    """Return a group's quality as one line."""
    missed, wrong = row.missed, row.wrong
    return (
        f"{row.attribute} {row.group}: {row.people} people, "
        f"missed {missed.people.value or 0:.3f} ({missed.verdict}), "
        f"wrong {wrong.people.value or 0:.4f} ({wrong.verdict})"
    )


def _files(warehouse: Warehouse, place: Place) -> tuple[Files, dict[str, str]]:
    """Return, by file, its records and its partner."""
    manifest = warehouse.manifest()
    records: Files = {}
    partners: dict[str, str] = {}
    for contract in place.contracts.values():
        loads = manifest.loads_of(contract.name)
        column = local_number(contract)
        if not loads or column is None:
            continue
        read = ["record_id", "load", column]
        paths = [warehouse.path(load.identity) for load in loads]
        rows = newest(pa.concat_tables(pq.read_table(p, columns=read) for p in paths))
        pairs = zip(
            rows["record_id"].to_pylist(), rows[column].to_pylist(), strict=True
        )
        for record, number in pairs:
            file = _file(contract, number)
            records.setdefault(file, []).append(record)
            partners[file] = contract.partner
    return records, partners


def local_number(contract: Contract) -> str | None:
    """Return the column with the partner's own number for a person, if there is one."""
    if contract.restriction:
        return contract.restriction.linked_by
    return LOCAL_NUMBER.get(contract.name)


def _file(contract: Contract, number: str) -> str:
    return f"{contract.partner} {number}"


def _mixed_people(known: Known) -> tuple[int, int]:
    """Return how many people share an entity with somebody else, and of how many."""
    held: dict[int, set[str]] = {}
    for file, records in known.records.items():
        for record in records:
            if record in known.entity:
                held.setdefault(known.entity[record], set()).add(known.person[file])
    mixed = {p for persons in held.values() if len(persons) > 1 for p in persons}
    return len(mixed), len({p for persons in held.values() for p in persons})


def _restricted_breaches(known: Known) -> int:
    """Return how many entities hold a restricted file beside another file."""
    files: dict[int, set[str]] = {}
    for file, records in known.records.items():
        for record in records:
            if record in known.entity:
                files.setdefault(known.entity[record], set()).add(file)
    return sum(
        bool(held & known.restricted) and len(held) > 1 for held in files.values()
    )


def _age_band(born_on: str) -> str:
    age = LAST_YEAR - int(born_on[:4])
    return next(name for limit, name in AGE_BANDS if age < limit)


def _rows(path: Path) -> list[Mapping[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _figure(value: float | None) -> float:
    return float("nan") if value is None else round(value, 6)
