from __future__ import annotations

import datetime as dt
import importlib
import multiprocessing
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations

import models.ledger
from features.faults import Refusal
from models.ledger.ledger import (
    LedgerUnavailable,
    connect_ledger,
    open_ledger,
    read_version,
)
from models.ledger.migrations import migrate, script
from models.ledger.migrations.versions import v0001_first_tables
from models.ledger.tables import (
    VERSION,
    bundles,
    metadata,
    versions,
    views,
    views_unchained,
)
from models.ledger.work_tables import tombstones
from tests.made_up_score import NOW


ROOT = Path(__file__).parents[2]
BUNDLE = {"sha256": "a" * 64, "score": "care", "frozen_at": NOW, "content": "{}"}
LOOK = {"token_name": "desk 4", "action": "score", "outcome": "shown"}


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    """Return the address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    return request.getfixturevalue("postgres").empty()


@pytest.fixture
def ledger(url):
    ledger = connect_ledger(url)
    yield ledger
    ledger.close()


def test_the_newest_migration_makes_the_version_that_programs_ask_for():
    assert script().get_heads() == [VERSION]


def test_the_migrations_make_the_tables_that_the_code_declares(ledger):
    for module in pkgutil.iter_modules(models.ledger.__path__):
        if module.name.endswith("tables"):
            importlib.import_module(f"models.ledger.{module.name}")

    migrate(ledger)

    with ledger.reading() as connection:
        settings = {"version_table": versions.name, "compare_type": True}
        context = MigrationContext.configure(connection, opts=settings)
        assert compare_metadata(context, metadata) == []


def test_what_is_migrated_already_is_left_as_it_is(ledger):
    first = migrate(ledger)
    with ledger.writing() as connection:
        connection.execute(sa.insert(bundles).values(BUNDLE))

    again = migrate(ledger)

    assert (first.before, first.now) == (None, VERSION)
    assert (again.before, again.now) == (VERSION, VERSION)
    with ledger.reading() as connection:
        assert connection.execute(sa.select(bundles.c.score)).scalar() == "care"


def test_a_newer_ledger_is_not_migrated_back(ledger):
    migrate(ledger)
    with ledger.writing() as connection:
        connection.execute(sa.update(versions).values(version_num="9999"))

    with pytest.raises(Refusal, match="got 9999, which is newer"):
        migrate(ledger)


def test_a_migration_that_fails_leaves_nothing(ledger):
    # A table of the last that are made is in the way.
    with ledger.changing_tables() as connection:
        tombstones.create(connection)

    with pytest.raises(LedgerUnavailable):
        migrate(ledger)

    assert read_version(ledger) is None
    with ledger.changing_tables() as connection:
        assert sa.inspect(connection).get_table_names() == ["tombstones"]


def _migrate(url):
    ledger = connect_ledger(url)
    migrate(ledger)
    ledger.close()


def test_two_may_migrate_at_once(url):
    spawning = multiprocessing.get_context("spawn")
    both = [spawning.Process(target=_migrate, args=(url,)) for _ in range(2)]

    for one in both:
        one.start()
    for one in both:
        one.join()

    assert [one.exitcode for one in both] == [0, 0]
    open_ledger(url).close()


def test_a_server_without_tables_is_refused_and_a_new_file_is_not(url):
    if url.startswith("sqlite"):
        open_ledger(url).close()
    else:
        with pytest.raises(Refusal, match="got no tables\n    next: run: lamppost mig"):
            open_ledger(url)


def _of_before_migrations(folder, version):
    """Make a ledger as it was before there were migrations; returns its address."""
    url = f"sqlite:///{folder / 'ledger.db'}"
    ledger = connect_ledger(url)
    with ledger.changing_tables() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            v0001_first_tables.upgrade()
        schema = sa.Table("schema", sa.MetaData(), sa.Column("version", sa.Integer))
        schema.create(connection)
        connection.execute(sa.insert(schema).values(version=version))
        connection.execute(sa.insert(bundles).values(BUNDLE))
        columns = [sa.Column(n, sa.Text) for n in ("at", *LOOK)]
        old_views = sa.Table("views", sa.MetaData(), *columns)
        row = {"at": "2026-11-02 09:30:00.000000", **LOOK}
        connection.execute(sa.insert(old_views).values(row))
    ledger.close()
    return url


def test_a_file_of_before_there_were_migrations_is_taken_over(tmp_path):
    url = _of_before_migrations(tmp_path, version=2)
    with pytest.raises(Refusal, match="got 0000, which is older"):
        open_ledger(url)

    ledger = connect_ledger(url)
    found = migrate(ledger)

    assert (found.before, found.now) == ("0000", VERSION)
    with ledger.reading() as connection:
        assert connection.execute(sa.select(bundles.c.score)).scalar() == "care"
        assert not sa.inspect(connection).has_table("schema")


def test_looks_of_before_the_chain_are_kept_apart(tmp_path):
    ledger = connect_ledger(_of_before_migrations(tmp_path, version=2))

    migrate(ledger)

    with ledger.reading() as connection:
        (kept,) = connection.execute(sa.select(views_unchained)).all()
        assert connection.execute(sa.select(views)).all() == []
    told = kept._mapping
    assert {name: told[name] for name in LOOK} == LOOK
    assert told["at"] == dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)


def test_a_file_that_is_too_old_is_not_taken_over(tmp_path):
    ledger = connect_ledger(_of_before_migrations(tmp_path, version=1))

    with pytest.raises(Refusal, match="got one of the form 1, which is too old"):
        migrate(ledger)


def test_the_version_is_read_without_alembic(url):
    _migrate(url)
    program = """
import sys
from models.ledger.ledger import open_ledger

open_ledger(sys.argv[1]).close()
print(sorted({"alembic", "mako"} & set(sys.modules)))
"""

    found = subprocess.run(
        [sys.executable, "-c", program, url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == "[]"
