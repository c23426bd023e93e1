"""An endpoint that does nothing, under the service's own server: `empty PORT`."""

from __future__ import annotations

import multiprocessing
import sys

from fastapi import FastAPI
from pydantic import BaseModel

from serving.run import make_server


class Given(BaseModel):
    """What is asked: it comes back as it is."""

    values: dict[str, float]


def load(*_: object) -> FastAPI:
    app = FastAPI()

    @app.post("/")
    def nothing(given: Given) -> Given:
        return given

    return app


if __name__ == "__main__":
    from benchmarks.empty import load as load_by_name

    multiprocessing.set_start_method("spawn")
    server = make_server("127.0.0.1", int(sys.argv[1]))
    server.serve(target_loader=load_by_name, wrap_loader=False)
