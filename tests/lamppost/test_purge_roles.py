"""Who may purge a ledger on a server, and what is left if somebody else tries."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from features.faults import Refusal
from lamppost import purge_jobs
from lamppost.opened import Open
from tests.lamppost.small_walk import HERS, NOW, VISITS, Walk, places_of, walked
from tests.made_up_score import close_ledgers, keep_ledgers_on, url_of
from tests.postgres import Databases


WHY = "asked to be forgotten; request 12"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def walk(tmp_path: Path, postgres: Databases) -> Iterator[Walk]:
    keep_ledgers_on(postgres, tmp_path)
    folder = tmp_path / "store"
    folder.mkdir()
    walk = walked(folder)
    close_ledgers()
    yield walk
    close_ledgers()


@pytest.fixture
def as_a_user(walk: Walk, postgres: Databases) -> Iterator[Open]:
    """The place for a role that reads and writes rows, and owns nothing."""
    url = make_url(url_of(walk.folder))
    role = f"{postgres.prefix}user"
    revoke = (ROOT / "deploy" / "postgres" / "after-migrate.sql").read_text()
    on_all = "ON ALL TABLES IN SCHEMA public"
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role}")
        rights = "SELECT, INSERT, UPDATE, DELETE"
        connection.execute(f"GRANT {rights} {on_all} TO {role}")
        connection.execute(revoke.replace("FROM lamppost;", f"FROM {role};"))
        named = url.update_query_dict({"options": f"-c role={role}"})
        settings = dataclasses.replace(
            walk.settings, ledger_url=named.render_as_string(hide_password=False)
        )
        yield dataclasses.replace(walk.opened, settings=settings)
        connection.execute(f"DROP OWNED BY {role}")
        connection.execute(f"DROP ROLE {role}")


PURGES: dict[str, Callable[[Walk, Open], object]] = {
    "person": lambda walk, opened: purge_jobs.purge_person(
        opened, walk.rose_id, because=WHY, at=NOW
    ),
    "source": lambda _, opened: purge_jobs.purge_source(
        opened, VISITS.name, because=None, on=NOW.date(), at=NOW
    ),
    "agreements": lambda _, opened: purge_jobs.purge_agreements(
        opened, on=NOW.date(), at=NOW
    ),
    "replay": lambda _, opened: purge_jobs.replay(opened, at=NOW),
}


@pytest.mark.parametrize("what", PURGES)
def test_whoever_does_not_own_the_tables_is_refused_before_anything_goes(
    walk: Walk, as_a_user: Open, what: str
) -> None:
    before = {path: path.read_bytes() for path in files_of(walk)}

    with pytest.raises(Refusal) as refused:
        PURGES[what](walk, as_a_user)

    [fault] = refused.value.faults
    assert "_user'" in fault.got
    assert "docker compose run --rm purge" in fault.next
    assert {path: path.read_bytes() for path in files_of(walk)} == before


def test_the_owner_forgets_after_somebody_else_was_refused(
    walk: Walk, as_a_user: Open
) -> None:
    her = walk.rose_id
    with pytest.raises(Refusal):
        PURGES["person"](walk, as_a_user)

    answer = purge_jobs.purge_person(walk.opened, her, because=WHY, at=NOW)

    assert answer["records"] == 3
    assert places_of(walk.folder, (*HERS, her)) == set()


def files_of(walk: Walk) -> list[Path]:
    return sorted(path for path in walk.folder.rglob("*") if path.is_file())
