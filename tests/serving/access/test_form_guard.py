from __future__ import annotations

import pytest

from serving.gate import is_for_programs, is_open
from tests.serving.test_matrix import routes


OUT = "/account/sign-out-everywhere"


def is_refused(answer) -> bool:
    return answer.status_code == 403 and "not sent from a page of ours" in answer.text


def changing(service) -> list[str]:
    """Every path that takes a form, its parts filled in."""
    some = ["POST", "PUT", "PATCH", "DELETE"]
    found = [route.split(" ", 1) for route in routes(service)]
    return sorted(
        path.replace("{", "").replace("}", "")
        for method, path in found
        if method in some and not is_for_programs(path)
    )


def test_no_form_is_taken_without_its_token(service):
    session, other = service.session(), service.session()
    paths = changing(service)
    given = [{}, {"csrf": ""}, {"csrf": "x" * 64}, {"csrf": service.csrf(other)}]

    async def talked(client):
        headers = {
            "cookie": f"__Host-lamppost_session={session}",
            "accept": "text/html",
        }
        return [
            (path, data, await client.post(path, data=data, headers=headers))
            for path in paths
            for data in given
        ]

    taken = [(p, d) for p, d, answer in service.talk(talked) if not is_refused(answer)]
    assert len(paths) > 10
    assert taken == []


def test_a_path_that_is_added_later_is_guarded_too(service):
    answer = service.browse(service.session(), "POST", "/added/later", data={})

    assert is_refused(answer)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"origin": "https://service"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://service"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "https://service.elsewhere.example"}, 403),
    ],
)
def test_a_form_is_taken_from_our_own_pages_only(service, headers, status):
    session = service.session()
    data = {"csrf": service.csrf(session)}

    answer = service.browse(session, "POST", OUT, data=data, headers=headers)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", '{"csrf": "TOKEN"}'),
        ("text/plain", "csrf=TOKEN"),
        ("multipart/form-data; boundary=x", "csrf=TOKEN"),
        ("", "csrf=TOKEN"),
        ("application/x-www-form-urlencoded", "csrf=TOKEN&csrf=TOKEN"),
        ("application/x-www-form-urlencoded", "csrf=TOKEN" + "&a=b" * 300),
        ("application/x-www-form-urlencoded", "csrf=%C3%A9"),
        ("application/x-www-form-urlencoded", "csrf=TOKEN&x=\xe9"),
    ],
)
def test_what_is_no_form_of_ours_is_not_taken(service, kind, body):
    session = service.session()
    content = body.replace("TOKEN", service.csrf(session)).encode("latin-1")
    headers = {"content-type": kind} if kind else {}

    answer = service.browse(session, "POST", OUT, content=content, headers=headers)

    assert is_refused(answer)


def test_nobody_can_be_signed_in_by_a_form_from_elsewhere(service):
    data = {"name": "ann", "password": "x"}

    async def talked(client):
        without = await client.post("/sign-in", data=data)
        await client.get("/sign-in")
        wrong = await client.post("/sign-in", data={**data, "csrf": "x" * 64})
        return without.status_code, wrong.status_code

    assert service.talk(talked) == (403, 403)
    assert service.views() == []


def test_a_body_that_is_too_large_is_refused_before_it_is_read(service):
    session = service.session()

    answer = service.browse(session, "POST", OUT, content=b"x" * 100_000)

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/healthz/",
        "/static",
        "/oidc",
        "/sign-in/",
        "/Sign-In",
        "//healthz",
        "/privacy/x",
    ],
)
def test_what_looks_like_an_open_path_is_not(path):
    assert not is_open(path)


@pytest.mark.parametrize("cookie", ["", "x", "é", "x" * 43, "' OR 1=1", "x" * 4_000])
def test_a_cookie_that_nobody_was_given_opens_nothing(service, cookie):
    header = {"cookie": f"__Host-lamppost_session={cookie}".encode()}

    assert service.get("/account", token="", headers=header).status_code == 303


def test_the_cookie_of_plain_http_opens_nothing_by_https(service):
    header = {"cookie": f"lamppost_session={service.session()}"}

    assert service.get("/account", token="", headers=header).status_code == 303


def test_on_ones_own_machine_a_cookie_may_go_by_http(service):
    service.settings["insecure_cookies"] = True
    header = {"cookie": f"lamppost_session={service.session()}"}

    assert service.get("/account", token="", headers=header).status_code == 200
    cookie = service.get("/sign-in", token="").headers["set-cookie"]
    assert cookie.startswith("lamppost_form=")
    assert "Secure" not in cookie
