from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from lamppost.cli.app import app
from models.audit.audit import Audit
from serving.access.signing_in import Attempt, sign_in
from tests.made_up_score import NOW, audit_files, new_ledger


PASSWORD = "four words are enough"


@pytest.fixture
def place(tmp_path):
    """A starter place with an empty ledger, and a file with a password."""
    assert CliRunner().invoke(app, ["init", str(tmp_path / "place")]).exit_code == 0
    (tmp_path / "store").mkdir()
    new_ledger(tmp_path / "store").close()
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    return tmp_path


def ask(place, *arguments, **more):
    where = ["--place", str(place / "place"), "--store", str(place / "store")]
    return CliRunner().invoke(app, [*arguments, *where], **more)


def add(place, name, *more):
    words = ["--role", "caseworker", "--password-file", str(place / "password")]
    return ask(place, "account", "add", name, *words, *more)


def lets_in(place, name, password=PASSWORD):
    store = place / "store"
    audit = Audit(new_ledger(store), audit_files(store))
    return sign_in(audit, Attempt(name, password), NOW) is not None


def listed(place):
    return json.loads(ask(place, "account", "list", "--json").stdout)["accounts"]


def test_an_account_is_added_listed_and_lets_in(place):
    added = add(place, "eve", "--team", "East", "--display-name", "Eve Example")

    assert added.exit_code == 0, added.stderr
    assert [(a["name"], a["shown as"], a["team"]) for a in listed(place)] == [
        ("eve", "Eve Example", "East")
    ]
    assert lets_in(place, "eve")
    assert PASSWORD not in added.stdout + added.stderr


def test_a_password_is_asked_for_twice_where_no_file_is_named(place):
    typed = f"{PASSWORD}\n{PASSWORD}\n"

    added = ask(place, "account", "add", "eve", "--role", "board", input=typed)

    assert added.exit_code == 0, added.stderr
    assert lets_in(place, "eve")


def test_all_that_is_wrong_is_told_and_nothing_is_done(place):
    add(place, "eve")

    refused = add(place, "eve", "--role", "king")

    assert refused.exit_code == 2
    assert "each account has its own name" in refused.stderr
    assert "the role must exist" in refused.stderr
    assert len(listed(place)) == 1


def test_an_account_is_disabled_and_let_in_again(place):
    add(place, "eve")

    ask(place, "account", "disable", "eve")
    out = lets_in(place, "eve")
    ask(place, "account", "enable", "eve")

    assert (out, lets_in(place, "eve")) == (False, True)


def test_an_account_is_changed_and_bound(place):
    add(place, "eve")

    ask(place, "account", "change", "eve", "--role", "manager", "--team", "West")
    words = ["--issuer", "https://id.example", "--subject", "1"]
    ask(place, "account", "bind", "eve", *words)

    (account,) = listed(place)
    assert (account["role"], account["team"]) == ("manager", "West")
    assert account["signs in by"] == "password, openid"


def test_an_account_is_given_another_password(place):
    add(place, "eve")
    (place / "password").write_text("quite another phrase")

    words = ["--password-file", str(place / "password")]
    ask(place, "account", "password", "eve", *words)

    assert not lets_in(place, "eve")
    assert lets_in(place, "eve", "quite another phrase")


@pytest.mark.parametrize("verb", ["disable", "enable"])
def test_an_account_that_is_not_there_is_a_misuse(place, verb):
    refused = ask(place, "account", verb, "nobody")

    assert refused.exit_code == 2
    assert "the account must be there" in refused.stderr


def test_a_token_is_issued_listed_and_revoked(place):
    ask(place, "account", "add", "robot", "--role", "caseworker", "--no-password")
    words = ["--for", "the case system", "--days", "7", "--json"]

    issued = json.loads(ask(place, "token", "robot", *words).stdout)
    before = json.loads(ask(place, "token", "--json").stdout)["tokens"]
    ask(place, "token", "--revoke", issued["id"])
    after = json.loads(ask(place, "token", "--json").stdout)["tokens"]

    assert issued["token"].count(".") == 2
    assert [(t["name"], t["what_for"]) for t in before] == [
        ("robot", "the case system")
    ]
    assert after == []
    again = ask(place, "token", "--revoke", issued["id"])
    assert again.exit_code == 2


def test_what_was_done_is_on_record_and_who_did_it(place):
    add(place, "eve")
    ask(place, "account", "disable", "eve")

    checked = json.loads(ask(place, "audit", "verify", "--json").stdout)

    assert (checked["audit"], checked["rows"]) == ("whole", 2)
