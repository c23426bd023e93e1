# A script of its own, run in the image by docker-compose.yml.
# ruff: noqa: INP001, T201
"""Make the jobs' account at the MLflow server, with the password of their own file.

Run again after a new password was put into the file: the account then gets that. With
--change-administrator it is the administrator who gets another password.
"""

from __future__ import annotations

import argparse
import configparser
import sys
from pathlib import Path

from mlflow.environment_variables import (
    MLFLOW_TRACKING_PASSWORD,
    MLFLOW_TRACKING_USERNAME,
)
from mlflow.exceptions import MlflowException
from mlflow.server import get_app_client


def main() -> None:
    """Make the account, or give it the password that is in the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", help="The server's address.")
    parser.add_argument("credentials", type=Path, help="The jobs' file.")
    parser.add_argument(
        "--change-administrator",
        action="store_true",
        help="Give the administrator the password of the environment; the one so far "
        "comes by standard input.",
    )
    asked = parser.parse_args()
    if asked.change_administrator:
        change_administrator(asked.server, sys.stdin.read().strip())
        return
    read = configparser.ConfigParser(interpolation=None)
    read.read_string(asked.credentials.read_text())
    jobs = read["mlflow"]
    name = jobs["mlflow_tracking_username"]
    client = get_app_client("basic-auth", tracking_uri=asked.server)
    try:
        client.get_user(name)
    except MlflowException:
        client.create_user(name, jobs["mlflow_tracking_password"])
    else:
        client.update_user_password(name, jobs["mlflow_tracking_password"])
    print(f"{name} can sign in at the registry")


def change_administrator(server: str, so_far: str) -> None:
    """Give whoever the environment names the password that it has."""
    name, password = MLFLOW_TRACKING_USERNAME.get(), MLFLOW_TRACKING_PASSWORD.get()
    MLFLOW_TRACKING_PASSWORD.set(so_far)
    client = get_app_client("basic-auth", tracking_uri=server)
    client.update_user_password(name, password, current_password=so_far)
    print(f"{name} has another password")


if __name__ == "__main__":
    main()
