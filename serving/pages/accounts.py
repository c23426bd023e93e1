"""The administrator's page: who has an account here."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from features.faults import Misuse
from serving.access.accounts import Account, NewAccount
from serving.access.entrance import Entrance
from serving.access.roles import ROLES
from serving.access.sessions import Session
from serving.desk import accounts as desk_accounts
from serving.desk.desk import Desk
from serving.pages.at_entrance import LONGEST_FIELD, AtEntrance, In, go_to
from serving.pages.rendering import render
from serving.schemas.strict import Schema


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]
Text = Annotated[str, Field(max_length=LONGEST_FIELD)]
Errors = list[tuple[str, str]]
Number = Annotated[int, Path(ge=1, le=2**53)]

# By what a fault is about: the field to mend it in, and how pages call that.
_FIELDS = {
    "name": ("name", "Name at sign-in"),
    "display name": ("display_name", "Name to show"),
    "role": ("role", "Role"),
    "team": ("team", "Team"),
    "partner": ("partner", "Partner"),
    "worker": ("worker", "Worker’s number"),
    "password": ("password", "First password"),
    "subject": ("subject", "Subject"),
}


class ChangeForm(Schema):
    """The form of what an account is; what is left empty is taken away."""

    csrf: Text
    display_name: Text = ""
    role: Text = ""
    team: Text = ""
    partner: Text = ""
    worker: Text = ""

    @property
    def parts(self) -> dict[str, str | None]:
        """What the account becomes."""
        return {
            "team": self.team.strip() or None,
            "partner": self.partner.strip() or None,
            "worker": self.worker.strip() or None,
        }


class AccountForm(ChangeForm):
    """The form for a new account; what is left empty is not given."""

    name: Text = ""
    password: Text = ""
    subject: Text = ""

    def account(self, issuer: str | None) -> NewAccount:
        """Return what is asked for.

        Args:
            issuer: The place's OpenID provider; None if it has none.
        """
        subject = self.subject.strip() or None
        return NewAccount(
            name=self.name.strip().lower(),
            display_name=self.display_name.strip(),
            role=self.role,
            password=self.password or None,
            issuer=issuer if subject else None,
            subject=subject,
            **self.parts,
        )


router = APIRouter(
    prefix="/accounts", include_in_schema=False, default_response_class=HTMLResponse
)


@router.get("")
def accounts(
    request: Request, desk: AtDesk, session: In, entrance: AtEntrance
) -> Response:
    """List all accounts, with a form for one more."""
    return _page(request, (desk, session, entrance))


@router.post("")
def add(
    request: Request,
    desk: AtDesk,
    session: In,
    entrance: AtEntrance,
    form: Annotated[AccountForm, Form()],
) -> Response:
    """Add an account."""
    try:
        desk_accounts.add(desk, session.caller, form.account(_issuer(entrance)))
    except Misuse as misuse:
        return _page(request, (desk, session, entrance), _errors_of(misuse), form)
    return go_to("/accounts")


@router.get("/{number}")
def one(request: Request, desk: AtDesk, session: In, number: Number) -> Response:
    """Show one account with a form to change it."""
    found = desk_accounts.account(desk, session.caller, number)
    return _change_page(request, session, found, found)


@router.post("/{number}")
def change(
    request: Request,
    desk: AtDesk,
    session: In,
    number: Number,
    form: Annotated[ChangeForm, Form()],
) -> Response:
    """Change an account; it holds at once."""
    said = {"display_name": form.display_name.strip(), "role": form.role}
    try:
        desk_accounts.change(desk, session.caller, number, {**said, **form.parts})
    except Misuse as misuse:
        found = desk_accounts.account(desk, session.caller, number)
        return _change_page(request, session, found, form, _errors_of(misuse))
    return go_to("/accounts")


@router.post("/{number}/disable")
def disable(desk: AtDesk, session: In, number: Number) -> Response:
    """Disable an account."""
    desk_accounts.disable(desk, session.caller, number)
    return go_to("/accounts")


@router.post("/{number}/enable")
def enable(desk: AtDesk, session: In, number: Number) -> Response:
    """Unlock an account, or let it in again."""
    desk_accounts.enable(desk, session.caller, number)
    return go_to("/accounts")


def _errors_of(misuse: Misuse) -> Errors:
    """Return what is wrong in a form: where, what, and what to do; and the field."""
    return [
        (f"{_FIELDS[one.where][1]}: {one.what}. {_as_sentence(one.next)}", field)
        for one in misuse.faults
        for field in [_FIELDS[one.where][0]]
    ]


def _as_sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _issuer(entrance: Entrance) -> str | None:
    return entrance.provider.issuer if entrance.provider else None


def _page(
    request: Request,
    by: tuple[Desk, Session, Entrance],
    errors: Errors | None = None,
    given: AccountForm | None = None,
) -> Response:
    desk, session, entrance = by
    found = desk_accounts.accounts(desk, session.caller)
    now = desk.clock()
    return render(
        request,
        "accounts.html",
        status=422 if errors else 200,
        title="Accounts",
        accounts=[_shown(account, session.account.id, now) for account in found],
        roles=ROLES,
        issuer=_issuer(entrance),
        given=given,
        errors=errors or [],
    )


def _change_page(
    request: Request,
    session: In,
    account: Account,
    given: Account | ChangeForm,
    errors: Errors | None = None,
) -> Response:
    return render(
        request,
        "account_change.html",
        status=422 if errors else 200,
        title=account.display_name,
        account=account,
        is_own=account.id == session.account.id,
        roles=ROLES,
        given=given,
        errors=errors or [],
        back="/accounts",
        back_text="All accounts",
    )


def _shown(account: Account, own: int, at: dt.datetime) -> dict[str, Any]:
    """Return an account as a row: what it is, and what may be done to it."""
    state = "Can sign in" if account.password or account.subject else "Machine only"
    if account.is_locked(at):
        state = "Locked"
    if account.disabled_at:
        state = "Disabled"
    may_enter = state in ("Locked", "Disabled")
    return {
        "account": account,
        "state": state,
        "can_change": account.id != own,
        "can_enable": may_enter,
        "can_disable": not account.disabled_at and account.id != own,
    }
