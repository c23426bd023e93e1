"""Options that many verbs have, and how a verb is run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamppost.console import show, show_refusal, working


if TYPE_CHECKING:
    from lamppost.opened import Open


PlaceOption = Annotated[
    Path,
    typer.Option("--place", help="The folder of definitions.", show_default="here"),
]
StoreOption = Annotated[
    Path | None,
    typer.Option("--store", help="The folder of data (default: var/<place>)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")]
OnOption = Annotated[
    dt.datetime | None,
    typer.Option(
        "--on", formats=["%Y-%m-%d"], help="The day of the run.", show_default="today"
    ),
]
ScoreArgument = Annotated[
    str | None, typer.Argument(help="Which score; may be left out if there is one.")
]
HERE = Path()


def answer_with(
    job: Callable[[], dict[str, Any]], as_json: bool, text: str | None = None
) -> None:
    """Show what a job answers; a refusal ends with its status.

    Args:
        job: What is asked.
        as_json: Answer as one JSON object.
        text: A part that is a whole text: where it is there, it is shown by itself.
    """
    from features.faults import Fault, Refusal
    from models.ledger.faults import LedgerUnavailable

    try:
        answer = job()
    except Refusal as refusal:
        raise typer.Exit(show_refusal(refusal, as_json=as_json)) from None
    except LedgerUnavailable as error:
        do = "see that the database runs and LAMPPOST_LEDGER names it; then do it again"
        fault = Fault("the ledger", "its database must answer", str(error), do)
        status = show_refusal(Refusal([fault]), as_json=as_json)
        raise typer.Exit(status) from None
    if text in answer and not as_json:
        typer.echo(answer[text], nl=False)
    else:
        show(answer, as_json=as_json)


def run(
    job: Callable[[Open], dict[str, Any]],
    place: Path,
    store: Path | None,
    as_json: bool,
    doing: str | None = None,
    text: str | None = None,
) -> None:
    """Open the place, do the job, show its answer; a refusal ends with its status.

    Args:
        job: What is asked, of the opened place.
        place: The folder of definitions.
        store: The folder of data; None is the place's own.
        as_json: Answer as one JSON object.
        doing: What is said while it takes long; None if the job speaks for itself.
        text: A part of the answer to be shown by itself.
    """
    from lamppost.opened import open_place
    from lamppost.settings import read_settings

    def opened_job() -> dict[str, Any]:
        opened = open_place(read_settings(place, store))
        with working(doing):
            return job(opened)

    answer_with(opened_job, as_json, text)


def day_of(on: dt.datetime | None) -> dt.date:
    """Return the day that was given, or today."""
    return on.date() if on else dt.datetime.now(dt.UTC).date()
