"""Schemas: what goes in and out of the API, strictly."""
