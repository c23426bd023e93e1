"""The command line: verbs, their options, and what each prints."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamppost.console import Progress, show, show_refusal, working


if TYPE_CHECKING:
    from lamppost.jobs import Open

app = typer.Typer(
    help="Open risk scores for local public services, explained down to the record.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing rich's markdown takes half a second
)

PlaceOption = Annotated[
    Path,
    typer.Option("--place", help="The folder of definitions.", show_default="here"),
]
StoreOption = Annotated[
    Path | None,
    typer.Option("--store", help="The folder of data (default: var/<place>)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")]
OnOption = Annotated[
    dt.datetime | None,
    typer.Option(
        "--on", formats=["%Y-%m-%d"], help="The day of the run.", show_default="today"
    ),
]
ScoreArgument = Annotated[
    str | None, typer.Argument(help="Which score; may be left out if there is one.")
]
HERE = Path()


def _run(
    job: Callable[[Open], dict[str, Any]],
    place: Path,
    store: Path | None,
    as_json: bool,
    doing: str | None = None,
) -> None:
    """Open the place, do the job, show its answer; a refusal ends with its status."""
    from features.faults import Refusal
    from lamppost import jobs
    from lamppost.settings import read_settings

    try:
        opened = jobs.open_place(read_settings(place, store))
        with working(doing):
            answer = job(opened)
    except Refusal as refusal:
        raise typer.Exit(show_refusal(refusal, as_json=as_json)) from None
    show(answer, as_json=as_json)


def _day(on: dt.datetime | None) -> dt.date:
    return on.date() if on else dt.datetime.now(dt.UTC).date()


@app.command()
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


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    json: JsonOption = False,
) -> None:
    """Write a commented place that checks, to be changed into yours."""
    from features.faults import Refusal
    from lamppost.starter import write_starter

    try:
        show(write_starter(folder), as_json=json)
    except Refusal as refusal:
        raise typer.Exit(show_refusal(refusal, as_json=json)) from None


@app.command()
def check(
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Check a place's definitions; all faults at once."""
    from lamppost import jobs

    _run(lambda opened: jobs.check(opened, on=_day(on)), place, store, json)


@app.command()
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
        delivery = Delivery(_day(received), history, jobs.read_period(period))
        return jobs.load(opened, source, file, delivery)

    _run(job, place, store, json, "checking the extract")


@app.command()
def link(
    place: PlaceOption = HERE, store: StoreOption = None, json: JsonOption = False
) -> None:
    """Link all that is loaded to persons, households, premises and areas."""
    from lamppost import jobs

    _run(lambda opened: jobs.link(opened, Progress()), place, store, json)


@app.command()
def build(
    score: ScoreArgument = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Build the snapshot that training reads: what was known on each as-of date."""
    from lamppost import jobs

    _run(lambda o: jobs.build(o, score, on=_day(on)), place, store, json, "building")


@app.command()
def train(
    score: ScoreArgument = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Fit, judge and register a model; nothing is promoted."""
    from lamppost import jobs

    _run(lambda o: jobs.train(o, score, on=_day(on)), place, store, json, "fitting")


@app.command()
def promote(
    score: ScoreArgument = None,
    version: Annotated[
        int | None, typer.Option(help="The registry's number.", show_default="newest")
    ] = None,
    role: Annotated[str, typer.Option(help="The role that promotes.")] = "analyst",
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Freeze a registered model with its words and make it the one that is served."""
    from lamppost import jobs

    at = dt.datetime.now(dt.UTC)

    _run(
        lambda o: jobs.promote(o, score, version, role, at),
        place,
        store,
        json,
        "promoting",
    )


@app.command(name="score")
def score_(
    score: ScoreArgument = None,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="The as-of date.", show_default="newest"
        ),
    ] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Score a whole cohort into the ledger, with the records behind each score."""
    from lamppost import jobs

    def job(opened: Open) -> dict[str, Any]:
        day = _day(on)
        newest = jobs.scoring_dates(opened.score(score), day)
        dates = [as_of.date()] if as_of else newest
        return jobs.score_cohort(opened, score, dates, on=day)

    _run(job, place, store, json, "scoring")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Serve the ledger's scores over HTTP until stopped; every route needs a token."""
    from lamppost.service import serve_ledger

    today = on.date() if on else None
    _run(lambda o: serve_ledger(o, host, port, today), place, store, json)


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="Whom it is for; stands in the audit.")],
    role: Annotated[str, typer.Option(help="caseworker or machine.")] = "machine",
    days: Annotated[int, typer.Option(help="How long it is valid.", min=1)] = 30,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Issue a token for the service; it is shown this once."""
    from lamppost import jobs

    _run(lambda opened: jobs.token(opened, name, role, days), place, store, json)


@app.command()
def monitor(
    score: ScoreArgument = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Look at freshness, drift and selection rates; keep the result for ever."""
    from lamppost import jobs

    _run(
        lambda o: jobs.monitor(o, score, on=_day(on)), place, store, json, "monitoring"
    )


@app.command()
def doctor(
    place: PlaceOption = HERE, store: StoreOption = None, json: JsonOption = False
) -> None:
    """Show versions, settings and stores, with one fix for each problem."""
    from features.faults import Refusal
    from lamppost.doctor import examine
    from lamppost.settings import read_settings

    try:
        answer = examine(read_settings(place, store))
    except Refusal as refusal:
        raise typer.Exit(show_refusal(refusal, as_json=json)) from None
    show(answer, as_json=json)
    raise typer.Exit(1 if answer["problems"] else 0)
