"""Verbs about forgetting."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from lamppost.cli.options import (
    HERE,
    JsonOption,
    OnOption,
    PlaceOption,
    StoreOption,
    day_of,
    run,
)


verbs = typer.Typer(
    help="Forget a person, old records or a lapsed source, in every store.",
    no_args_is_help=True,
)


@verbs.command()
def person(
    entity: Annotated[str, typer.Argument(help="The person's id in the ledger.")],
    because: Annotated[
        str, typer.Option(help="Why, naming nobody; it is kept for good.")
    ],
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Forget a person: every record, link, score, look and text about them."""
    from lamppost import purge_jobs

    at = dt.datetime.now(dt.UTC)
    run(
        lambda o: purge_jobs.purge_person(o, entity, because=because, at=at),
        *(place, store, json, "forgetting"),
    )


@verbs.command()
def source(
    name: Annotated[str, typer.Argument(help="The source.")],
    because: Annotated[
        str | None,
        typer.Option(help="Why.", show_default="how long its contract keeps records"),
    ] = None,
    on: OnOption = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Forget a source's records that were kept for as long as its contract says."""
    from lamppost import purge_jobs

    at, day = dt.datetime.now(dt.UTC), day_of(on)
    run(
        lambda o: purge_jobs.purge_source(o, name, because=because, on=day, at=at),
        *(place, store, json, "forgetting"),
    )


@verbs.command()
def agreements(
    on: OnOption = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Forget every source whose sharing agreement has ended."""
    from lamppost import purge_jobs

    at, day = dt.datetime.now(dt.UTC), day_of(on)
    run(
        lambda o: purge_jobs.purge_agreements(o, on=day, at=at),
        *(place, store, json, "forgetting"),
    )


@verbs.command()
def replay(
    place: PlaceOption = HERE, store: StoreOption = None, json: JsonOption = False
) -> None:
    """Forget again what a backup brought back, and finish what was cut short."""
    from lamppost import purge_jobs

    at = dt.datetime.now(dt.UTC)
    run(lambda o: purge_jobs.replay(o, at=at), place, store, json, "forgetting again")
