"""The pages of finding somebody, and of saying why they must be looked at.

What was typed comes by POST and goes back in the answer alone: it is in no address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from features.faults import Misuse
from serving.access.roles import Caller
from serving.api.asking import AtDesk, By
from serving.desk import contacts, kept_cases
from serving.desk import finding as at_desk
from serving.desk.desk import Desk
from serving.pages.at_entrance import LONGEST_FIELD, go_to
from serving.pages.leading_words import errors_of
from serving.pages.rendering import render
from serving.schemas.leading import FindAnswer, FindQuery, KeepCaseBody
from serving.schemas.strict import Schema


Text = Annotated[str, Field(max_length=LONGEST_FIELD)]
Short = Annotated[str, Field(max_length=200)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Errors = list[tuple[str, str]]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


class FindForm(Schema):
    """The form of a search: by one way, with the fields of that way."""

    csrf: Text
    way: Literal["name", "number", "case"]
    surname: Short = ""
    forename: Short = ""
    postcode: Short = ""
    birth_day: Short = ""
    birth_month: Short = ""
    birth_year: Short = ""
    identifier: Short = ""
    number: Short = ""
    case_reference: Short = ""

    def query(self) -> FindQuery:
        """Return what is sought."""
        if self.way == "case":
            return FindQuery(case_reference=self.case_reference)
        if self.way == "number":
            return FindQuery(identifier=self.identifier, number=self.number)
        return FindQuery(
            birth_date=self._birth_date(),
            surname=self.surname,
            forename=self.forename,
            postcode=self.postcode,
        )

    def _birth_date(self) -> str:
        parts = (self.birth_year, self.birth_month, self.birth_day)
        year, month, day = (part.strip() for part in parts)
        if not (year or month or day):
            return ""
        return f"{year}-{month.zfill(2)}-{day.zfill(2)}"


class FoundForm(Schema):
    """A form about the one who was found."""

    csrf: Text
    person: Annotated[str, Field(max_length=400)]


class ContactForm(FoundForm):
    """That they are in contact today."""

    reference: Short = ""


class BreakGlassForm(FoundForm):
    """Why they must be looked at without a relation."""

    reason: Text = ""
    purpose: Short = ""


class KeepCaseForm(FoundForm):
    """For whom a case is kept."""

    account: Short = ""
    reference: Short = ""


@router.get("/find")
def find_page(request: Request, desk: AtDesk, caller: By) -> Response:
    """Ask who is sought."""
    return _find_page(request, desk, caller)


@router.post("/find")
def find(
    request: Request, desk: AtDesk, caller: By, form: Annotated[FindForm, Form()]
) -> Response:
    """Search, and go on to whom the caller may look at, or ask why they must."""
    try:
        found = at_desk.find(desk, caller, form.query())
    except Misuse as misuse:
        is_empty = any(fault.where == "query" for fault in misuse.faults)
        errors = _EMPTY[form.way] if is_empty else errors_of(misuse)
        return _find_page(request, desk, caller, form, errors=errors)
    if found.person is None:
        return _find_page(request, desk, caller, form, found=found)
    if found.relation:
        return go_to(f"/people/{found.person}/chronology")
    return _found_page(request, desk, caller, found.person)


@router.post("/contacts")
def contact(
    request: Request, desk: AtDesk, caller: By, form: Annotated[ContactForm, Form()]
) -> Response:
    """Take down that they are in contact today, and go to them."""
    try:
        contacts.contact(desk, caller, form.person, form.reference)
    except Misuse as misuse:
        errors = errors_of(misuse)
        return _found_page(request, desk, caller, form.person, form, errors)
    return go_to(f"/people/{form.person}/chronology")


@router.post("/break-glass")
def break_glass(
    request: Request, desk: AtDesk, caller: By, form: Annotated[BreakGlassForm, Form()]
) -> Response:
    """Take down why they must be looked at, tell whoever leads, and go to them."""
    try:
        given = (form.person, form.reason, form.purpose)
        contacts.break_glass(desk, caller, *given)
    except Misuse as misuse:
        errors = errors_of(misuse)
        return _found_page(request, desk, caller, form.person, form, errors)
    return go_to(f"/people/{form.person}/chronology")


@router.get("/cases")
def cases(request: Request, desk: AtDesk, caller: By) -> Response:
    """List the cases that are kept for the team."""
    kept = kept_cases.kept_cases(desk, caller)
    return render(request, "kept_cases.html", title="Cases we keep", kept=kept)


@router.post("/cases")
def keep_case(
    request: Request, desk: AtDesk, caller: By, form: Annotated[KeepCaseForm, Form()]
) -> Response:
    """Keep a case about them for one of the team."""
    body = KeepCaseBody(
        person=form.person, account=form.account, reference=form.reference
    )
    try:
        kept_cases.keep_case(desk, caller, body)
    except Misuse as misuse:
        named = [(text, _CASE_FIELDS.get(of, of)) for text, of in errors_of(misuse)]
        return _found_page(request, desk, caller, form.person, form, named)
    return go_to("/cases")


@router.post("/cases/{case}/end")
def end_case(desk: AtDesk, caller: By, case: Number) -> Response:
    """End a case that is kept for the team."""
    kept_cases.end_case(desk, caller, case)
    return go_to("/cases")


# What a form lacks in which nothing was filled in.
_EMPTY: Mapping[str, Errors] = {
    "name": [
        ("Give the surname", "surname"),
        ("Give the birth date as day, month and year", "birth_day"),
    ],
    "number": [("Give the number", "number")],
    "case": [("Give the case’s number", "case_reference")],
}
# Two forms of one page ask for a reference; each field has an id of its own.
_CASE_FIELDS = {"reference": "case_number"}


def _find_page(
    request: Request,
    desk: Desk,
    caller: Caller,
    form: FindForm | None = None,
    *,
    found: FindAnswer | None = None,
    errors: Errors | None = None,
) -> Response:
    return render(
        request,
        "find.html",
        status=422 if errors else 200,
        title="Find someone",
        choices=at_desk.choices(desk, caller),
        given=form,
        found=found.found if found else None,
        errors=errors or [],
    )


def _found_page(
    request: Request,
    desk: Desk,
    caller: Caller,
    person: str,
    form: FoundForm | None = None,
    errors: Errors | None = None,
) -> Response:
    return render(
        request,
        "found.html",
        status=422 if errors else 200,
        title="Why do you need to look?",
        choices=at_desk.choices(desk, caller),
        person=person,
        given=form,
        errors=errors or [],
        wrong={field: text for text, field in errors or []},
        back="/find",
        back_text="Search again",
    )
