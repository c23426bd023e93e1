"""Verbs about numbers to come: what is forecast, and what risks add up to."""

from __future__ import annotations

from typing import Annotated

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


verbs = typer.Typer()


@verbs.command()
def forecast(
    score: ScoreArgument = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Forecast a count or a sum by the champion, with 90 % intervals."""
    from lamppost import demand_jobs

    run(
        lambda o: demand_jobs.forecast(o, score, on=day_of(on)),
        place,
        store,
        json,
        "forecasting",
    )


@verbs.command()
def expect(
    score: ScoreArgument = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="A group, or a relation to an area.", show_default="everybody"
        ),
    ] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Add up the risks of a cohort: how many to expect, by area and quarter."""
    from lamppost import expect_jobs

    run(
        lambda o: expect_jobs.expect(o, score, by, on=day_of(on)),
        place,
        store,
        json,
        "adding up",
    )
