from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from models.ledger.access_tables import accounts, sessions
from serving.access.accounts import NewAccount, create_account
from serving.metrics import METRICS
from tests.made_up_score import NOW
from tests.serving.conftest import Service


pytestmark = pytest.mark.usefixtures("quick_hashes")

MINUTE = dt.timedelta(minutes=1)
PASSWORD = "four words are enough"
WRONG = "the name or the password is wrong"


@pytest.fixture
def eve(service: Service) -> str:
    """Somebody with a password."""
    new = NewAccount("eve", "Eve Example", "caseworker", password=PASSWORD)
    with service.ledger.writing() as connection:
        create_account(connection, new, NOW)
    return "eve"


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def sign_in(service: Service, name: str, password: str, path: str = "/sign-in"):
    """Sign in as a browser does, and return the last answer with its cookies."""

    async def talked(client):
        page = await client.get(path)
        data = {"name": name, "password": password}
        data |= {n: field(page.text, n) for n in ("csrf", "next")}
        answer = await client.post("/sign-in", data=data)
        return answer, dict(client.cookies)

    return service.talk(talked)


def test_whoever_knows_the_password_gets_in_and_where_they_wanted_to(service, eve):
    answer, cookies = sign_in(service, eve, PASSWORD, "/sign-in?next=/account")

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    page = service.browse(cookies["__Host-lamppost_session"], "GET", "/account")
    assert page.status_code == 200
    assert "Eve Example" in page.text
    assert service.views() == [("eve", "sign in", None, None, "shown")]


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(service, eve):
    answer, _ = sign_in(service, eve, PASSWORD)

    cookie = answer.headers.get_list("set-cookie")[0]
    assert cookie.startswith("__Host-lamppost_session=")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie


def test_the_ledger_does_not_hold_what_the_browser_does(service, eve):
    _, cookies = sign_in(service, eve, PASSWORD)

    with service.ledger.reading() as connection:
        kept = connection.execute(sa.select(sessions)).all()
        kept += connection.execute(sa.select(accounts)).all()
    assert cookies["__Host-lamppost_session"] not in str(kept)
    assert PASSWORD not in str(kept)


@pytest.mark.parametrize("name", ["eve", "nobody", "ann", "' OR 1=1 --", "x" * 900])
def test_a_wrong_name_and_a_wrong_password_are_told_in_the_same_words(
    service, eve, name
):
    answer, cookies = sign_in(service, name, "not the password")

    assert answer.status_code == 422
    assert WRONG in answer.text.lower()
    assert "not the password" not in answer.text
    assert "__Host-lamppost_session" not in cookies
    known = name if name in ("eve", "ann") else "unknown"
    assert service.views() == [(known, "sign in", None, None, "refused")]


def test_after_five_wrong_tries_the_right_one_is_wrong_too(service, eve):
    for _ in range(5):
        sign_in(service, eve, "not the password")

    locked, _ = sign_in(service, eve, PASSWORD)
    service.now += 15 * MINUTE
    later, _ = sign_in(service, eve, PASSWORD)

    assert (locked.status_code, later.status_code) == (422, 303)
    assert WRONG in locked.text.lower()


def test_wrong_tries_are_counted_over_all_names(service, eve):
    refused = {"action": "sign in", "outcome": "refused"}

    def count():
        found = METRICS.registry.get_sample_value("lamppost_views_total", refused)
        return found or 0

    before = count()
    for name in (eve, "adam", "someone"):
        sign_in(service, name, "a guess of four words")

    assert count() == before + 3


def test_without_a_session_a_page_sends_to_where_one_signs_in(service):
    answer = service.get("/account", token="")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/account"


