"""Verbs about the running service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lamppost.cli.options import (
    HERE,
    JsonOption,
    OnOption,
    PlaceOption,
    StoreOption,
    answer_with,
    run,
)
from lamppost.console import show, show_refusal


if TYPE_CHECKING:
    pass

verbs = typer.Typer()


@verbs.command()
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
    run(lambda o: serve_ledger(o, host, port, today), place, store, json)


@verbs.command()
def migrate(
    place: PlaceOption = HERE, store: StoreOption = None, json: JsonOption = False
) -> None:
    """Make the ledger's tables, or bring them to this version; again is nothing."""
    from lamppost.ledger_jobs import migrate as job
    from lamppost.settings import read_settings

    answer_with(lambda: job(read_settings(place, store)), json)


@verbs.command()
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

    run(lambda opened: jobs.token(opened, name, role, days), place, store, json)


@verbs.command()
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
