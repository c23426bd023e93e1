from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from features.faults import Refusal
from models.audit.audit import Audit
from models.audit.check import check_audit
from models.ledger.tables import views
from serving import app as serving_app
from serving.app import anchoring
from tests.made_up_score import NOW, TODAY, audit_files, new_ledger
from tests.models.made_up_audit import look
from tests.serving.test_run import _running


def _score(service, **more):
    return service.get(f"/v1/people/{service.person('p05')}/scores/care", **more)


def _checked(service):
    return check_audit(service.ledger, audit_files(service.folder))


@pytest.mark.usefixtures("each_database")
def test_as_many_scores_are_shown_as_looks_are_chained_when_many_ask_at_once(tmp_path):
    with _running(tmp_path) as running, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: running.score().status_code, range(80)))

    checked = check_audit(new_ledger(tmp_path), audit_files(tmp_path))
    assert checked.faults == ()
    assert answers.count(200) == checked.rows > 0
    assert set(answers) <= {200, 503}


def test_without_a_place_for_its_anchor_there_is_no_view(service):
    token, files = service.token(), audit_files(service.folder)
    app = service.app()
    service.app = lambda: app
    files.anchors.write_text("in the way")
    assert _score(service, token=token).status_code == 200

    assert _score(service, token=token).status_code == 503

    files.anchors.unlink()
    assert _score(service, token=token).status_code == 200
    assert len(service.views()) == 2


def test_a_service_with_another_key_does_not_start(service):
    _score(service)
    audit_files(service.folder).key_file.write_text(f"{'ab' * 32}\n")

    with pytest.raises(Refusal, match="the newest row was chained with"):
        service.app()


def test_what_a_service_has_shown_is_anchored_when_it_ends(service):
    audit = Audit(service.ledger, audit_files(service.folder))
    with anchoring(audit, lambda: NOW):
        for number in range(3):
            look(audit, number)

    assert _checked(service).unanchored == 0


def test_what_is_shown_is_anchored_meanwhile_too(service, monkeypatch):
    monkeypatch.setattr(serving_app, "ANCHOR_EVERY_SECONDS", 0.01)
    audit = Audit(service.ledger, audit_files(service.folder))
    later = NOW + dt.timedelta(seconds=1)

    with anchoring(audit, lambda: later):
        look(audit)
        for _ in range(1_000):
            if audit.file.last():
                break
            threading.Event().wait(0.01)

        assert audit.file.last().covers == 1


def test_an_anchor_that_fails_is_tried_again_and_ends_nothing(service, caplog):
    audit = Audit(service.ledger, audit_files(service.folder))
    look(audit)
    audit.file.folder.write_text("in the way")

    with anchoring(audit, lambda: NOW):
        pass

    assert "the audit could not be anchored" in caplog.text
    assert _count(service) == 1


def _count(service):
    with service.ledger.reading() as connection:
        query = sa.select(sa.func.count()).select_from(views)
        return connection.execute(query).scalar_one()


def test_today_is_only_for_showing_and_not_for_the_audit(service):
    service.settings["today"] = TODAY - dt.timedelta(days=1)

    _score(service)

    with service.ledger.reading() as connection:
        assert connection.execute(sa.select(views.c.at)).scalar_one() == NOW
