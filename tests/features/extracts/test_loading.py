"""Loading: versions, withdrawals, known dates, and what is refused as a whole."""

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.definitions.contracts import Contract
from features.extracts.loading import Delivery, load_extract
from features.faults import Misuse, Refusal
from features.store.manifest import Load
from features.store.warehouse import Warehouse


HEADER = "id,name,day,told,note\n"
JUNE = dt.date(2024, 6, 1)
JULY = dt.date(2024, 7, 1)
MAY_TO_JUNE = (dt.date(2024, 5, 1), JUNE)

Rows = list[tuple[int, str | None, bool]]


def contract(**changes: Any) -> Contract:
    day = {"type": "date", "formats": ["%Y-%m-%d"], "meaning": "m"}
    text = {"type": "text", "meaning": "m"}
    whole = {
        "name": "visits",
        "partner": "council",
        "title": "Visits",
        "open_data": {"licence": "OGL", "attribution": "Council"},
        "file": {"delivery": "delta"},
        "dates": {"event": "day", "recorded": "told"},
        "freshness": {"cadence_days": 7, "greatest_age_days": 30},
        "coverage": {"since": dt.date(2020, 1, 1)},
        "key": ["id"],
        "about": [{"kind": "person", "identifiers": {"name": "name"}}],
        "columns": [
            {"name": "id", **text},
            {"name": "name", **text, "sensitivity": "identifier"},
            {"name": "day", **day, "required": True},
            {"name": "told", **day},
            {"name": "note", **text},
        ],
        **changes,
    }
    return Contract.model_validate(whole)


FULL = contract(file={"delivery": "full"})
PERIOD = contract(file={"delivery": "period"})


