"""Verbs about links."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamppost.cli.options import HERE, JsonOption, PlaceOption, StoreOption, run
from lamppost.console import Progress


if TYPE_CHECKING:
    from lamppost.opened import Open

verbs = typer.Typer()


@verbs.callback(invoke_without_command=True)
def link(
    context: typer.Context,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Link all anew, the settled too.")
    ] = False,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Link all that is loaded to persons, households, premises and areas."""
    if context.invoked_subcommand:
        return
    from lamppost import jobs

    def job(opened: Open) -> dict[str, Any]:
        return jobs.link(opened, Progress(), afresh=afresh)

    run(job, place, store, json)


@verbs.command()
def review(
    limit: Annotated[int, typer.Option(help="Show so many pairs.", min=1)] = 10,
    decide: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="<pair> <verdict>",
            help="Decide a pair: same, different or 'cannot tell'.",
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="The role that decides.")] = "data steward",
    reason: Annotated[
        str | None, typer.Option(help="Why; by default the verdict's usual reason.")
    ] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Show the uncertain pairs to a data steward, side by side, or decide one."""
    from lamppost import link_jobs

    def job(opened: Open) -> dict[str, Any]:
        if decide is None:
            return link_jobs.review(opened, limit=limit)
        pair, verdict = decide
        at = dt.datetime.now(dt.UTC)
        return link_jobs.decide(opened, pair, verdict, by=by, at=at, reason=reason)

    run(job, place, store, json)


@verbs.command()
def changes(
    kind: Annotated[
        str | None, typer.Option(help="Of entity.", show_default="all that are linked")
    ] = None,
    older: Annotated[
        int | None, typer.Option(help="A link version.", show_default="last but one")
    ] = None,
    newer: Annotated[
        int | None, typer.Option(help="A later one.", show_default="newest")
    ] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Name whose records a linking moved, and every score that it touches."""
    from lamppost import link_jobs

    def job(opened: Open) -> dict[str, Any]:
        return link_jobs.changes(opened, kind=kind, older=older, newer=newer)

    run(job, place, store, json, "comparing links")
