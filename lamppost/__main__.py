"""`python -m lamppost`, and the installed command `lamppost`."""

from __future__ import annotations

import gc

from lamppost.cli.app import app


def main() -> None:
    """Run the command line."""
    # A job makes many small things and ends: looking for garbage rarely finds any.
    gc.set_threshold(200_000, 50, 100)
    app()


if __name__ == "__main__":
    main()
