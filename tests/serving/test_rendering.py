from __future__ import annotations

import asyncio
import re

import httpx
import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request

from features.faults import Fault, Misuse
from models.definitions.states import State
from serving.audit import Absent, Forbidden, NotGiven
from serving.errors import Guard, answer_errors
from serving.pages import assets_served, open_pages
from serving.pages.error_pages import _WORDS
from serving.pages.rendering import TEMPLATES, Frame, environment, render
from tests.training.reading import GRADE_OF_TWELVE, grade


PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FRAME = Frame(
    "Avonmere", "Made up.", (("My people", "/people", "page"),), "Ann", "token"
)
FAULTS = {
    "absent": Absent(),
    "forbidden": Forbidden(),
    "state": NotGiven(State.NOT_ENOUGH_DATA),
    "misuse": Misuse([Fault("reason", "must be said", "nothing", "say it")]),
    "teapot": HTTPException(418),
    "ours": RuntimeError("Mary Example"),
}


def app():
    made = FastAPI(openapi_url=None)
    made.include_router(open_pages.router)
    made.include_router(assets_served.router)
    answer_errors(made)

    @made.get("/{where:path}/faults/{name}")
    def faults(name: str) -> None:
        raise FAULTS[name]

    made.add_middleware(Guard)
    return made


def get(path, headers=PAGE):
    async def asked():
        transport = httpx.ASGITransport(app())
        async with httpx.AsyncClient(
            transport=transport, base_url="http://x"
        ) as client:
            return await client.get(path, headers=headers)

    return asyncio.run(asked())


def request(**state):
    return Request({"type": "http", "path": "/", "headers": [], "state": state})


def test_a_page_may_load_only_what_is_ours():
    policy = get("/cookies").headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not [word for word in policy.split() if "//" in word or word == "*"]


def test_the_one_script_in_a_page_is_let_run_by_a_number_used_once():
    first, second = get("/cookies"), get("/cookies")
    nonces = [re.findall(r'nonce="([^"]+)"', page.text) for page in (first, second)]

    assert [len(found) for found in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    assert f"'nonce-{nonces[0][0]}'" in first.headers["content-security-policy"]


def test_a_page_is_kept_nowhere():
    assert get("/cookies").headers["cache-control"] == "no-store"


def test_what_pages_load_is_kept_for_a_year_and_needs_no_sign_in():
    path = assets_served.assets().path("page.css")
    answer = get(path)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("name", ["made-from.txt", "..%2Fapp.py", "page.css.map"])
def test_nothing_else_is_served(name):
    path = assets_served.assets().path("page.css").replace("page.css", name)

    assert get(path).status_code == 404
    assert get("/static/0000000000000000/page.css").status_code == 404


def test_the_frame_of_whoever_is_signed_in_stands_around_a_page():
    text = render(request(frame=FRAME), "cookies.html", title="Cookies").body.decode()

    for words in ("Avonmere", "Made up.", "Signed in as Ann", 'value="token"'):
        assert words in text
    assert 'href="/people" aria-current="page"' in text


def test_a_stranger_s_page_has_no_navigation_and_no_way_out():
    text = render(request(), "cookies.html", title="Cookies").body.decode()

    assert "Sign out" not in text
    assert "<form" not in text


def test_a_page_with_errors_says_so_first():
    page = render(request(), "cookies.html", title="Sign in", errors=["Wrong"])

    assert "<title>Error: Sign in - Lamppost</title>" in page.body.decode()


@pytest.mark.parametrize("macro", ["band", "summary", "table", "details", "errors"])
def test_no_part_lets_markup_of_a_record_through(macro):
    hostile = '<img src=x onerror="alert(1)">'
    calls = {
        "band": "parts.band(h)",
        "summary": "parts.summary([(h, h)])",
        "table": "parts.table(h, [h, {'text': h}], [[h, {'text': h, 'href': h}]])",
        "details": "parts.details(h, h)",
        "errors": "parts.errors([h, (h, h)], h)",
    }
    template = '{% import "parts.html" as parts %}{{ ' + calls[macro] + " }}"

    text = environment().from_string(template).render(h=hostile)

    assert "<img" not in text


@pytest.mark.parametrize(
    "name, status",
    [
        *(("absent", 404), ("forbidden", 403), ("state", 409)),
        *(("misuse", 422), ("teapot", 418), ("ours", 500)),
    ],
)
def test_a_person_is_told_on_a_page_and_a_program_by_a_problem(name, status):
    page = get(f"/x/faults/{name}")
    problem = get(f"/x/faults/{name}", headers={"accept": "application/json"})
    of_api = get(f"/v1/x/faults/{name}")

    assert [a.status_code for a in (page, problem, of_api)] == [status] * 3
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for answer in (problem, of_api):
        assert answer.headers["content-type"] == "application/problem+json"
    assert "Mary" not in page.text + problem.text + of_api.text


def test_a_page_says_which_state_stands_for_a_score():
    text = get("/x/faults/state").text

    assert State.NOT_ENOUGH_DATA.next_step in text


def test_a_page_says_what_does_not_fit():
    assert "reason: must be said" in get("/x/faults/misuse").text


def sentences():
    for words in _WORDS.values():
        yield from (words.title, words.sentence, words.next)
    for name in ("accessibility", "privacy", "cookies", "layout"):
        text = (TEMPLATES / f"{name}.html").read_text()
        for found in re.findall(r"<(?:p|li)\b[^>]*>(.+?)</(?:p|li)>", text):
            plain = re.sub(r"<[^>]+>|{{ place or \"([^\"]+)\" }}", r"\1", found)
            if "{" not in plain:
                yield plain


def test_a_reader_of_twelve_can_read_the_open_pages_and_the_errors():
    found = list(sentences())
    # Of a line of few words the formula says nothing.
    lines = [line for line in found if len(line.split()) > 5]

    assert len(lines) > 50
    assert {x: grade(x) for x in lines if grade(x) > GRADE_OF_TWELVE} == {}
