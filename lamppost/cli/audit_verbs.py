"""Verbs about the record of looking."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from lamppost.cli.options import HERE, JsonOption, PlaceOption, StoreOption, run


verbs = typer.Typer(
    help="The record of looking: verify it, tell a person who looked.",
    no_args_is_help=True,
)


@verbs.command()
def verify(
    place: PlaceOption = HERE, store: StoreOption = None, json: JsonOption = False
) -> None:
    """Derive the audit anew from its first row; say all that is wrong with it."""
    from lamppost import audit_jobs

    run(audit_jobs.verify, place, store, json, "verifying")


@verbs.command()
def person(
    entity: Annotated[str, typer.Argument(help="The person's id in the ledger.")],
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Tell a person who looked at them, when and what for; that is on record too."""
    from lamppost import audit_jobs

    at = dt.datetime.now(dt.UTC)
    run(lambda o: audit_jobs.person(o, entity, at=at), place, store, json)


@verbs.command()
def restored(
    because: Annotated[str, typer.Option(help="Why; stands in the audit for good.")],
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Say on record that an older backup was restored, and go on from it."""
    from lamppost import audit_jobs

    at = dt.datetime.now(dt.UTC)
    run(lambda o: audit_jobs.restored(o, because, at=at), place, store, json)


@verbs.command()
def guard(
    place: PlaceOption = HERE, store: StoreOption = None, json: JsonOption = False
) -> None:
    """Let the database refuse again to change the audit, where that was taken away."""
    from lamppost import audit_jobs

    run(audit_jobs.put_guard_back, place, store, json)
