"""The administrator's page of accounts."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from models.ledger.tables import views
from models.settings import OpenIdSettings
from serving.access.accounts import find_subject
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger
from tests.serving.pages.people_pages import text_of


ISSUER = "https://login.example"
NEW = {
    **{"name": "ed.new", "display_name": "Ed New", "role": "caseworker"},
    **{"team": "", "partner": "", "worker": "", "password": ""},
}


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        (
            {"name": "Ed New!"},
            "Name at sign-in: it is 2 to 100 small letters, digits and signs of "
            ". _ @ + or -. Write one such as ann.example.",
            "name",
        ),
        (
            {"name": "ann"},
            "Name at sign-in: each account has its own name. Take another name.",
            "name",
        ),
        ({"display_name": ""}, "Name to show: a name to show has 1", "display_name"),
        ({"role": "manager"}, "Team: a manager has a team. Name one.", "team"),
        ({"role": "steward"}, "Partner: a steward has a partner. Name one.", "partner"),
        ({"password": "short"}, "First password: ", "password"),
    ],
)
def test_what_is_wrong_says_where_and_what_to_do(service, changes, said, field):
    answer = service.send("/accounts", "oli", **(NEW | changes))

    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text


def test_what_was_written_is_kept_and_the_password_is_not(service):
    sent = NEW | {"role": "manager", "password": "a password of mine"}

    answer = service.send("/accounts", "oli", **sent)

    assert 'value="Ed New"' in answer.text
    assert '<option value="manager" selected' in answer.text
    assert "a password of mine" not in answer.text


@pytest.fixture
def elsewhere(tmp_path):
    """A service to which people sign in elsewhere, and by passwords too."""
    secret = tmp_path / "secret"
    secret.write_text("what this service proves itself with")
    open_id = OpenIdSettings(ISSUER, "lamppost", secret, keeps_passwords=True)
    settings = {"open_id": open_id, "public_address": "https://lamppost.example"}
    return Service(tmp_path, people_ledger(tmp_path), settings=settings)


def test_who_signs_in_elsewhere_is_added_with_their_subject(elsewhere):
    asked = text_of(elsewhere.page("/accounts", "oli").text)
    answer = elsewhere.send("/accounts", "oli", **NEW, subject=" 2f6c0c1e ")

    assert "Subject, where they sign in elsewhere" in asked
    assert answer.status_code == 303
    with elsewhere.ledger.reading() as connection:
        found = find_subject(connection, ISSUER, "2f6c0c1e")
        row = connection.execute(sa.select(views).order_by(views.c.id.desc())).first()
    assert found.name == "ed.new" and found.password is None
    assert (row.action, json.loads(row.detail)["did"]) == ("accounts", "add")


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("2f6c0c1e", "Subject: a subject has one account. Name another subject."),
        ("x" * 256, "Subject: a subject has 1 to 255 characters."),
    ],
)
def test_a_subject_is_one_person_s(elsewhere, subject, said):
    elsewhere.send("/accounts", "oli", **NEW, subject="2f6c0c1e")

    answer = elsewhere.send(
        *("/accounts", "oli"), **(NEW | {"name": "eve"}), subject=subject
    )

    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert 'id="subject-error"' in answer.text


def test_nobody_is_bound_where_nobody_signs_in_elsewhere(service):
    asked = service.page("/accounts", "oli").text
    answer = service.send("/accounts", "oli", **NEW, subject="2f6c0c1e")

    assert 'name="subject"' not in asked
    assert answer.status_code == 422


CHANGED = {
    **{"display_name": "Ben Example", "role": "manager", "team": "North"},
    **{"partner": "", "worker": ""},
}


def number(service, name: str) -> int:
    return service.account(name).id


def test_an_account_is_bound_to_another_role_team_and_worker_at_once(service):
    ben = number(service, "ben")

    page = service.page(f"/accounts/{ben}", "oli")
    done = service.send(f"/accounts/{ben}", "oli", **CHANGED)

    assert 'value="West"' in page.text
    assert '<option value="caseworker" selected' in page.text
    assert (done.status_code, done.headers["location"]) == (303, "/accounts")
    changed = service.account("ben")
    assert (changed.role, changed.team, changed.worker) == ("manager", "North", None)
    assert "Worklists" in service.page("/account", "ben").text


def test_a_change_is_a_row_of_the_audit(service):
    ben = number(service, "ben")

    service.send(f"/accounts/{ben}", "oli", **CHANGED)

    with service.ledger.reading() as connection:
        query = sa.select(views).order_by(views.c.id.desc()).limit(1)
        row = connection.execute(query).one()
    assert (row.token_name, row.action, row.outcome) == ("oli", "accounts", "shown")
    assert json.loads(row.detail) == {"account": ben, "did": "change"}


def test_a_change_that_cannot_be_says_where_and_what_to_do(service):
    ben = number(service, "ben")

    answer = service.send(f"/accounts/{ben}", "oli", **(CHANGED | {"team": " "}))

    assert answer.status_code == 422
    assert "Team: a manager has a team. Name one." in text_of(answer.text)
    assert '<option value="manager" selected' in answer.text
    assert service.account("ben").role == "caseworker"


def test_nobody_changes_their_own_account_and_without_the_forms_token_nobody(service):
    oli, ben = number(service, "oli"), number(service, "ben")
    session = service.session("oli")

    own = service.send(f"/accounts/{oli}", "oli", **(CHANGED | {"team": "East"}))
    bare = service.browse(session, "POST", f"/accounts/{ben}", data=CHANGED)

    assert "Someone else who looks after accounts" in text_of(
        service.page(f"/accounts/{oli}", "oli").text
    )
    assert (own.status_code, bare.status_code) == (403, 403)
    assert service.account("oli").role == "administrator"
    assert service.account("ben").role == "caseworker"


def test_an_account_that_is_not_there_is_absent(service):
    assert service.page("/accounts/999", "oli").status_code == 404
    assert service.send("/accounts/999", "oli", **CHANGED).status_code == 404
