"""The registry: the one door to MLflow, where runs and registered models are kept.

No model is ever loaded through MLflow, whose saved models may run code of their own: a
registered model is one JSON file, checked against its hash whenever it is read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from features.faults import Fault, Refusal
from models.registry.run_log import MODEL_FILE, RESULT_TAG, RunLog
from models.registry.runs import (
    MODEL_TAG,
    DatasetRecord,
    RegisteredModel,
    RunRecord,
    refuse_unfinished,
)
from models.registry.tracking import ENVIRONMENT, Steps, connect, translated, undoing
from models.tables.table import from_json


if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.tracking import MlflowClient

__all__ = [
    "ENVIRONMENT",
    "Alias",
    "DatasetRecord",
    "RegisteredModel",
    "Registry",
    "RunRecord",
    "open_registry",
]

Alias = Literal["champion", "challenger"]

# What MLflow answers where an alias or a version is not there.
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


class Registry:
    """The runs and models of one place.

    A score's experiment is called `place/score` and its registered model `place.score`,
    because a server may hold several places.

    Args:
        client: MLflow's.
        tracking_uri: Its address.
        place: The place's name.
        artifacts: Where files go; None leaves it to the server.
    """

    def __init__(
        self,
        client: MlflowClient,
        tracking_uri: str,
        place: str,
        artifacts: Path | None,
    ) -> None:
        self._client = client
        self._tracking_uri = tracking_uri
        self._place = place
        self._runs = RunLog(client, place, artifacts)

    def prepare(self, score: str) -> None:
        """See that the registry answers, before anything is spent on a fit.

        Raises:
            Refusal: It cannot be reached.
        """
        with translated(self._tracking_uri):
            self._runs.experiment(score)

    def log_run(self, record: RunRecord) -> str:
        """Log a run whole; one that was cut short is marked as failed.

        Returns:
            The run's id.

        Raises:
            Refusal: The registry cannot be reached.
        """
        with translated(self._tracking_uri), undoing() as steps:
            return self._runs.finish(self._runs.write(record, steps))

    def register(self, record: RunRecord) -> int:
        """Log a run; its model is the next version of its score, and the challenger.

        The run is marked as finished when all of that is done, and until then no
        version of it is given out. Whatever was begun is undone, as far as the registry
        can be reached.

        Returns:
            The version's number.

        Raises:
            Refusal: The record has no model, or one that is not whole, or the registry
                cannot be reached.
        """
        if record.model_json is None:
            what, do = "a registered run has a model", "register one that has"
            raise Refusal([Fault(f"run {record.name}", what, "none", do)])
        tags = {**record.all_tags, MODEL_TAG: from_json(record.model_json).sha256}
        with translated(self._tracking_uri), undoing() as steps:
            run = self._runs.write(record, steps)
            version = self._make_version(self._model(record.score), run, tags, steps)
            self._runs.finish(run)
        return version

    def promote(self, score: str, version: int) -> None:
        """Move the alias `champion` to a version whose bytes are intact.

        Raises:
            Refusal: There is no such version, its bytes have changed, or the registry
                cannot be reached.
        """
        with self.promoting(score, version):
            pass

    @contextlib.contextmanager
    def promoting(self, score: str, version: int) -> Iterator[None]:
        """Move the alias `champion`, and back again if anything is raised inside.

        So whatever else a promotion moves, it moves together with the alias.

        Raises:
            Refusal: As `promote` does, before anything inside is done.
        """
        self.version(score, version)
        with undoing() as steps:
            with translated(self._tracking_uri):
                self._move_alias(self._model(score), "champion", version, steps)
            yield

    def named(self, score: str, alias: Alias) -> int | None:
        """Return the number of the version that an alias names; None if none.

        Raises:
            Refusal: The registry cannot be reached.
        """
        with translated(self._tracking_uri):
            return self._alias(self._model(score), alias)

    def version(self, score: str, wanted: int | Alias) -> RegisteredModel:
        """Return a version by its number or alias.

        Raises:
            Refusal: There is none, its bytes are not those that its hash names, or the
                registry cannot be reached.
        """
        with translated(self._tracking_uri):
            found = self._found(self._model(score), wanted)
            where = f"{self._model(score)}, version {found.version}"
            run = self._client.get_run(str(found.run_id))
            refuse_unfinished(run.info.status, where)
            model_json = self._runs.read(run.info.run_id, MODEL_FILE)
        if from_json(model_json, where=where).sha256 != found.tags.get(MODEL_TAG):
            what, do = "the file is the one registered", "restore it, or train again"
            raise Refusal([Fault(where, what, "another model", do)])
        return RegisteredModel(
            number=int(found.version),
            run_id=run.info.run_id,
            model_json=model_json,
            metrics=dict(run.data.metrics),
            tags=dict(found.tags),
            read=partial(self._read_file, run.info.run_id),
        )

    def log_result(
        self,
        score: str,
        name: str,
        content: bytes,
        *,
        metrics: Mapping[str, float],
        tags: Mapping[str, str],
        texts: Mapping[str, str] | None = None,
    ) -> str:
        """Log a result that is no fit, such as monitoring's, as a run; return its id.

        Args:
            score: The score it is about.
            name: What it is; the file is called after it.
            content: Its canonical JSON. The same bytes are logged once.
            metrics: Its figures; finite.
            tags: Where it comes from.
            texts: Other files beside it, by name, such as a card.

        Raises:
            Refusal: The registry cannot be reached.
        """
        tags = {**tags, RESULT_TAG: sha256(content).hexdigest()}
        with translated(self._tracking_uri):
            kept = self._runs.finished_with(score, RESULT_TAG, tags[RESULT_TAG])
        files = {f"{name}.json": content.decode(), **(texts or {})}
        record = RunRecord(score, name, metrics=metrics, tags=tags, texts=files)
        return kept or self.log_run(record)

    def results(self, score: str, name: str) -> list[bytes]:
        """Return the results of one name that are kept for a score, newest first.

        Raises:
            Refusal: One is not as it was logged, or the registry cannot be reached.
        """
        with translated(self._tracking_uri):
            return self._runs.results(score, name)

    def _make_version(
        self, model: str, run: Run, tags: Mapping[str, str], steps: Steps
    ) -> int:
        """Make a run's model the next version, and the challenger."""
        run_id, source = run.info.run_id, f"{run.info.artifact_uri}/{MODEL_FILE}"
        self._make_model(model)
        steps.append(partial(self._drop_versions, model, run_id))
        made = self._client.create_model_version(
            model, source, run_id, tags=dict(tags), await_creation_for=0
        )
        self._move_alias(model, "challenger", int(made.version), steps)
        return int(made.version)

    def _drop_versions(self, model: str, run_id: str) -> None:
        """Drop what a run registered, even where the answer to that was lost."""
        query = f"name = '{model}' and run_id = '{run_id}'"
        for found in self._client.search_model_versions(query):
            self._client.delete_model_version(model, found.version)

    def _read_file(self, run_id: str, name: str) -> bytes:
        with translated(self._tracking_uri):
            return self._runs.read(run_id, name)

    def _found(self, model: str, wanted: int | Alias) -> ModelVersion:
        from mlflow.exceptions import MlflowException

        try:
            if isinstance(wanted, int):
                return self._client.get_model_version(model, str(wanted))
            return self._client.get_model_version_by_alias(model, wanted)
        except MlflowException as error:
            if error.error_code not in _ABSENT:
                raise
            what, do = f"{model} must have the version `{wanted}`", "train the score"
            where = f"registry: {model}"
            raise Refusal([Fault(where, what, "none", do)]) from error

    def _make_model(self, model: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self._client.create_registered_model(model)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def _alias(self, model: str, alias: Alias) -> int | None:
        try:
            return int(self._found(model, alias).version)
        except Refusal:
            return None

    def _move_alias(self, model: str, alias: Alias, version: int, steps: Steps) -> None:
        client, before = self._client, self._alias(model, alias)
        if before:
            back = partial(client.set_registered_model_alias, version=str(before))
        else:
            back = partial(client.delete_registered_model_alias)
        steps.append(partial(back, model, alias))
        client.set_registered_model_alias(model, alias, str(version))

    def _model(self, score: str) -> str:
        return f"{self._place}.{score}"


def open_registry(tracking_uri: str, artifacts: Path, *, place: str) -> Registry:
    """Open a registry, and make its database at the first start.

    Args:
        tracking_uri: `sqlite:///` and a path, or a server's http address.
        artifacts: The folder where the files of a SQLite registry go; a server has a
            place of its own for them.
        place: The place's name.

    Raises:
        Misuse: The address is of another kind.
        Refusal: The file is no database.
    """
    client = connect(tracking_uri, artifacts)
    folder = None if tracking_uri.startswith("http") else artifacts.absolute()
    return Registry(client, tracking_uri, place, folder)
