"""Verbs about links."""

from __future__ import annotations

import typer

from lamppost.cli.options import HERE, JsonOption, PlaceOption, StoreOption, run
from lamppost.console import Progress


verbs = typer.Typer()


@verbs.callback(invoke_without_command=True)
def link(
    context: typer.Context,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Link all that is loaded to persons, households, premises and areas."""
    if context.invoked_subcommand:
        return
    from lamppost import jobs

    run(lambda opened: jobs.link(opened, Progress()), place, store, json)
