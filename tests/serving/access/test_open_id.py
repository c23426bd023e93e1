from __future__ import annotations

import asyncio
import datetime as dt
import json
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa

from features.faults import Refusal
from models.ledger.access_tables import accounts, sessions
from models.settings import OpenIdSettings
from serving.access.open_id import MOST_AT_ONCE
from tests.made_up_score import NOW
from tests.open_id_provider import CLIENT, COMES_BACK_TO, FAULTS, running_provider
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger


HTML = {"accept": "text/html"}
MINUTE = dt.timedelta(minutes=1)
SESSION = "__Host-lamppost_session"
OIDC = "__Host-lamppost_oidc"


@pytest.fixture(scope="module")
def provider():
    with running_provider() as running:
        running.control(now=NOW.timestamp())
        yield running


@pytest.fixture(autouse=True)
def without_faults(provider, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield
    if provider.process.poll() is None:
        provider.control(now=NOW.timestamp(), subject="subject-1")


def bound(service: Service, provider, **more) -> Service:
    """Let the service take people in by the provider, and Ann be its first subject."""
    secret = service.folder / "secret"
    secret.write_text(f"{provider.secret}\n")
    settings = OpenIdSettings(provider.issuer, CLIENT, secret, **more)
    service.settings = {"open_id": settings, "public_address": "https://service"}
    with service.ledger.writing() as connection:
        bind = sa.update(accounts).where(accounts.c.name == "ann")
        who = {"issuer": provider.issuer, "subject": "subject-1"}
        connection.execute(bind.values(**who))
    return service


@pytest.fixture
def service(tmp_path, provider):
    return bound(Service(tmp_path, people_ledger(tmp_path)), provider)


@dataclass
class Came:
    """How it went: there, back, and what the browser holds at the end."""

    there: httpx.Response
    back: httpx.Response | None
    cookies: dict[str, str]


def go(service: Service, provider, to: str = "/account", **control) -> Came:
    """Sign in as a browser does."""
    if control:
        provider.control(**control)

    async def talked(client):
        there = await client.get("/oidc/start", params={"next": to}, headers=HTML)
        if there.status_code != 303:
            return Came(there, None, dict(client.cookies))
        back_to = provider.authorize(there.headers["location"])
        back = await client.get(back_to, headers=HTML)
        return Came(there, back, dict(client.cookies))

    return service.talk(talked)


def is_out(service: Service) -> bool:
    with service.ledger.reading() as connection:
        return connection.execute(sa.select(sessions)).all() == []


def test_who_signs_in_at_the_provider_is_in_here(service, provider):
    came = go(service, provider)

    assert came.back.status_code == 303
    assert came.back.headers["location"] == "/account"
    page = service.browse(came.cookies[SESSION], "GET", "/account")
    assert "Ann Example" in page.text
    assert service.views() == [("ann", "sign in", None, None, "shown")]


def test_the_provider_is_asked_with_state_nonce_and_a_proof(service, provider):
    address = urlsplit(go(service, provider).there.headers["location"])

    asked = {name: found[0] for name, found in parse_qs(address.query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == COMES_BACK_TO
    assert all(len(asked[n]) >= 30 for n in ("state", "nonce", "code_challenge"))


def test_what_is_kept_meanwhile_is_sealed_and_gone_at_the_end(service, provider):
    came = go(service, provider)

    address = came.there.headers["location"]
    nonce = parse_qs(urlsplit(address).query)["nonce"][0]
    cookie = came.there.headers["set-cookie"]
    assert cookie.startswith(OIDC)
    assert nonce not in cookie
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Max-Age=600"):
        assert part in cookie
    assert OIDC not in came.cookies


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_is_not_right_lets_nobody_in(service, provider, fault):
    came = go(service, provider, fault=fault)

    wanted = 503 if fault == "no JSON" else 403
    assert came.back.status_code == wanted
    assert SESSION not in came.cookies
    assert is_out(service)
    if wanted == 403:
        assert "We could not check that it was you" in came.back.text
        assert service.views() == [("unknown", "sign in", None, None, "refused")]


DEEP = "[" * 5000
NO_ADDRESS = """{"issuer": "HERE", "authorization_endpoint": "https://[",
"token_endpoint": "HERE/token", "jwks_uri": "HERE/jwks"}"""


@pytest.mark.parametrize(
    "said",
    [
        {"about": DEEP},
        {"about": "<html>"},
        {"about": NO_ADDRESS},
        {"keys": DEEP},
        {"keys": '{"keys": ["a key"]}'},
        {"keys": '{"keys": 5}'},
        {"keys": '{"keys": []}'},
        {"redeemed": DEEP},
        {"redeemed": '"a token"'},
        {"redeemed": '{"access_token": "x", "expires_in": [1]}'},
        {"redeemed": '{"access_token": "x", "expires_in": 1e999}'},
    ],
)
def test_a_provider_that_talks_nonsense_counts_as_away(service, provider, said):
    told = {what: text.replace("HERE", provider.issuer) for what, text in said.items()}

    came = go(service, provider, **told)

    answer = came.back or came.there
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert is_out(service)


@pytest.mark.parametrize("subject", ["a zero \0", "two\nlines", ""])
def test_a_subject_that_cannot_be_anybodys_lets_nobody_in(service, provider, subject):
    came = go(service, provider, more=json.dumps({"sub": subject}))

    assert came.back.status_code == 403
    assert "We could not check that it was you" in came.back.text


def test_keys_that_nobody_can_read_do_not_stand_in_the_way_of_others(service, provider):
    asked = httpx.get(f"{provider.issuer}/jwks", trust_env=False).json()
    odd = [5, {"kty": "RSA", "kid": "odd"}, {"kty": "EC", "crv": "secp999", "x": "AA"}]

    came = go(service, provider, keys=json.dumps({"keys": [*odd, *asked["keys"]]}))

    assert came.back.status_code == 303


def test_while_the_provider_hangs_whoever_is_signed_in_goes_on(service, provider):
    signed_in = {**HTML, "cookie": f"{SESSION}={service.session()}"}
    # As many as the service answers at once; all but a few are told at once.
    most, turned_away = 32, 32 - MOST_AT_ONCE
    ends = []

    async def begin(client):
        ends.append((await client.get("/oidc/start", headers=HTML)).status_code)

    async def talked(client):
        waiting = asyncio.gather(*(begin(client) for _ in range(most)))
        while len(ends) < turned_away:
            await asyncio.sleep(0.01)
        page = await client.get("/account", headers=signed_in)
        provider.control()
        await waiting
        return page.status_code

    provider.control(hangs="yes")
    assert service.talk(talked) == 200
    assert ends == [503] * turned_away + [303] * MOST_AT_ONCE


def test_who_waited_for_a_provider_that_is_away_does_not_wait_again(service, provider):
    async def talked(client):
        provider.control(about="<html>")
        first = await client.get("/oidc/start", headers=HTML)
        provider.control()
        at_once = await client.get("/oidc/start", headers=HTML)
        service.now += dt.timedelta(seconds=6)
        later = await client.get("/oidc/start", headers=HTML)
        return [a.status_code for a in (first, at_once, later)]

    assert service.talk(talked) == [503, 503, 303]


def test_whoever_has_no_account_is_told_whom_to_ask(service, provider):
    came = go(service, provider, subject="subject-2")

    assert came.back.status_code == 403
    assert "you have no account here" in came.back.text
    assert is_out(service)
    assert service.views() == [("unknown", "sign in", None, None, "refused")]


def test_a_disabled_account_is_told_the_same(service, provider):
    with service.ledger.writing() as connection:
        connection.execute(sa.update(accounts).values(disabled_at=NOW))

    came = go(service, provider)

    assert came.back.status_code == 403
    assert "you have no account here" in came.back.text
    assert service.views() == [("ann", "sign in", None, None, "refused")]


def test_the_same_answer_is_taken_once(service, provider):
    async def talked(client):
        there = await client.get("/oidc/start")
        kept = client.cookies[OIDC]
        back_to = provider.authorize(there.headers["location"])
        first = await client.get(back_to, headers=HTML)
        again = await client.get(back_to, headers=HTML)
        # Even a browser that kept its cookie cannot use the code twice.
        cookie = {**HTML, "cookie": f"{OIDC}={kept}"}
        kept_again = await client.get(back_to, headers=cookie)
        return [a.status_code for a in (first, again, kept_again)]

    assert service.talk(talked) == [303, 403, 403]


def test_a_code_that_was_meant_for_another_browser_is_worth_nothing(service, provider):
    async def talked(client):
        theirs = await client.get("/oidc/start")
        stolen = parse_qs(
            urlsplit(provider.authorize(theirs.headers["location"])).query
        )
        ours = await client.get("/oidc/start")
        state = parse_qs(urlsplit(ours.headers["location"]).query)["state"][0]
        asked = {"code": stolen["code"][0], "state": state}
        return await client.get("/oidc/callback", params=asked, headers=HTML)

    assert service.talk(talked).status_code == 403
    assert is_out(service)


@pytest.mark.parametrize("cookie", ["", "nonsense", "gAAAAA" + "x" * 100, "é"])
def test_an_answer_that_nobody_asked_for_is_not_taken(service, provider, cookie):
    header = {**HTML, "cookie": f"{OIDC}={cookie}".encode()}

    path = "/oidc/callback?code=x&state=y"
    answer = service.get(path, token="", headers=header)

    assert answer.status_code == 403


def test_whoever_takes_longer_than_ten_minutes_begins_again(service, provider):
    async def talked(client):
        there = await client.get("/oidc/start")
        back_to = provider.authorize(there.headers["location"])
        service.now += 11 * MINUTE
        return await client.get(back_to, headers=HTML)

    assert service.talk(talked).status_code == 403


def test_a_new_key_of_the_provider_is_asked_for(service, provider):
    async def sign_in(client):
        there = await client.get("/oidc/start")
        back_to = provider.authorize(there.headers["location"])
        return (await client.get(back_to, headers=HTML)).status_code

    async def talked(client):
        before = await sign_in(client)
        service.now += 2 * MINUTE
        provider.control(key="new", now=service.now.timestamp())
        return before, await sign_in(client)

    assert service.talk(talked) == (303, 303)


def test_without_the_provider_nobody_new_comes_in_and_all_others_go_on(
    tmp_path, monkeypatch
):
    with running_provider() as gone:
        service = bound(Service(tmp_path, people_ledger(tmp_path)), gone)
    session = service.session()

    came = go(service, gone)

    assert came.there.status_code == 503
    assert came.there.headers["retry-after"]
    assert "does not answer" in came.there.text
    assert service.browse(session, "GET", "/account").status_code == 200


def test_local_passwords_are_off_unless_they_are_kept(service, provider):
    asked = service.get("/sign-in", token="")
    tried = service.talk(_post_password)
    bound(service, provider, keeps_passwords=True)
    kept = service.get("/sign-in", token="")

    assert 'name="password"' not in asked.text
    assert 'href="/oidc/start?next=/"' in asked.text
    assert tried.status_code == 403
    assert 'name="password"' in kept.text


async def _post_password(client):
    page = await client.get("/sign-in")
    csrf = page.text.split('name="csrf" value="')
    data = {"csrf": csrf[1].split('"')[0]} if len(csrf) > 1 else {}
    return await client.post("/sign-in", data={**data, "name": "ann", "password": "x"})


@pytest.mark.parametrize(
    ("needed", "said", "status"),
    [
        ({"needed_amr": "mfa"}, '{"amr": ["pwd", "mfa"]}', 303),
        ({"needed_amr": "mfa"}, '{"amr": ["pwd"]}', 403),
        ({"needed_amr": "mfa"}, '{"amr": "mfa"}', 403),
        ({"needed_amr": "mfa"}, "{}", 403),
        ({"needed_acr": "high"}, '{"acr": "high"}', 303),
        ({"needed_acr": "high"}, '{"acr": "low"}', 403),
        ({"needed_acr": "high"}, "{}", 403),
    ],
)
def test_a_second_factor_can_be_asked_for(service, provider, needed, said, status):
    bound(service, provider, **needed)

    came = go(service, provider, more=said)

    assert came.back.status_code == status


def test_without_a_provider_there_is_no_such_page(tmp_path):
    service = Service(tmp_path, people_ledger(tmp_path))

    for path in ("/oidc/start", "/oidc/callback"):
        assert service.get(path, token="").status_code == 404


def test_a_secret_that_cannot_be_read_stops_the_service(service):
    (service.folder / "secret").unlink()

    with pytest.raises(Refusal, match="secret can be read"):
        service.app()
