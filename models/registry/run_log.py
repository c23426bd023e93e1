"""The run log: how a run's record is written through MLflow, and its files read.

Only `models.registry.registry` uses this.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.faults import Fault, Refusal
from models.registry.runs import DatasetRecord, RunRecord
from models.registry.tracking import Steps


if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

MODEL_FILE = "model/model.json"
RESULT_TAG = "result_sha256"

_PARENT_TAG = "mlflow.parentRunId"
# MLflow's own limits: of one request, and of a data set's digest.
_MOST_PARAMS = 100
_MOST_METRICS = 1_000
_LONGEST_DIGEST = 36


class RunLog:
    """The runs of one place. A score's experiment is called `place/score`.

    Args:
        client: MLflow's.
        place: The place's name.
        artifacts: Where files go; None leaves it to the server.
    """

    def __init__(
        self, client: MlflowClient, place: str, artifacts: Path | None
    ) -> None:
        self._client = client
        self._place = place
        self._artifacts = artifacts

    def experiment(self, score: str) -> str:
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

    def write(self, record: RunRecord, steps: Steps, parent: str | None = None) -> Run:
        """Open a run and log all of its record, children first; it is left running.

        Args:
            record: What is logged.
            steps: Gets what undoes it.
            parent: The run that it is within.
        """
        tags = {**record.all_tags, **({_PARENT_TAG: parent} if parent else {})}
        experiment = self.experiment(record.score)
        run = self._client.create_run(experiment, run_name=record.name, tags=tags)
        run_id = run.info.run_id
        steps.append(partial(self._client.set_terminated, run_id, "FAILED"))
        for child in record.children:
            self.finish(self.write(child, steps, parent=run_id))
        self._log_numbers(run_id, record.params, record.metrics)
        if record.dataset:
            self._log_dataset(run_id, record.dataset)
        self._log_files(run_id, _files_of(record))
        return run

    def finish(self, run: Run) -> str:
        """Mark a run as whole, and return its id."""
        self._client.set_terminated(run.info.run_id, "FINISHED")
        return str(run.info.run_id)

    def finished_with(self, score: str, tag: str, value: str) -> str | None:
        """Return the id of a whole run that has a tag; None if there is none."""
        query = f"tags.{tag} = '{value}' and status = 'FINISHED'"
        found = self._client.search_runs([self.experiment(score)], query)
        return str(found[0].info.run_id) if found else None

    def results(self, score: str, name: str) -> list[bytes]:
        """Return the JSON of the whole runs of a name, newest first."""
        query = f"attributes.run_name = '{name}' and status = 'FINISHED'"
        found = []
        for run in self._client.search_runs([self.experiment(score)], query):
            content = self.read(run.info.run_id, f"{name}.json")
            if sha256(content).hexdigest() != run.data.tags.get(RESULT_TAG):
                where, what = f"run {run.info.run_id}", "a result is the one logged"
                raise Refusal([Fault(where, what, "another", "restore the registry")])
            found.append(content)
        return found

    def read(self, run_id: str, name: str) -> bytes:
        """Return one of a run's files."""
        with tempfile.TemporaryDirectory() as folder:
            path = self._client.download_artifacts(run_id, name, folder)
            return Path(path).read_bytes()

    def _log_numbers(
        self, run_id: str, params: Mapping[str, Any], metrics: Mapping[str, float]
    ) -> None:
        from mlflow.entities import Metric, Param

        now = time.time_ns() // 1_000_000
        chosen = [Param(name, str(value)) for name, value in params.items()]
        found = [Metric(name, value, now, 0) for name, value in metrics.items()]
        # As few requests as there can be: each waits for a disk, or for a network.
        while chosen or found:
            self._client.log_batch(run_id, found[:_MOST_METRICS], chosen[:_MOST_PARAMS])
            del found[:_MOST_METRICS], chosen[:_MOST_PARAMS]

    def _log_dataset(self, run_id: str, record: DatasetRecord) -> None:
        """Log what a run read, by its hash: MLflow reads none of it."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        columns = [
            {"type": kind, "name": name, "required": False}
            for name, kind in record.columns.items()
        ]
        dataset = Dataset(
            name=record.name,
            digest=record.sha256[:_LONGEST_DIGEST],
            source_type="warehouse",
            source=json.dumps({"path": record.source, "sha256": record.sha256}),
            schema=json.dumps({"mlflow_colspec": columns}),
            profile=json.dumps({"num_rows": record.rows}),
        )
        tags = [InputTag("mlflow.data.context", "training")]
        self._client.log_inputs(run_id, [DatasetInput(dataset, tags)])

    def _log_files(self, run_id: str, files: Mapping[str, bytes]) -> None:
        if not files:
            return
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
            self._client.log_artifacts(run_id, folder)


def _files_of(record: RunRecord) -> dict[str, bytes]:
    files = {name: text.encode() for name, text in record.texts.items()}
    files |= {f"figures/{name}": content for name, content in record.figures.items()}
    if record.model_json is not None:
        files[MODEL_FILE] = record.model_json
    return files
