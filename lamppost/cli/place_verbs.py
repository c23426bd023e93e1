"""Verbs about a place and the data it is given."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamppost.cli.options import (
    HERE,
    JsonOption,
    OnOption,
    PlaceOption,
    StoreOption,
    answer_with,
    day_of,
    run,
)
from lamppost.console import show_refusal, working


if TYPE_CHECKING:
    from lamppost.opened import Open

verbs = typer.Typer()


@verbs.command()
def demo(
    people: Annotated[int, typer.Option(help="People of 65 and over.")] = 5_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same town.")] = 1,
    serve: Annotated[bool, typer.Option(help="Leave the service up.")] = True,
    store: StoreOption = None,
    port: Annotated[int, typer.Option(help="The service's port.")] = 8000,
    json: JsonOption = False,
) -> None:
    """Walk a simulated town from its partners' files to a served, explained score."""
    from features.faults import Refusal
    from lamppost.demo import Demo, run_demo

    try:
        run_demo(Demo(people, seed, store, port, serve), as_json=json)
    except Refusal as refusal:
        raise typer.Exit(show_refusal(refusal, as_json=json)) from None


@verbs.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    json: JsonOption = False,
) -> None:
    """Write a commented place that checks, to be changed into yours."""
    from lamppost.starter import write_starter

    answer_with(lambda: write_starter(folder), json)


@verbs.command()
def town(
    folder: Annotated[Path, typer.Argument(help="Gets extracts/ and truth/.")],
    people: Annotated[int, typer.Option(help="People of 65 and over.")] = 5_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same town.")] = 1,
    plant: Annotated[
        str | None,
        typer.Option(
            help="A fault: drift, label-bias, link-bias, stale or calibration."
        ),
    ] = None,
    size: Annotated[float | None, typer.Option(help="The fault's size.")] = None,
    json: JsonOption = False,
) -> None:
    """Write a simulated town's extracts, and the truth about it apart from them."""
    from lamppost.town import make_town

    def job() -> dict[str, Any]:
        with working("living and writing the town"):
            return make_town(folder, people=people, seed=seed, plant=plant, size=size)

    answer_with(job, json)


@verbs.command()
def check(
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Check a place's definitions; all faults at once."""
    from lamppost import jobs

    run(lambda opened: jobs.check(opened, on=day_of(on)), place, store, json)


@verbs.command()
def load(
    file: Annotated[Path, typer.Argument(help="The extract: CSV, plain or gzip.")],
    source: Annotated[str, typer.Option(help="The source it is an extract of.")],
    received: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="The day it came.", show_default="today"
        ),
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Known dates follow the contract's rule.")
    ] = False,
    period: Annotated[
        str | None, typer.Option(help="For a period delivery: FIRST..LAST day.")
    ] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Check an extract against its contract and accept it whole, or not at all."""
    from features.extracts.deliveries import Delivery
    from lamppost import jobs

    def job(opened: Open) -> dict[str, Any]:
        delivery = Delivery(day_of(received), history, jobs.read_period(period))
        return jobs.load(opened, source, file, delivery)

    run(job, place, store, json, "checking the extract")
