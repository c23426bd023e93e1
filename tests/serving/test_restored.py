"""The service over a ledger from a backup that would show who was forgotten."""

from __future__ import annotations

import logging

import pytest

from features.faults import Refusal
from features.forgetting.tombstones import Tombstone, folder_in, write_tombstones
from models.ledger.forgetting import keep_tombstone
from tests.made_up_score import NOW, audit_files


FORGOTTEN = Tombstone(what="person", at=NOW, because="asked", by="eve", seal="5ea1")


def _purged_elsewhere(service):
    write_tombstones(folder_in(audit_files(service.folder).anchors), [FORGOTTEN])


def _statuses(service, token):
    score = f"/v1/people/{service.person('p05')}/scores/care"
    paths = ("/readyz", score, "/healthz")
    return [service.get(path, token=token).status_code for path in paths]


def test_nothing_is_shown_until_the_ledger_knows_of_every_purge(service, caplog):
    token = service.token()
    _purged_elsewhere(service)
    app = service.app()
    service.app = lambda: app

    with caplog.at_level(logging.ERROR):
        before = _statuses(service, token)
    with service.ledger.writing() as connection:
        keep_tombstone(connection, FORGOTTEN)
    after = _statuses(service, token)

    assert (before, after) == ([503, 503, 200], [200, 200, 200])
    assert "nothing of 1" in caplog.text
    assert "run: lamppost purge replay" in caplog.text


def test_it_is_asked_once_a_ledger_that_was_away_is_there(service):
    token, file = service.token(), service.folder / "ledger.db"
    _purged_elsewhere(service)
    away = file.rename(service.folder / "away.db")
    app = service.app()
    service.app = lambda: app
    service.ledger.close()

    without = service.get("/readyz", token="").status_code
    away.rename(file)
    before = _statuses(service, token)
    with service.ledger.writing() as connection:
        keep_tombstone(connection, FORGOTTEN)

    assert (without, before) == (503, [503, 503, 200])
    assert _statuses(service, token) == [200, 200, 200]


def test_a_service_that_may_not_read_who_was_forgotten_does_not_start(service):
    folder = folder_in(audit_files(service.folder).anchors)
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file where the folder should be")

    with pytest.raises(Refusal, match="may read what was forgotten"):
        service.app()
