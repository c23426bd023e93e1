"""Verbs about scores, from the snapshot to the batch and its watch."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamppost.cli.options import (
    HERE,
    JsonOption,
    OnOption,
    PlaceOption,
    ScoreArgument,
    StoreOption,
    day_of,
    run,
)


if TYPE_CHECKING:
    from lamppost.opened import Open

verbs = typer.Typer()


@verbs.command()
def build(
    score: ScoreArgument = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Build the snapshot that training reads: what was known on each as-of date."""
    from lamppost import jobs

    run(lambda o: jobs.build(o, score, on=day_of(on)), place, store, json, "building")


@verbs.command()
def train(
    score: ScoreArgument = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Fit, judge and register a model; nothing is promoted."""
    from lamppost import jobs

    run(lambda o: jobs.train(o, score, on=day_of(on)), place, store, json, "fitting")


@verbs.command()
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

    run(
        lambda o: jobs.promote(o, score, version, role, at),
        place,
        store,
        json,
        "promoting",
    )


@verbs.command()
def recalibrate(
    score: ScoreArgument = None,
    version: Annotated[
        int | None, typer.Option(help="The registry's number.", show_default="served")
    ] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Make a version's probabilities right again; the same tables, not promoted."""
    from lamppost import recalibration

    def job(opened: Open) -> dict[str, Any]:
        return recalibration.recalibrate(opened, score, version, on=day_of(on))

    run(job, place, store, json, "recalibrating")


@verbs.command(name="score")
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
        day = day_of(on)
        newest = jobs.scoring_dates(opened.score(score), day)
        dates = [as_of.date()] if as_of else newest
        return jobs.score_cohort(opened, score, dates, on=day)

    run(job, place, store, json, "scoring")


@verbs.command()
def monitor(
    score: ScoreArgument = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Look at freshness, drift and selection rates; keep the result for ever."""
    from lamppost import jobs

    run(
        lambda o: jobs.monitor(o, score, on=day_of(on)),
        place,
        store,
        json,
        "monitoring",
    )
