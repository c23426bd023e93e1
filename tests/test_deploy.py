"""What docs/ledger.md tells an administrator to do, done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from models.audit.audit import Audit
from models.ledger.access_tables import accounts
from models.ledger.append_only import unguard
from models.ledger.ledger import LedgerUnavailable, connect_ledger, open_ledger
from models.ledger.migrations import migrate
from models.ledger.promotions import promote
from models.ledger.tables import scores, views
from tests.made_up_score import (
    NOW,
    audit_files,
    bundle,
    close_ledgers,
    filled_ledger,
    keep_ledgers_on,
    new_ledger,
    url_of,
)
from tests.models.made_up_audit import looks
from tests.postgres import programs


GUIDE = Path(__file__).parents[1] / "docs" / "ledger.md"


def _rows(ledger):
    with ledger.reading() as connection:
        return connection.execute(sa.select(scores).order_by(scores.c.number)).all()


def _libpq(url):
    return make_url(url).set(drivername="postgresql").render_as_string(False)


def _guide(start):
    """Return the one line of the guide that starts so, as it is to be typed."""
    lines = GUIDE.read_text().splitlines()
    (line,) = [line.strip() for line in lines if line.strip().startswith(start)]
    return line


def test_a_backup_of_a_file_is_a_ledger(tmp_path):
    before = _rows(filled_ledger(tmp_path))
    command = _guide("python3 -c").replace("python3", sys.executable, 1)
    subprocess.run(command, cwd=tmp_path, shell=True, check=True)

    os.replace(tmp_path / "backup.db", tmp_path / "ledger.db")

    assert _rows(new_ledger(tmp_path)) == before
    close_ledgers()


def test_a_dump_of_a_server_s_ledger_is_restored_whole(tmp_path, postgres):
    keep_ledgers_on(postgres, tmp_path)
    before = _rows(filled_ledger(tmp_path))
    address = "'postgresql://lamppost_owner@db.internal/lamppost'"
    restored = postgres.empty()

    for start, url in (("pg_dump", url_of(tmp_path)), ("pg_restore", restored)):
        command = _guide(start).replace(address, f"'{_libpq(url)}'")
        subprocess.run(f"{programs()}/{command}", cwd=tmp_path, shell=True, check=True)

    ledger = open_ledger(restored)
    assert _rows(ledger) == before
    # What comes after does not take a number that is taken.
    promote(ledger, bundle(version=4), by="Analyst", at=NOW)
    ledger.close()
    close_ledgers()


@pytest.fixture
def of_two_roles(postgres):
    """The address of a ledger for its owner, and for a role that owns nothing."""
    url, roles = postgres.empty(), [f"{postgres.prefix}{n}" for n in ("owner", "user")]
    owner, user = roles
    with psycopg.connect(_libpq(url), autocommit=True) as connection:
        for role in roles:
            connection.execute(f"CREATE ROLE {role}")
        name = make_url(url).database
        connection.execute(f"ALTER DATABASE {name} OWNER TO {owner}")
        connection.execute(f"GRANT ALL ON SCHEMA public TO {owner}")
        for start in ("ALTER DEFAULT PRIVILEGES FOR ROLE lamppost_owner GRANT",):
            for line in GUIDE.read_text().splitlines():
                if line.strip().startswith(start):
                    named = line.replace("lamppost_owner", owner)
                    connection.execute(named.replace("TO lamppost;", f"TO {user};"))
    plain = make_url(url)
    yield [
        plain.update_query_dict({"options": f"-c role={role}"}).render_as_string(False)
        for role in roles
    ]
    with psycopg.connect(_libpq(url), autocommit=True) as connection:
        for role in roles:
            connection.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER")
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")


def test_the_programs_need_no_right_to_change_tables(of_two_roles):
    owner, user = map(connect_ledger, of_two_roles)
    migrate(owner)

    promote(user, bundle(), by="Analyst", at=NOW)
    with user.writing() as connection:
        account = {"name": "ann", "display_name": "Ann", "role": "board"}
        connection.execute(sa.insert(accounts).values(account | {"created_at": NOW}))
    with pytest.raises(LedgerUnavailable), user.changing_tables() as connection:
        accounts.drop(connection)

    owner.close()
    user.close()


def test_the_programs_add_to_the_record_of_looking_and_cannot_change_it(
    of_two_roles, tmp_path
):
    owner, user = map(connect_ledger, of_two_roles)
    migrate(owner)
    role = make_url(of_two_roles[1]).query["options"].removeprefix("-c role=")
    revoke = _guide("REVOKE").replace("FROM lamppost;", f"FROM {role};")
    with owner.changing_tables() as connection:
        connection.exec_driver_sql(revoke)
        unguard(connection, views)  # the right alone must do

    looks(Audit(user, audit_files(tmp_path)), 3)

    for change in (sa.update(views).values(purpose="x"), sa.delete(views)):
        with pytest.raises(LedgerUnavailable), user.writing() as connection:
            connection.execute(change)
    with user.reading() as connection:
        assert len(connection.execute(sa.select(views)).all()) == 3
    owner.close()
    user.close()
