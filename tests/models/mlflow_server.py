"""A real MLflow server on loopback, and a proxy before it that fails when told to."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from models.registry.tracking import connect


# Jobs of its own would take a core for their start.
SETTINGS = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def mlflow_server(folder: Path) -> Iterator[str]:
    """Start `mlflow server` on an empty database, and stop it at the end."""
    database = f"sqlite:///{folder / 'server.db'}"
    connect(database, folder)  # sooner than the server makes it
    stores = ["--backend-store-uri", database]
    stores += ["--artifacts-destination", str(folder / "files")]
    with running(["mlflow", "server", *stores], folder, **SETTINGS) as address:
        yield address


@contextlib.contextmanager
def running(command: list[str], folder: Path, **settings: str) -> Iterator[str]:
    """Run a command of MLflow's that serves on a port of loopback, while inside."""
    port = free_port()
    served = [*command, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *served],
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, **settings},
        )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        # The workers are in the parent's group and would outlive it. Asked kindly, they
        # would wait for connections that are still open.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    asks = urllib.request.Request(f"http://127.0.0.1:{port}/health")
    while True:
        assert process.poll() is None, "the server has ended"
        try:
            urllib.request.urlopen(asks).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return


class Proxy(ThreadingHTTPServer):
    """Hands requests on, but for those that are to fail.

    Attributes:
        way: `refuses` with status 500, `hangs`, `hangs up`, or `loses the answer`.
        failing: The numbers of the requests that fail, from 1.
        seen: How many requests there were.
    """

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind.removeprefix("http://")
        self.closing = threading.Event()
        self.reset()

    def reset(self, way: str = "refuses", failing: range = range(0)) -> None:
        self.way, self.failing, self.seen = way, failing, 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def _answer(self) -> None:
        self.server.seen += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.seen not in self.server.failing:
            self._send(*self._hand_on(body))
        elif self.server.way == "refuses":
            self._send(500, b"")
        elif self.server.way == "hangs":
            self.server.closing.wait()
        elif self.server.way == "loses the answer":
            self._hand_on(body)

    def _hand_on(self, body: bytes) -> tuple[int, bytes]:
        link = http.client.HTTPConnection(self.server.behind)
        with contextlib.closing(link):
            # A server that reads no further than it must would reset the connection.
            kept = {k: v for k, v in self.headers.items() if k != "Connection"}
            link.request(self.command, self.path, body, kept)
            answer = link.getresponse()
            return answer.status, answer.read()

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer


@contextlib.contextmanager
def proxy_before(server: str) -> Iterator[Proxy]:
    with Proxy(server) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        yield proxy
        proxy.closing.set()
        proxy.shutdown()
        thread.join()
