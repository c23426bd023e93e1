"""Verbs about rights: the register, and the pack for whoever asked for a copy."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from lamppost.cli.options import HERE, JsonOption, PlaceOption, StoreOption, run


verbs = typer.Typer(
    help="Rights: what people asked for, by when it is due, the copy they are given.",
    no_args_is_help=True,
)

NumberArgument = Annotated[int, typer.Argument(help="Its number in the register.")]
PackArgument = Annotated[int, typer.Argument(help="The pack's number.")]
BecauseOption = Annotated[str, typer.Option(help="Why.")]


@verbs.command()
def add(
    kind: Annotated[
        str,
        typer.Argument(
            help="access, rectification, objection, restriction or complaint."
        ),
    ],
    owner: Annotated[str, typer.Option(help="The role that must answer.")],
    person: Annotated[
        str | None, typer.Option(help="The id in the ledger, if it is known.")
    ] = None,
    received: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="The day it came.", show_default="today"
        ),
    ] = None,
    what: Annotated[str | None, typer.Option(help="In a few words.")] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Write down what somebody asked for; it is due a month after it came."""
    from lamppost import rights_jobs
    from models.ledger.register import Asked, Kind

    at = _now()
    day = (received or at).date()
    # Whether it is one is for the job to say.
    asked = Asked(cast(Kind, kind), person, day, owner, what)
    run(lambda o: rights_jobs.add(o, asked, at=at), place, store, json)


@verbs.command("list")
def list_requests(
    answered: Annotated[
        bool, typer.Option("--answered", help="Those that were answered.")
    ] = False,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """List what waits, the most urgent first, each with its clock."""
    from lamppost import rights_jobs

    at = _now()
    run(
        lambda o: rights_jobs.listed(o, is_answered=answered, at=at),
        *(place, store, json),
    )


@verbs.command()
def answer(
    number: NumberArgument,
    outcome: Annotated[
        str, typer.Option(help="granted, granted in part, refused or withdrawn.")
    ],
    text: Annotated[str, typer.Option(help="What was answered.")],
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Answer a request, once."""
    from lamppost import rights_jobs

    at = _now()
    run(
        lambda o: rights_jobs.answer(o, number, outcome, text, at=at),
        *(place, store, json),
    )


@verbs.command()
def pack(
    number: NumberArgument,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Make a draft of all that is held about the person of a request for access."""
    from lamppost import pack_jobs

    at = _now()
    run(lambda o: pack_jobs.make_pack(o, number, at=at), place, store, json)


@verbs.command()
def show(
    number: PackArgument,
    file: Annotated[
        Path | None, typer.Option(help="A new file to write it to, as text.")
    ] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Show a pack as it is printed: without what is withheld."""
    from lamppost import pack_jobs

    at = _now()

    def job(opened: Any) -> dict[str, Any]:
        return pack_jobs.show_pack(opened, number, file, at=at)

    run(job, place, store, json, text="text")


@verbs.command()
def choose(
    number: PackArgument,
    flag: Annotated[str, typer.Argument(help="Such as `third party`.")],
    choice: Annotated[str, typer.Argument(help="keep or withhold.")],
    because: BecauseOption,
    item: Annotated[
        int | None,
        typer.Option(help="One item's number.", show_default="all that wait"),
    ] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Keep or withhold what is flagged, for a reason."""
    from lamppost import pack_jobs

    at = _now()

    def job(opened: Any) -> dict[str, Any]:
        chosen = pack_jobs.read_choice(flag, choice, because, item)
        return pack_jobs.choose(opened, number, chosen, at=at)

    run(job, place, store, json)


@verbs.command()
def release(
    number: PackArgument,
    by: Annotated[str, typer.Option(help="The reviewer's account, not its maker's.")],
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Release a pack, once a named reviewer has looked at it."""
    from lamppost import pack_jobs

    at = _now()
    run(lambda o: pack_jobs.release(o, number, by=by, at=at), place, store, json)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
