"""The command: all verbs, in the order in which they are used."""

from __future__ import annotations

import typer

from lamppost.cli import (
    account_verbs,
    audit_verbs,
    card_verbs,
    link_verbs,
    number_verbs,
    people_verbs,
    place_verbs,
    purge_verbs,
    rights_verbs,
    score_verbs,
    service_verbs,
)


app = typer.Typer(
    help="Open risk scores for local public services, explained down to the record.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing rich's markdown takes half a second
)
app.add_typer(place_verbs.verbs)
app.add_typer(link_verbs.verbs, name="link")
app.add_typer(people_verbs.verbs)
app.add_typer(score_verbs.verbs)
app.add_typer(number_verbs.verbs)
app.add_typer(card_verbs.verbs)
app.add_typer(service_verbs.verbs)
app.add_typer(account_verbs.verbs, name="account")
app.add_typer(audit_verbs.verbs, name="audit")
app.add_typer(purge_verbs.verbs, name="purge")
app.add_typer(rights_verbs.verbs, name="rights")
