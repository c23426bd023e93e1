"""The one command, `lamppost`, and its settings."""
