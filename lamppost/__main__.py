"""`python -m lamppost`, and the installed command `lamppost`."""

from __future__ import annotations

from lamppost.cli.app import app
from lamppost.console import collect_rarely


def main() -> None:
    """Run the command line."""
    collect_rarely()
    app()


if __name__ == "__main__":
    main()
