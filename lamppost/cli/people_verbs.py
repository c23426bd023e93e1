"""The verb that writes into the ledger what the service must know of people."""

from __future__ import annotations

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


verbs = typer.Typer()


@verbs.command()
def people(
    place: PlaceOption = HERE,
    store: StoreOption = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Write people, their records, their workers and the place's rules for pages."""
    from lamppost import people_jobs

    day = day_of(on)
    run(lambda o: people_jobs.people(o, on=day), place, store, json, "writing people")