@pytest.mark.parametrize(
    "path",
    [
        "//elsewhere.example",
        "https://elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "/%0d%0aset-cookie:x",
        "/a\r\nb",
        "account",
        "/" + "x" * 600,
    ],
)
def test_signing_in_leads_nowhere_else(service, eve, path):
    async def talked(client):
        page = await client.get("/sign-in", params={"next": path})
        data = {"name": eve, "password": PASSWORD, "next": path}
        data["csrf"] = field(page.text, "csrf")
        return await client.post("/sign-in", data=data)

    location = service.talk(talked).headers["location"]

    assert location in ("/", "/%0d%0aset-cookie:x")


def test_a_session_ends_after_half_an_hour_without_a_move(service):
    session = service.session()
    service.now += 29 * MINUTE
    first = service.browse(session, "GET", "/account")
    service.now += 29 * MINUTE
    second = service.browse(session, "GET", "/account")
    service.now += 30 * MINUTE
    third = service.browse(session, "GET", "/account")

    assert [a.status_code for a in (first, second, third)] == [200, 200, 303]


def test_a_session_ends_after_twelve_hours_in_any_case(service):
    session = service.session()
    found = []
    for _ in range(12 * 3):
        service.now += 20 * MINUTE
        found.append(service.browse(session, "GET", "/account").status_code)

    assert found == [200] * 35 + [303]


def test_who_signs_out_is_out(service):
    session = service.session()
    data = {"csrf": service.csrf(session)}

    answer = service.browse(session, "POST", "/sign-out", data=data)

    assert answer.headers["location"] == "/sign-in"
    assert service.browse(session, "GET", "/account").status_code == 303
    assert service.views() == [("ann", "sign out", None, None, "shown")]


def test_what_an_account_may_changes_at_once(service):
    session = service.session("oli")
    before = service.browse(session, "GET", "/accounts").status_code
    with service.ledger.writing() as connection:
        connection.execute(sa.update(accounts).values(role="board"))

    after = service.browse(session, "GET", "/accounts").status_code

    assert (before, after) == (200, 403)


def test_a_disabled_account_is_out_at_once(service):
    session, token = service.session(), service.token()
    with service.ledger.writing() as connection:
        connection.execute(sa.update(accounts).values(disabled_at=NOW))

    assert service.browse(session, "GET", "/account").status_code == 303
    assert service.get("/v1/people", token=token).status_code == 401


def test_a_new_password_ends_all_other_sessions(service, eve):
    _, cookies = sign_in(service, eve, PASSWORD)
    session, other = cookies["__Host-lamppost_session"], service.session(eve)
    new = "quite another phrase"
    data = {"csrf": service.csrf(session), "old": PASSWORD, "new": new, "again": new}

    answer = service.browse(session, "POST", "/account/password", data=data)

    assert answer.headers["location"] == "/account?changed=yes"
    for ended in (session, other):
        assert service.browse(ended, "GET", "/account").status_code == 303
    assert sign_in(service, eve, new)[0].status_code == 303
    assert sign_in(service, eve, PASSWORD)[0].status_code == 422


@pytest.mark.parametrize(
    ("old", "new", "again", "told"),
    [
        ("wrong", "quite another phrase", "quite another phrase", "old password is"),
        (PASSWORD, "short", "short", "12 to 200"),
        (PASSWORD, "quite another phrase", "quite another", "not the same"),
    ],
)
def test_a_password_is_not_changed_by_mistake(service, eve, old, new, again, told):
    answer = service.send("/account/password", eve, old=old, new=new, again=again)

    assert answer.status_code == 422
    assert told in answer.text
    assert sign_in(service, eve, PASSWORD)[0].status_code == 303


def test_one_can_sign_out_everywhere(service):
    sessions_of_ann = [service.session() for _ in range(3)]

    service.send("/account/sign-out-everywhere")

    for session in sessions_of_ann:
        assert service.browse(session, "GET", "/account").status_code == 303


def test_a_session_opens_no_route_for_programs_and_a_token_no_page(service):
    session = service.session()

    assert service.browse(session, "GET", "/v1/people").status_code == 401
    assert service.get("/account").status_code == 303
