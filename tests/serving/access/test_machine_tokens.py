from __future__ import annotations

import base64
import datetime as dt
import json

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from features.faults import Misuse, Refusal
from models.ledger.access_tables import accounts, tokens
from serving.access.accounts import disable_account, enable_account
from serving.access.acts import act_by_hand, issuing, revoking
from serving.access.machine_tokens import Wanted, issue_token
from serving.access.service_keys import signing_key, token_keys
from tests.made_up_score import NOW
from tests.serving.access.forged_tokens import FORGED, Real
from tests.serving.conftest import AUDIENCE, Service
from tests.serving.made_up_people import people_ledger


PATH = "/v1/people"
SECOND = dt.timedelta(seconds=1)
DAY = dt.timedelta(days=1)


def unpacked(part: str):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One service for all forged tokens: none of them changes it."""
    folder = tmp_path_factory.mktemp("forged")
    return Service(folder, people_ledger(folder))


@pytest.fixture(scope="module")
def real(served):
    header, claims, _ = served.token("ann").split(".")
    revoked = unpacked(served.token("ann").split(".")[1])["jti"]
    disabled = unpacked(served.token("ben").split(".")[1])
    with served.ledger.writing() as connection:
        is_revoked = tokens.c.id == revoked
        connection.execute(sa.update(tokens).where(is_revoked).values(revoked_at=NOW))
        is_ben = accounts.c.name == "ben"
        connection.execute(sa.update(accounts).where(is_ben).values(disabled_at=NOW))
    seed = bytes.fromhex(served.keys.tokens_private.read_text())
    known = {
        "other": str(served.account("mia").id),
        "revoked": revoked,
        "disabled": {n: disabled[n] for n in ("sub", "jti")},
    }
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return Real(key, unpacked(header), unpacked(claims), known)


def ask(service: Service, token: str) -> httpx.Response:
    header = f"Bearer {token}".encode()
    return service.get(PATH, token="", headers={"authorization": header})


def test_the_token_that_all_others_are_made_of_opens_the_door(served, real):
    assert ask(served, real.token()).status_code == 200


def test_there_are_enough_forged_tokens_and_no_two_are_the_same(real):
    made = {forge(real) for forge in FORGED.values()}

    assert len(made) == len(FORGED) >= 40


@pytest.mark.parametrize("name", sorted(FORGED))
def test_a_forged_token_opens_nothing_and_is_told_nothing(served, real, name):
    answer = ask(served, FORGED[name](real))

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == {
        "type": "about:blank",
        "title": "A valid token is needed",
        "status": 401,
    }


@pytest.mark.parametrize("scheme", ["Basic ", "", "Bearer  ", "Bearer\t", "Token "])
def test_another_scheme_opens_nothing(served, real, scheme):
    header = {"authorization": scheme + real.token()}

    assert served.get(PATH, token="", headers=header).status_code == 401


def test_two_tokens_at_once_open_nothing(served, real):
    both = [("authorization", f"Bearer {real.token()}")] * 2

    async def asked(client):
        return await client.get(PATH, headers=both)

    assert served.talk(asked).status_code == 401


def test_a_token_in_the_address_opens_nothing(served, real):
    path = f"{PATH}?access_token={real.token()}"

    assert served.get(path, token="").status_code == 401


def test_a_token_holds_until_it_expires_and_half_a_minute_for_clocks(service):
    token = service.token(days=1)
    found = []
    for at in (NOW + DAY + 29 * SECOND, NOW + DAY + 30 * SECOND, NOW - 31 * SECOND):
        service.now = at
        found.append(ask(service, token).status_code)

    assert found == [200, 401, 401]


def test_a_token_that_is_taken_back_is_worth_nothing_at_once(service):
    token = service.token()
    before = ask(service, token).status_code
    name = unpacked(token.split(".")[1])["jti"]

    with service.ledger.writing() as connection:
        held = tokens.c.id == name
        connection.execute(sa.update(tokens).where(held).values(revoked_at=NOW))

    assert (before, ask(service, token).status_code) == (200, 401)


def test_a_token_ends_when_its_account_is_disabled_and_stays_so(service):
    token, account = service.token(), service.account()
    with service.ledger.writing() as connection:
        disable_account(connection, account, NOW)
    assert ask(service, token).status_code == 401

    with service.ledger.writing() as connection:
        enable_account(connection, account)

    assert ask(service, token).status_code == 401
    assert ask(service, service.token()).status_code != 401


def test_a_new_key_is_believed_at_once_and_the_old_one_until_it_is_taken_away(service):
    old = service.token()
    service.keys.tokens_private.unlink()
    new = service.token()

    assert len(token_keys(service.keys.tokens_public)) == 2
    assert [ask(service, t).status_code for t in (old, new)] == [200, 200]
    newest = service.keys.tokens_public.read_text().split()[-1]
    service.keys.tokens_public.write_text(f"{newest}\n")
    assert [ask(service, t).status_code for t in (old, new)] == [401, 200]


def test_the_service_needs_no_private_key(service):
    token = service.token()
    service.keys.tokens_private.unlink()

    assert ask(service, token).status_code == 200


def test_only_its_owner_can_read_a_key_that_is_secret(service):
    service.token()
    service.csrf("a session")

    for secret in (service.keys.tokens_private, service.keys.service):
        assert secret.stat().st_mode & 0o077 == 0


def test_a_file_of_public_keys_that_is_broken_is_refused_by_its_line(tmp_path):
    broken = tmp_path / "tokens.pub"
    broken.write_text(f"{'ab' * 32}\nnonsense\n")

    with pytest.raises(Refusal, match="line 2: each line is a key"):
        token_keys(broken)


@pytest.mark.parametrize(
    ("what_for", "days", "told"),
    [
        ("the case system", 401, "valid for 1 to 400 days, got 401"),
        ("the case system", 0, "valid for 1 to 400 days, got 0"),
        ("", 30, "say which machine"),
        ("a\nb", 30, "say which machine"),
    ],
)
def test_a_token_that_nobody_should_hold_is_not_issued(service, what_for, days, told):
    wanted = Wanted(service.account(), what_for, days)
    key = signing_key(service.keys)

    with pytest.raises(Misuse, match=told), service.ledger.writing() as connection:
        issue_token(connection, wanted, signed_by=key, audience=AUDIENCE, at=NOW)


def test_issuing_and_revoking_are_on_record(service):
    audit = service.app().state.desk.audit
    key = signing_key(service.keys)
    act = issuing("ann", "a test", 1, signed_by=key, audience=AUDIENCE, at=NOW)

    issued = act_by_hand(audit, "command line: ada", act, NOW)
    act_by_hand(audit, "command line: ada", revoking(issued.id, NOW), NOW)

    row = ("command line: ada", "accounts", None, None, "shown")
    assert service.views() == [row, row]
    assert ask(service, issued.token).status_code == 401
