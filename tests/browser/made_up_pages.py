"""The open pages, each error, and a page of every part, without a ledger."""

from __future__ import annotations

from fastapi import FastAPI, Request
from jinja2 import DictLoader
from markupsafe import Markup
from starlette.exceptions import HTTPException

from serving.errors import Guard, answer_errors
from serving.pages import assets_served, open_pages
from serving.pages.rendering import Frame, environment, render


STATUSES = (400, 403, 404, 405, 408, 409, 413, 422, 429, 500, 503)
NAVIGATION = (("My people", "/people", "page"), ("Practice cases", "/practice", ""))
FRAME = Frame("Avonmere", "Everyone here is made up.", NAVIGATION, "Ann Example", "t")
# Long enough to show what a word without a space does to a narrow screen.
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 2
PARTS = """
{% extends "layout.html" %}
{% block content %}
{{ parts.errors([("Enter a reference", "reference"), "Say why"]) }}
<h1 class="govuk-heading-l">{{ title }}</h1>
<p class="govuk-body">{{ parts.band("High") }}</p>
{{ parts.state("Not enough data", "We know too little.", "Ask the school.", "A gap.") }}
<h2 class="govuk-heading-m">Reasons</h2>
{% call parts.reasons() %}
{% for size in ("a lot", "some", "a little") %}
{{ parts.reason("Three visits to A&E", "raises", size, value="3 visits", source=long,
   dated="1 May 2026", age="12 days before", href="/records", doubt="A link of .71.") }}
{{ parts.reason("No rent owed", "lowers", size) }}
{% endfor %}
{% endcall %}
{{ parts.summary([("Born", "1 May 1950"), ("Address", long), ("Seen", tagged)]) }}
{{ parts.table("My people",
   [{"text": "Name", "href": "?sort=name", "sorted": "ascending"},
   {"text": "Band", "href": "?sort=band"}, "Newest record"],
   [[{"text": hostile, "href": "/people/1"}, {"band": "High"}, "1 May 2026"]]) }}
{{ parts.timeline([{"title": "Visit", "dated": "1 May 2026", "day": "2026-05-01",
   "text": long, "source": "Housing", "kind": "Repair", "href": "/records/1"}]) }}
{{ parts.details("Of 100 people like this", "About 31.") }}
{% call parts.details("More") %}<p class="govuk-body">HTML</p>{% endcall %}
<form method="post" action="/parts">{{ parts.csrf(csrf) }}
<label class="govuk-label" for="reference">Reference</label>
<input class="govuk-input" id="reference" name="reference">
<div class="lamp-actions"><button class="govuk-button">Save</button>
<a class="govuk-link" href="/people">Leave it</a></div></form>
<p class="lamp-note" id="note">Seen today.</p>
<button class="govuk-button" type="button" data-copies="note" data-tells="told" hidden>
Copy</button><p id="told" role="status"></p>
{% endblock %}
"""


def made_up_pages() -> FastAPI:
    """Return the application."""
    environment().loader.loaders.append(DictLoader({"all_parts.html": PARTS}))
    app = FastAPI(openapi_url=None)
    app.include_router(open_pages.router)
    app.include_router(assets_served.router)
    answer_errors(app)

    @app.get("/errors/{status}")
    def error(status: int) -> None:
        if status == 500:
            raise RuntimeError("a fault of our own")
        raise HTTPException(status)

    @app.get("/number/{number}")
    def number(number: int) -> None:
        return None

    @app.get("/parts")
    def parts(request: Request):
        request.state.frame = FRAME
        told = {"long": LONG, "hostile": "<script>alert(1)</script>", "back": "/people"}
        tagged = Markup("<em>today</em>")
        return render(
            request, "all_parts.html", title="All parts", tagged=tagged, **told
        )

    app.add_middleware(Guard)
    return app