class Store:
    """A warehouse in a folder of its own, with the loads of one source."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = Warehouse(folder / "store")

    def load(
        self,
        *rows: str,
        of: Contract | None = None,
        received: dt.date = JUNE,
        **more: Any,
    ) -> Load:
        path = self.folder / "visits.csv"
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        delivery = Delivery(received, **more)
        return load_extract(self.warehouse, of or contract(), path, delivery)

    def records(self, load: Load) -> pa.Table:
        return pq.read_table(self.warehouse.path(load.records))

    def brought(self, load: Load) -> Rows:
        """Return record_id, note and withdrawn of what a load brought."""
        rows = self.records(load).to_pylist()
        return [(r["record_id"], r["note"], r["withdrawn"]) for r in rows]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_records_are_stored_by_zone_with_their_clocks(store: Store) -> None:
    load = store.load("a,Ann,2024-05-01,2024-05-02,x", "b,Bob,2024-05-03,,y")

    assert store.records(load).drop(["note"]).to_pylist() == [
        {
            "record_id": number,
            "load": 1,
            "line": line,
            "event_date": day,
            "known_date": JUNE,
            "withdrawn": False,
            "id": name,
            "day": day,
            "told": told,
        }
        for number, line, name, day, told in [
            (1, 2, "a", dt.date(2024, 5, 1), dt.date(2024, 5, 2)),
            (2, 3, "b", dt.date(2024, 5, 3), None),
        ]
    ]
    identity = pq.read_table(store.warehouse.path(load.identity))
    assert identity.column_names == ["record_id", "load", "key", "content", "name"]
    assert identity["name"].to_pylist() == ["Ann", "Bob"]
    assert (load.rows, load.new, load.changed, load.withdrawn) == (2, 2, 0, 0)
    assert load.last_event == dt.date(2024, 5, 3)


def test_the_same_content_under_any_name_is_one_load(store: Store) -> None:
    first = store.load("a,Ann,2024-05-01,,x")
    again = store.folder / "other name.csv.gz"
    again.write_bytes(gzip.compress((store.folder / "visits.csv").read_bytes()))

    second = load_extract(store.warehouse, contract(), again, Delivery(JULY))

    assert second == first
    assert store.warehouse.manifest().loads == [first]


def test_a_correction_is_a_new_version_of_the_same_record(store: Store) -> None:
    first = store.load("a,Ann,2024-05-01,,x", "b,Bob,2024-05-03,,y")

    second = store.load("b,Bob,2024-05-03,,z", "c,Cy,2024-05-04,,n", received=JULY)

    assert store.brought(second) == [(2, "z", False), (3, "n", False)]
    assert (second.new, second.changed, second.withdrawn) == (1, 1, 0)
    assert store.brought(first) == [(1, "x", False), (2, "y", False)]


def test_a_row_that_says_nothing_new_is_no_version(store: Store) -> None:
    store.load("a,Ann,2024-05-01,,x")

    second = store.load("a,Ann,2024-05-01,,x", "a,Ann,2024-05-01,,x", received=JULY)

    assert store.brought(second) == []
    assert (second.rows, second.new, second.changed) == (2, 0, 0)


def test_a_whole_delivery_withdraws_what_it_no_longer_holds(store: Store) -> None:
    store.load("a,Ann,2024-05-01,,x", "b,Bob,2024-05-03,,y", of=FULL)

    second = store.load("b,Bob,2024-05-03,,y", of=FULL, received=JULY)

    [gone] = store.records(second).to_pylist()
    assert gone.pop("known_date") == JULY
    assert (gone.pop("record_id"), gone.pop("load"), gone.pop("line")) == (1, 2, 0)
    assert gone.pop("withdrawn")
    assert set(gone.values()) == {None}
    assert second.withdrawn == 1


def test_a_withdrawal_is_told_once_and_undone_by_a_new_version(store: Store) -> None:
    store.load("a,Ann,2024-05-01,,x", "b,Bob,2024-05-03,,y", of=FULL)
    store.load("b,Bob,2024-05-03,,y", of=FULL, received=JULY)

    third = store.load("b,Bob,2024-05-03,,q", of=FULL, received=JULY)
    fourth = store.load(
        "a,Ann,2024-05-01,,x", "b,Bob,2024-05-03,,q", of=FULL, received=JULY
    )

    assert store.brought(third) == [(2, "q", False)]
    assert store.brought(fourth) == [(1, "x", False)]
    assert (fourth.new, fourth.changed) == (0, 1)


def test_a_period_withdraws_only_what_lies_in_it(store: Store) -> None:
    spring = (dt.date(2024, 1, 1), dt.date(2024, 4, 30))
    store.load("a,Ann,2024-04-01,,x", of=PERIOD, period=spring)
    store.load("b,Bob,2024-05-03,,y", of=PERIOD, period=MAY_TO_JUNE)

    third = store.load("c,Cy,2024-05-04,,z", of=PERIOD, period=MAY_TO_JUNE)

    assert store.brought(third) == [(2, None, True), (3, "z", False)]


def test_a_row_outside_the_period_is_refused(store: Store) -> None:
    with pytest.raises(Refusal, match=r"line 2, column 'day'.*\[date\.outside_period"):
        store.load("a,Ann,2024-04-30,,x", of=PERIOD, period=MAY_TO_JUNE)


def test_an_older_delta_is_a_version_known_on_its_own_day(store: Store) -> None:
    store.load("a,Ann,2024-05-01,,x", received=JULY)

    older = store.load("a,Ann,2024-05-01,,w", "b,Bo,2024-05-02,,v", received=JUNE)

    assert store.brought(older) == [(1, "w", False), (2, "v", False)]
    assert store.records(older)["known_date"].to_pylist() == [JUNE, JUNE]


def test_an_older_delta_is_compared_with_what_was_known_then(store: Store) -> None:
    store.load("a,Ann,2024-05-01,,x", received=JUNE)
    store.load("a,Ann,2024-05-01,,y", received=JULY)

    late = store.load(
        "a,Ann,2024-05-01,,x", "b,Bo,2024-05-02,,v", received=dt.date(2024, 6, 9)
    )

    assert store.brought(late) == [(2, "v", False)]


def test_an_older_whole_delivery_is_refused(store: Store) -> None:
    store.load("a,Ann,2024-05-01,,x", of=FULL, received=JULY)

    with pytest.raises(Refusal, match=r"in the order received.*delivery\.older"):
        store.load("a,Ann,2024-05-01,,w", of=FULL, received=JUNE)


@pytest.mark.parametrize(
    ("rule", "known"),
    [
        ({"column": "told"}, dt.date(2024, 5, 6)),
        # 1 May + 30 days = 31 May.
        ({"lag_days": 30}, dt.date(2024, 5, 31)),
    ],
)
def test_a_history_load_is_known_by_the_declared_rule(
    store: Store, rule: dict[str, Any], known: dt.date
) -> None:
    declared = contract(history=rule)

    load = store.load("a,Ann,2024-05-01,2024-05-06,x", of=declared, history=True)

    assert store.records(load)["known_date"].to_pylist() == [known]


def test_lead_days_move_the_event_and_not_the_lag(store: Store) -> None:
    leading = contract(dates={"event": "day", "lead_days": 1}, history={"lag_days": 3})

    load = store.load("a,Ann,2024-05-10,,x", of=leading, history=True)

    # 10 May - 1 day = 9 May; 10 May + 3 days = 13 May.
    [row] = store.records(load).to_pylist()
    assert (row["event_date"], row["known_date"]) == (
        dt.date(2024, 5, 9),
        dt.date(2024, 5, 13),
    )


def test_a_history_row_without_its_known_date_is_refused(store: Store) -> None:
    declared = contract(history={"column": "told"})

    with pytest.raises(Refusal, match=r"line 2, column 'told'.*history\.empty"):
        store.load("a,Ann,2024-05-01,,x", of=declared, history=True)


def test_a_history_row_without_an_event_is_known_when_it_came(store: Store) -> None:
    columns = [dict(column) for column in contract().columns]
    columns[2]["required"] = False
    declared = contract(columns=columns, history={"lag_days": 3})

    load = store.load("a,Ann,,,x", of=declared, history=True)

    assert store.records(load)["event_date"].to_pylist() == [None]
    assert store.records(load)["known_date"].to_pylist() == [JUNE]


def test_a_source_without_dates_has_no_events(store: Store) -> None:
    load = store.load("a,Ann,2024-05-01,,x", of=contract(dates={}))

    assert store.records(load)["event_date"].to_pylist() == [None]
    assert store.records(load)["known_date"].to_pylist() == [JUNE]
    assert load.last_event is None


def test_without_a_key_the_whole_row_is_the_record(store: Store) -> None:
    unnumbered = contract(key=[])
    store.load("a,Ann,2024-05-01,,x", ",Bob,2024-05-01,,y", of=unnumbered)

    second = store.load(
        "a,Ann,2024-05-01,,x", "a,Ann,2024-05-01,,z", of=unnumbered, received=JULY
    )

    assert store.brought(second) == [(3, "z", False)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["a,Ann,2024-06-02,,x"], r"line 2, column 'day'.*\[date\.after_received"),
        (["a,Ann,2024-05-01,2024-06-02,x"], r"column 'told'.*\[date\.after_received"),
        (["a,Ann,1899-12-31,,x"], r"line 2, column 'day'.*\[value\.earliest"),
        (["a,Ann,,,x"], r"line 2, column 'day'.*\[value\.required"),
        ([",Ann,2024-05-01,,x"], r"line 2, column 'id': a key may not be empty"),
        (["a,Ann,2024-05-01,, "], r"line 2, column 'note'.*\[value\.blank"),
        (["a,Ann,2024-05-01,,\u00a0\u200b"], r"column 'note'.*\[value\.blank"),
        (["a,Ann,2024-05-01,,\u202ex"], r"column 'note'.*U\+202E \[text\.bidi"),
        (["a,Ann,2024-05-01,,\x1b[2J"], r"column 'note'.*U\+001B \[text\.control"),
        (["a,Ann,2024-05-01,," + "x" * 1001], r"\[value\.greatest_length"),
        (["a,Ann,2024-05-01,," + "x" * 2**20], r"line 2.*\[format\.long_line"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused(
    store: Store, rows: list[str], expected: str
) -> None:
    with pytest.raises(Refusal, match=expected):
        store.load(*rows)


def test_a_key_with_two_contents_is_refused_with_both_lines(store: Store) -> None:
    rows = ["a,Ann,2024-05-01,,x", "b,Bob,2024-05-01,,x", "a,Ann,2024-05-01,,y"]

    with pytest.raises(Refusal, match=r"line 4: .* key of line 2 with other content"):
        store.load(*rows)


def test_a_fault_on_many_lines_is_shown_on_five_and_counted(store: Store) -> None:
    rows = [f"{n},Ann,2024-13-01,,x" for n in range(40)]

    with pytest.raises(Refusal) as refusal:
        store.load(*rows)

    places = [fault.where.partition(": ")[2] for fault in refusal.value.faults]
    # The header is line 1.
    shown = [f"line {line}, column 'day'" for line in range(2, 7)]
    assert places == ["column 'day'", *shown]
    assert "on 35 more lines" in refusal.value.faults[0].got


def test_numbers_are_stored_exactly(store: Store) -> None:
    number = {"type": "decimal", "scale": 4, "minimum": 0.0001, "meaning": "m"}
    columns = [*contract().columns[:4], {"name": "note", **number}]
    declared = contract(columns=[dict(column) for column in columns])

    load = store.load("a,Ann,2024-05-01,,12345678901234.0001", of=declared)

    [value] = store.records(load)["note"].to_pylist()
    assert str(value) == "12345678901234.0001"
    with pytest.raises(Refusal, match=r"at least 0\.0001"):
        store.load("b,Ann,2024-05-01,,0", of=declared)


@pytest.mark.parametrize(
    ("of", "more", "expected"),
    [
        (contract(), {"history": True}, "delivery.history"),
        (PERIOD, {}, "delivery.period"),
        (FULL, {"period": MAY_TO_JUNE}, "delivery.period"),
        (PERIOD, {"period": MAY_TO_JUNE[::-1]}, "the earlier day first"),
    ],
)
def test_a_delivery_that_does_not_go_with_the_contract_is_misuse(
    store: Store, of: Contract, more: dict[str, Any], expected: str
) -> None:
    with pytest.raises(Misuse, match=expected):
        store.load("a,Ann,2024-05-01,,x", of=of, **more)


def test_a_file_that_is_not_there_is_misuse(store: Store) -> None:
    with pytest.raises(Misuse, match=r"gone\.csv"):
        load_extract(
            store.warehouse, contract(), store.folder / "gone.csv", Delivery(JUNE)
        )


def test_the_declared_way_of_writing_is_what_is_read(store: Store) -> None:
    file = {"delivery": "delta", "encoding": "cp1252", "delimiter": ";"}
    path = store.folder / "visits.csv"
    row = "a;Ann;2024-05-01;;caf\u00e9 \u2019 1,5"
    path.write_bytes((HEADER.replace(",", ";") + row).encode("cp1252"))

    load = load_extract(store.warehouse, contract(file=file), path, Delivery(JUNE))

    assert store.brought(load) == [(1, "caf\u00e9 \u2019 1,5", False)]


def test_a_load_with_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    rows = [f"{n},Ann,2024-05-01,,note {n % 7}" for n in range(30_000)]

    loads = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        loads.append(Store(tmp_path / name).load(*rows))

    assert loads[0] == loads[1]
