"""Verbs about the running service."""

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
    answer_with,
    run,
)
from lamppost.console import show, show_refusal


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
    """Serve the ledger over HTTP until stopped: pages to sign in to, and an API."""
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
    account: Annotated[
        str | None, typer.Argument(help="What its holder may do, and never more.")
    ] = None,
    what_for: Annotated[
        str, typer.Option("--for", help="Which machine it is for, and why.")
    ] = "",
    days: Annotated[int, typer.Option(help="How long it is valid.")] = 30,
    revoke: Annotated[
        str | None, typer.Option(help="Take a token back, by its id.")
    ] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Issue a token for a machine, shown this once; without ACCOUNT, list them."""
    from lamppost import account_jobs

    at = dt.datetime.now(dt.UTC)
    if revoke is not None:
        run(lambda o: account_jobs.revoke(o, revoke, at=at), place, store, json)
    elif account is None:
        run(lambda o: account_jobs.tokens(o, at=at), place, store, json)
    else:
        run(
            lambda o: account_jobs.token(o, account, what_for, days, at=at),
            place,
            store,
            json,
        )


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
