"""`python -m lamppost`, and the installed command `lamppost`."""

from __future__ import annotations

from lamppost.cli import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
