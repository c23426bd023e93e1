"""The registry: the one door to MLflow, where runs and registered models are kept.

No model is ever loaded through MLflow, whose saved models may run code of their own: a
registered model is one JSON file, checked against its hash whenever it is read.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from features.faults import Fault, Refusal
from models.runs import RegisteredModel, RunRecord, RunReference, hash_tag
from models.table import from_json
from models.tracking import ENVIRONMENT, connect, translated, undone


if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.tracking import MlflowClient

__all__ = [
    "ENVIRONMENT",
    "Alias",
    "RegisteredModel",
    "Registry",
    "RunRecord",
    "RunReference",
    "open_registry",
]

Alias = Literal["champion", "challenger"]

_MODEL_FILE = "model/model.json"
_MODEL_TAG = "model_sha256"
_RESULT_TAG = "result_sha256"
_MOST_PARAMS = 100  # MLflow's own limits of one request
_MOST_METRICS = 1_000
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
        self._artifacts = artifacts

    def log_run(self, record: RunRecord) -> RunReference:
        """Log a run whole; one that was cut short is marked as failed.

        Raises:
            Refusal: The registry cannot be reached, or the model's file is not whole.
        """
        texts = {name: text.encode() for name, text in record.texts.items()}
        pictures = {f"figures/{name}": b for name, b in record.figures.items()}
        hashes = {hash_tag(n): sha256(b).hexdigest() for n, b in texts.items()}
        tags, files = {**record.tags, **hashes}, {**texts, **pictures}
        if record.model_json is not None:
            files[_MODEL_FILE] = record.model_json
            tags[_MODEL_TAG] = from_json(record.model_json).sha256
        with self._running(record.score, record.name, tags) as run:
            self._log_numbers(run.run_id, record.params, record.metrics)
            self._log_files(run.run_id, files)
        return run

    def register(self, run: RunReference) -> int:
        """Make the run's model the next version of its score, and the challenger.

        Returns:
            The version's number.

        Raises:
            Refusal: The run has no model, or the registry cannot be reached.
        """
        if _MODEL_TAG not in run.tags:
            what, do = "a registered run has a model", "register one that has"
            raise Refusal([Fault(f"run {run.run_id}", what, "none", do)])
        model, source = self._model(run.score), f"{run.files}/{_MODEL_FILE}"
        with translated(self._tracking_uri):
            self._make_model(model)
            made = self._client.create_model_version(
                model, source, run.run_id, tags=dict(run.tags), await_creation_for=0
            )
            with undone(self._client.delete_model_version, model, made.version):
                self._set_alias(model, "challenger", int(made.version))
        return int(made.version)

    def promote(self, score: str, version: int) -> None:
        """Move the alias `champion` to a version whose bytes are intact.

        Raises:
            Refusal: There is no such version, its bytes have changed, or the registry
                cannot be reached.
        """
        self.version(score, version)
        with translated(self._tracking_uri):
            self._set_alias(self._model(score), "champion", version)

    def version(self, score: str, wanted: int | Alias) -> RegisteredModel:
        """Return a version by its number or alias.

        Raises:
            Refusal: There is none, its bytes are not those that its hash names, or the
                registry cannot be reached.
        """
        with translated(self._tracking_uri):
            found = self._found(self._model(score), wanted)
            run = self._client.get_run(str(found.run_id))
            model_json = self._read(run.info.run_id, _MODEL_FILE)
        where = f"{self._model(score)}, version {found.version}"
        if from_json(model_json, where=where).sha256 != found.tags.get(_MODEL_TAG):
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
    ) -> str:
        """Log a result that is not a fit, such as monitoring's, as a run of its own.

        Args:
            score: The score it is about.
            name: What it is; the file is called after it.
            content: Its canonical JSON. The same bytes are logged once.
            metrics: Its figures; finite.
            tags: Where it comes from.

        Returns:
            The run's id.

        Raises:
            Refusal: The registry cannot be reached.
        """
        tags = {**tags, _RESULT_TAG: sha256(content).hexdigest()}
        with translated(self._tracking_uri):
            if kept := self._kept(score, tags[_RESULT_TAG]):
                return kept
        with self._running(score, name, tags) as run:
            self._log_numbers(run.run_id, {}, metrics)
            self._log_files(run.run_id, {f"{name}.json": content})
        return run.run_id

    @contextlib.contextmanager
    def _running(
        self, score: str, name: str, tags: Mapping[str, str]
    ) -> Iterator[RunReference]:
        """Open a run; it ends as finished or, if anything was raised, as failed."""
        with translated(self._tracking_uri):
            info = self._client.create_run(
                self._experiment(score), run_name=name, tags=dict(tags)
            ).info
            end = partial(self._client.set_terminated, info.run_id)
            with undone(end, "FAILED"):
                yield RunReference(info.run_id, score, info.artifact_uri, tags)
                end("FINISHED")

    def _experiment(self, score: str) -> str:
        """Return the id of a score's experiment, made at first use."""
        from mlflow.exceptions import MlflowException

        name = f"{self._place}/{score}"
        if found := self._client.get_experiment_by_name(name):
            return str(found.experiment_id)
        own = self._artifacts
        folder = (own / self._place / score).as_uri() if own else None
        try:
            return str(self._client.create_experiment(name, folder))
        except MlflowException:
            # Another run may have made it in the meantime.
            if found := self._client.get_experiment_by_name(name):
                return str(found.experiment_id)
            raise

    def _kept(self, score: str, result_sha256: str) -> str | None:
        """Return the finished run that holds a result already."""
        query = f"tags.{_RESULT_TAG} = '{result_sha256}' and status = 'FINISHED'"
        found = self._client.search_runs([self._experiment(score)], query)
        return str(found[0].info.run_id) if found else None

    def _log_numbers(
        self, run_id: str, params: Mapping[str, Any], metrics: Mapping[str, float]
    ) -> None:
        from mlflow.entities import Metric, Param

        now = time.time_ns() // 1_000_000
        chosen = [Param(name, str(value)) for name, value in params.items()]
        found = [Metric(name, value, now, 0) for name, value in metrics.items()]
        for start in range(0, len(chosen), _MOST_PARAMS):
            part = slice(start, start + _MOST_PARAMS)
            self._client.log_batch(run_id, params=chosen[part])
        for start in range(0, len(found), _MOST_METRICS):
            part = slice(start, start + _MOST_METRICS)
            self._client.log_batch(run_id, metrics=found[part])

    def _log_files(self, run_id: str, files: Mapping[str, bytes]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
            self._client.log_artifacts(run_id, folder)

    def _read(self, run_id: str, name: str) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = self._client.download_artifacts(run_id, name, folder)
            return Path(path).read_bytes()

    def _read_file(self, run_id: str, name: str) -> bytes:
        with translated(self._tracking_uri):
            return self._read(run_id, name)

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

    def _set_alias(self, model: str, alias: Alias, version: int) -> None:
        self._client.set_registered_model_alias(model, alias, str(version))

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
        RuntimeError: `ENVIRONMENT` was not in the environment before MLflow's import.
    """
    client = connect(tracking_uri, artifacts)
    folder = None if tracking_uri.startswith("http") else artifacts.absolute()
    return Registry(client, tracking_uri, place, folder)
