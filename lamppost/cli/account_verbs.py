"""Verbs about who may use the service."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from lamppost.cli.options import HERE, JsonOption, PlaceOption, StoreOption, run


verbs = typer.Typer(
    help="Who may use the service: add, list, disable, give a password.",
    no_args_is_help=True,
)

NameArgument = Annotated[str, typer.Argument(help="The name that is typed to sign in.")]
PasswordFileOption = Annotated[
    Path | None,
    typer.Option(help="A file with the password (default: it is asked for)."),
]


@verbs.command()
def add(
    name: NameArgument,
    role: Annotated[
        str,
        typer.Option(
            help="caseworker, manager, analyst, steward, board or administrator."
        ),
    ],
    display_name: Annotated[
        str | None, typer.Option(help="As pages name them (default: the name).")
    ] = None,
    team: Annotated[str | None, typer.Option(help="Whom they work with.")] = None,
    partner: Annotated[
        str | None, typer.Option(help="Whose records a steward looks after.")
    ] = None,
    worker: Annotated[
        str | None, typer.Option(help="Their number in the source of cases.")
    ] = None,
    issuer: Annotated[
        str | None, typer.Option(help="The OpenID provider they sign in with.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="Who they are to that provider.")
    ] = None,
    password_file: PasswordFileOption = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="For a machine: by token alone.")
    ] = False,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Add an account."""
    from lamppost import account_jobs
    from serving.access.accounts import NewAccount

    needs_none = no_password or subject is not None
    password = None if needs_none else _password(password_file)
    shown = display_name or name
    new = NewAccount(
        name, shown, role, team, partner, worker, password, issuer, subject
    )
    run(lambda o: account_jobs.add(o, new, at=_now()), place, store, json)


@verbs.command("list")
def listed(
    place: PlaceOption = HERE, store: StoreOption = None, json: JsonOption = False
) -> None:
    """List all accounts."""
    from lamppost import account_jobs

    run(account_jobs.listed, place, store, json)


@verbs.command()
def disable(
    name: NameArgument,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Let nobody in by an account any more, at once."""
    from lamppost import account_jobs

    run(lambda o: account_jobs.disable(o, name, at=_now()), place, store, json)


@verbs.command()
def enable(
    name: NameArgument,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Let an account in again that was locked or disabled."""
    from lamppost import account_jobs

    run(lambda o: account_jobs.enable(o, name, at=_now()), place, store, json)


@verbs.command()
def password(
    name: NameArgument,
    password_file: PasswordFileOption = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Give an account another password; its sessions end."""
    from lamppost import account_jobs

    new = _password(password_file)
    run(
        lambda o: account_jobs.set_password(o, name, new, at=_now()),
        place,
        store,
        json,
    )


@verbs.command()
def bind(
    name: NameArgument,
    issuer: Annotated[str, typer.Option(help="The OpenID provider's address.")],
    subject: Annotated[str, typer.Option(help="Who they are to that provider.")],
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Say who somebody is to the OpenID provider, which then lets them in."""
    from lamppost import account_jobs

    run(
        lambda o: account_jobs.bind(o, name, issuer, subject, at=_now()),
        place,
        store,
        json,
    )


@verbs.command()
def change(
    name: NameArgument,
    role: Annotated[str | None, typer.Option(help="Another role.")] = None,
    display_name: Annotated[
        str | None, typer.Option(help="As pages name them.")
    ] = None,
    team: Annotated[str | None, typer.Option(help="Another team.")] = None,
    partner: Annotated[str | None, typer.Option(help="Another partner.")] = None,
    worker: Annotated[str | None, typer.Option(help="Another number.")] = None,
    place: PlaceOption = HERE,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Change an account; what is not named stays, and it holds at once."""
    from lamppost import account_jobs

    named = {
        **{"role": role, "display_name": display_name, "team": team},
        **{"partner": partner, "worker": worker},
    }
    changes = {part: value for part, value in named.items() if value is not None}
    run(lambda o: account_jobs.change(o, name, changes, at=_now()), place, store, json)


def _password(file: Path | None) -> str:
    """Read a password's file, or ask; it is never an argument, which others can see."""
    if file is None:
        asked: str = typer.prompt(
            "Password", hide_input=True, confirmation_prompt=True, err=True
        )
        return asked
    try:
        return file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(
            "it must be a text file that can be read", param_hint="--password-file"
        ) from error


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
