"""Deliveries: how an extract came, and whether that goes with its contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.definitions.contracts import Contract
from features.faults import Fault
from features.store.warehouse import Load


@dataclass(frozen=True)
class Delivery:
    """How an extract came.

    Attributes:
        received: The day it came; what it says was known from this day on.
        history: The contract's `history` rule gives the known dates instead.
        period: First and last day that it covers, for a `period` delivery.
    """

    received: dt.date
    history: bool = False
    period: tuple[dt.date, dt.date] | None = None


def misuses(contract: Contract, delivery: Delivery) -> Iterator[Fault]:
    """Yield what was said of the delivery and cannot be meant."""
    where = f"sources/{contract.name}.toml"
    if delivery.history and contract.history is None:
        yield Fault(
            f"{where}: history",
            "a history load needs the contract's rule for known dates",
            "no [history]",
            "declare [history], or load it as received on its day",
            "delivery.history",
        )
    kind, period = contract.file.delivery, delivery.period
    if (kind == "period") != (period is not None):
        yield Fault(
            f"{where}: file.delivery",
            "a period is given for a `period` delivery, and only for one",
            f"a {kind} delivery " + ("with a period" if period else "without one"),
            "give the first and last day it covers" if not period else "give none",
            "delivery.period",
        )
    if period and period[0] > period[1]:
        yield Fault(
            "the period",
            "the first day may not come after the last",
            f"{period[0]} to {period[1]}",
            "give the earlier day first",
            "delivery.period",
        )


def older_than_the_newest(
    loads: Sequence[Load], contract: Contract, delivery: Delivery, file_name: str
) -> Iterator[Fault]:
    """Yield a fault if a whole delivery came before one that is loaded already.

    What it no longer holds was withdrawn before the newer one came, and perhaps
    brought back by that: this cannot be told afterwards. A `delta` only adds versions,
    each known on its own day, so it may come late.
    """
    newest = max((load.received for load in loads), default=None)
    late = newest is not None and delivery.received < newest
    if late and contract.file.delivery != "delta":
        yield Fault(
            file_name,
            f"a {contract.file.delivery} delivery is loaded in the order received",
            f"received {delivery.received}, after one received {newest} was loaded",
            "load into a new store, oldest first, if this one is needed",
            "delivery.older",
        )
