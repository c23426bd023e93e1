"""How MLflow is reached: what its environment must say, and its failures in our words.

Only `models.registry.registry` uses this.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from features.faults import Fault, Misuse, Refusal


if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

# What MLflow is told unless the environment says otherwise. The first two, read as it
# is imported, keep it from calling home; the next two keep stdout ours. The rest end a
# call to a server that is down or hangs after 10 seconds; to undo what was begun may
# take as long again. No call is made twice: an answer may be lost of what was done.
ENVIRONMENT: Mapping[str, str] = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}

# What undoes each step that was made, in the order in which they were.
Steps = list[Callable[[], object]]

_SQLITE = "sqlite:///"
_SQLITE_STARTS = b"SQLite format 3\0"
_LONGEST_MESSAGE = 200
# What the exceptions mean that MLflow's own is raised for; the first that fits is told.
_CAUSES = {
    "ReadTimeoutError": "no answer in time",
    "ConnectTimeoutError": "no answer in time",
    "RetryError": "errors of the server's own",
    "ConnectionError": "no connection",
}


def connect(tracking_uri: str, artifacts: Path) -> MlflowClient:
    """Return MLflow's client, after its database was made if there was none.

    Args:
        tracking_uri: `sqlite:///` and a path, or a server's http address.
        artifacts: Where the files of a SQLite registry go.

    Raises:
        Misuse: The address is of another kind.
        Refusal: The file is no database.
    """
    if not tracking_uri.startswith((_SQLITE, "http://", "https://")):
        got, do = f"`{urlsplit(tracking_uri).scheme}`", "correct LAMPPOST_TRACKING"
        what = "the registry is `sqlite:///` and a path, or a server's http address"
        raise Misuse([Fault("tracking address", what, got, do)])
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)  # noqa: TID251 - told, not asked
    with _quiet_import():
        from mlflow.tracking import MlflowClient

    if tracking_uri.startswith(_SQLITE):
        path = Path(tracking_uri.removeprefix(_SQLITE))
        with translated(tracking_uri):
            _make_database(path, artifacts)
            _check_database(path)
    return MlflowClient(tracking_uri=tracking_uri, registry_uri=tracking_uri)


@contextlib.contextmanager
def translated(tracking_uri: str) -> Iterator[None]:
    """Turn what MLflow, the network and the disk raise into a `Refusal`."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, OSError) as error:
        where = f"registry {_address(tracking_uri)}"
        do = "see that the registry runs and LAMPPOST_TRACKING names it, and run again"
        got = _words(error, tracking_uri)
        raise Refusal([Fault(where, "the registry must answer", got, do)]) from error


def _words(error: BaseException, tracking_uri: str) -> str:
    """Return in words what happened to a call."""
    causes = {type(each).__name__ for each in _chain(error)}
    for cause, words in _CAUSES.items():
        if cause in causes:
            return words
    # A message of MLflow's may name the address, and that a password.
    message = str(error).replace(tracking_uri, "...").partition("\n")[0]
    return message[:_LONGEST_MESSAGE]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all that it was raised for."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@contextlib.contextmanager
def undoing() -> Iterator[Steps]:
    """Yield a list of what undoes each step; if anything is raised, it is done.

    The newest step is undone first. It ends at the first that cannot be, so that a
    server which hangs is waited for once. What was raised goes on being raised.
    """
    from mlflow.exceptions import MlflowException

    steps: Steps = []
    try:
        yield steps
    except BaseException:
        # The first failure is the one to tell of, not that it could not be undone.
        with contextlib.suppress(MlflowException, OSError):
            for undo in reversed(steps):
                undo()
        raise


@contextlib.contextmanager
def _quiet_import() -> Iterator[None]:
    """MLflow's import sets off a deprecation warning of SQLAlchemy 2.1."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "The ``noload`` loader strategy", DeprecationWarning
        )
        yield


def _make_database(path: Path, artifacts: Path) -> None:
    """Make the database whole or not at all; parallel first starts take turns."""
    with _quiet_import():
        from mlflow.store.tracking import sqlalchemy_store

    stores: Any = sqlalchemy_store
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return
        staged = path.with_name(f"{path.name}.staged")
        staged.unlink(missing_ok=True)
        logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
        # In memory, because its hundreds of small steps each wait for a disk.
        store = stores.SqlAlchemyStore("sqlite://", artifacts.absolute().as_uri())
        _copy(store.engine, staged)
        store.engine.dispose()
        _flush(staged)
        staged.rename(path)
        _flush(path.parent)


def _copy(engine: Any, to: Path) -> None:
    """Copy a database in memory to a file."""
    source = engine.raw_connection()
    with contextlib.closing(sqlite3.connect(to)) as target:
        source.driver_connection.backup(target)
    source.close()


def _check_database(path: Path) -> None:
    """MLflow would try a damaged file again and again for over a minute."""
    with path.open("rb") as file:
        if file.read(len(_SQLITE_STARTS)) != _SQLITE_STARTS:
            what, do = "the registry is a SQLite database", "restore it from a backup"
            raise Refusal([Fault(str(path), what, "another file", do)])


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _address(tracking_uri: str) -> str:
    """The address without the name and password that it may hold."""
    parts = urlsplit(tracking_uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
