from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import zlib

import pytest

from models.ledger.frozen_places import keep_place
from serving.desk.opened import opened_score
from serving.pages.explanation import as_pdf, explanation_text
from tests.made_up_score import NOW, TODAY
from tests.serving.made_up_people import caller, people_desk, place
from tests.serving.pages.people_pages import text_of
from tests.training.reading import GRADE_OF_TWELVE, grade


def plain(pdf: bytes) -> bytes:
    """Return a PDF with what is packed in it unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return pdf + b"".join(map(_unpacked, packed))


def _unpacked(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return part


def explained(folder, **flags):
    desk = people_desk(folder)
    frozen = place()
    sources = [
        one.model_copy(update={"flags": flags.get(one.name, [])})
        for one in frozen.sources
    ]
    with desk.audit.ledger.writing() as connection:
        flagged = frozen.model_copy(update={"sources": sources})
        keep_place(connection, flagged, at=NOW + dt.timedelta(seconds=1))
    ann = caller("ann")
    person = desk.ids.seal(ann, "p05")
    opened = opened_score(desk, ann, person, "care", for_themself=True)
    return explanation_text(opened, on=TODAY)


def explanation(service, who="p05"):
    path = f"/people/{service.person(who)}/score/care/explanation.pdf"
    return service.page(path)


def test_the_explanation_is_a_tagged_pdf_with_a_title_and_a_language(service):
    answer = explanation(service)
    content = plain(answer.content)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"%PDF-")
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"pdfuaid"):
        assert mark in content


def test_to_read_it_is_a_look_at_the_score(service):
    explanation(service)

    assert service.views()[-1] == ("ann", "score", "care", "p05", "shown")


def test_it_tells_the_person_what_why_and_what_they_can_do(tmp_path):
    told = text_of(explained(tmp_path))

    assert "For Ada Quill, from Made-up Borough. Made on 2 November 2026." in told
    assert "Of 100 people like you it came true for about 31." in told
    assert "Of 100 people on the whole list it came true for about 10." in told
    assert "Had 9 visits in the last 12 months. This goes with a higher score" in told
    for word in ("Ask", "Put it right.", "Object.", "Complain"):
        assert word in told
    assert "Who answers for this score: Head of adult social care" in told


def test_it_leaves_out_what_is_about_other_people(tmp_path):
    told = text_of(explained(tmp_path))

    assert "Others at the address" not in told
    assert "We leave them out here, because they are about them." in told


LEFT_OUT = "We leave out some reasons here."


@pytest.mark.parametrize(
    ("flags", "left_out", "told"),
    [
        ({"visits": ["health"]}, "Had 9 visits", "The home is owned"),
        ({"homes": ["police"]}, "The home is owned", "Had 9 visits"),
        ({"homes": ["serious harm"]}, "The home is owned", "Had 9 visits"),
    ],
)
def test_it_leaves_out_what_a_reviewer_must_look_at_and_says_so(
    tmp_path, flags, left_out, told
):
    page = text_of(explained(tmp_path, **flags))

    assert left_out not in page and told in page
    assert LEFT_OUT in page
    assert "ask us for all that we hold about you" in page
    assert "This is called a subject access request." in page


def test_what_is_flagged_is_not_called_unknown_in_it_either(tmp_path):
    page = text_of(explained(tmp_path, visits=["health"], homes=["police"]))

    assert "These go with" not in page
    assert "we have no record of it" not in page


def test_it_says_nothing_of_what_is_left_out_where_nothing_is(tmp_path):
    assert LEFT_OUT not in text_of(explained(tmp_path))


def test_the_pdf_is_opened_for_the_person_themself(service, monkeypatch):
    flagged = place().sources
    sources = [one.model_copy(update={"flags": ["health"]}) for one in flagged]
    with service.ledger.writing() as connection:
        frozen = place().model_copy(update={"sources": sources})
        keep_place(connection, frozen, at=NOW + dt.timedelta(seconds=1))
    made = []
    monkeypatch.setattr(
        "serving.pages.explanation.as_pdf", lambda text: made.append(text) or b""
    )

    explanation(service)

    assert LEFT_OUT in made[0] and "Had 9 visits" not in made[0]


def test_a_reader_of_twelve_can_read_it(tmp_path):
    page = explained(tmp_path, homes=["police"]).partition("<body>")[2]
    blocks = re.findall(r"<(p|li)\b[^>]*>(.*?)</\1>", page, re.DOTALL)
    told = [text_of(block) for _, block in blocks]
    sentences = [one for one in told if len(one.split()) > 3]

    assert grade(" ".join(sentences)) <= GRADE_OF_TWELVE


def test_there_is_none_of_a_state_or_of_somebody_unseen(service):
    assert explanation(service, "s02").status_code == 409
    assert explanation(service, "p03").status_code == 404


def test_nothing_that_a_page_names_is_fetched(tmp_path, caplog):
    drawing = tmp_path / "drawing.svg"
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    addresses = (drawing.as_uri(), "http://127.0.0.1:9/", "data:image/png;base64,AA==")
    images = "".join(f'<img alt="" src="{address}">' for address in addresses)

    as_pdf(f"<html lang=en><title>A</title><body>{images}")

    refused = [one for one in caplog.messages if "disallowed protocol" in one]
    assert len(refused) == len(addresses)


def test_weasyprint_is_not_imported_before_it_is_needed():
    code = "import sys, serving.pages.explanation; print('weasyprint' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"


def test_without_what_sets_a_pdf_it_is_said_what_is_missing(service, monkeypatch):
    # As it is where Pango is not installed: the import fails.
    monkeypatch.setitem(sys.modules, "weasyprint", None)

    answer = explanation(service)

    assert answer.status_code == 503
    assert "This service cannot make a PDF" in text_of(answer.text)
