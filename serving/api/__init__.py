"""The API: the desk as JSON under /v1."""
