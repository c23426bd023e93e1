"""Verbs about what the registry keeps of a score's versions, to be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lamppost.cli.options import (
    HERE,
    JsonOption,
    PlaceOption,
    ScoreArgument,
    StoreOption,
    run,
)


if TYPE_CHECKING:
    from lamppost.opened import Open

verbs = typer.Typer()

_VERSION = "A registry's number, `champion` or `challenger`."


@verbs.command()
def card(
    score: ScoreArgument = None,
    version: Annotated[
        str | None, typer.Option(help=_VERSION, show_default="newest")
    ] = None,
    form: Annotated[
        Literal["markdown", "html", "points"],
        typer.Option("--format", help="How to write it; points is the scorecard."),
    ] = "markdown",
    out: Annotated[
        Path | None, typer.Option(help="The file to write.", show_default="stdout")
    ] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Print a version's card: what it is for, what it is worth, where it fails."""
    from lamppost import card_jobs

    def job(opened: Open) -> dict[str, Any]:
        return card_jobs.card(opened, score, version, form, out)

    run(job, place, store, json, "reading the registry", text="card")


@verbs.command()
def compare(
    score: Annotated[str, typer.Argument(help="Which score.")],
    one: Annotated[str, typer.Argument(metavar="A", help=_VERSION)],
    other: Annotated[str, typer.Argument(metavar="B", help=_VERSION)],
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Show two registered versions of a score side by side."""
    from lamppost import card_jobs

    run(
        lambda o: card_jobs.compare(o, score, (one, other)),
        place,
        store,
        json,
        "reading the registry",
    )
