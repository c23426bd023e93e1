"""What a snapshot uses, whether it may, and what makes it another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from features.definitions.contracts import Contract
from features.definitions.outcomes import Calendar, Cohort
from features.faults import Refusal
from features.snapshots.bearing import definition_sha256
from features.snapshots.snapshot import build_snapshot
from tests.features.small_place import (
    SCOPES,
    Row,
    Store,
    contract,
    day,
    family,
    place,
    plan,
)


GOVERNANCE: dict[str, Any] = {
    "controller": "Council",
    "lawful_basis": "6(1)(e)",
    "confidentiality": {"basis": "not owed"},
    "permitted_purposes": ["planning"],
    "agreement": {"reference": "A1", "expires": day("2025-12-31")},
    "impact_assessment": {"reference": "D1", "review": day("2027-01-01")},
    "retention_days": 3_650,
    "privacy_notice": "https://example.org",
}
VISITS = contract("visits")
DATES = [day("2024-02-01"), day("2024-03-01")]
ON = day("2025-06-01")


def visits(people: int = 30) -> list[Row]:
    return [
        {"record": 100 + n, "person": n + 1, "on": "2024-01-05"} for n in range(people)
    ]


def governed(name: str, **changes: Any) -> Contract:
    governance = {**GOVERNANCE, **changes}
    return contract(name, open_data=None, governance=governance)


def refused(
    folder: Path,
    contracts: list[Contract],
    *,
    on: str = "2025-06-01",
    wanted: dict[str, Any] | None = None,
    **more: Any,
) -> str:
    """Return why a build was refused, in words."""
    small = place(contracts, [family("count")], **more)
    store = Store(folder).load(contracts[0], visits())
    named = plan(list(small.indicators.values()), **(wanted or {}))
    with pytest.raises(Refusal) as refusal:
        build_snapshot(store.warehouse, small, named, DATES, on=day(on))
    assert store.warehouse.manifest().snapshots == []
    return str(refusal.value)


def test_a_source_is_used_only_for_its_permitted_purposes(tmp_path: Path) -> None:
    said = refused(tmp_path, [governed("visits")], wanted={"purpose": "care"})

    assert "the source may be used only for: planning, got the purpose care" in said


def test_a_source_is_used_only_while_its_agreement_lasts(tmp_path: Path) -> None:
    said = refused(tmp_path, [governed("visits")], on="2026-01-01")

    assert "the sharing agreement must still run, got it ended on 2025-12-31" in said


def test_the_last_day_of_an_agreement_still_counts(tmp_path: Path) -> None:
    visits_ = governed("visits")
    small = place([visits_], [family("count")])
    store = Store(tmp_path).load(visits_, visits())
    named = plan(list(small.indicators.values()))

    entry = build_snapshot(store.warehouse, small, named, DATES, on=day("2025-12-31"))

    assert entry.rows == 60


def test_the_source_of_a_linked_group_is_used_too(tmp_path: Path) -> None:
    homes = governed("homes", permitted_purposes=["care"])
    relation = {"name": "home", "of": "person", "to": "household", "source": "homes"}

    said = refused(
        tmp_path,
        [VISITS, homes],
        wanted={"linked_group": "home"},
        relations=[relation],
    )

    assert "sources/homes.toml: governance.permitted_purposes" in said


def test_an_expired_agreement_keeps_no_objection_from_being_honoured(
    tmp_path: Path,
) -> None:
    marked = {"column": "scope", "scopes": SCOPES}
    agreement = {"reference": "A2", "expires": day("2020-01-01")}
    register = governed("objections", agreement=agreement)
    register = register.model_copy(
        update={"objections": contract(objections=marked).objections}
    )
    small = place([VISITS, register], [family("count")])
    store = Store(tmp_path).load(VISITS, visits(people=2))
    store.load(register, [{"record": 1, "person": 1, "on": "2024-01-01", "scope": "O"}])
    named = plan(list(small.indicators.values()))

    entry = build_snapshot(store.warehouse, small, named, DATES, on=ON)

    states = pq.read_table(store.warehouse.path(entry.table))["state"].to_pylist()
    assert states == ["objected", None, "objected", None]


def test_a_cohort_with_nobody_in_it_is_refused(tmp_path: Path) -> None:
    monthly = Calendar(first=day("2024-01-01"), every_months=1)
    nobody = Cohort(
        entity="person", source="visits", filter="kind = 'b'", calendar=monthly
    )

    said = refused(tmp_path, [VISITS], wanted={"cohort": nobody})

    assert "the cohort must have somebody in it" in said
    assert "no row from 2024-02-01 to 2024-03-01" in said


def test_a_build_without_dates_is_refused(tmp_path: Path) -> None:
    small = place([VISITS], [family("count")])
    named = plan(list(small.indicators.values()))
    store = Store(tmp_path).load(VISITS, visits())

    with pytest.raises(Refusal, match="no as-of date"):
        build_snapshot(store.warehouse, small, named, [], on=ON)


def test_words_do_not_change_what_a_snapshot_is() -> None:
    families = [family("count"), family("latest", column="kind")]
    small = place([VISITS], families)
    wanted = plan(list(small.indicators.values()))
    reworded = place(
        [VISITS.model_copy(update={"title": "Other"})],
        [f.model_copy(update={"wording": "other"}) for f in families],
    )
    narrower = place(
        [VISITS],
        [f.model_copy(update={"filter": "kind = 'a'"}) for f in families],
    )

    assert definition_sha256(reworded, wanted) == definition_sha256(small, wanted)
    assert definition_sha256(narrower, wanted) != definition_sha256(small, wanted)
