"""Judging: what is measured of a model, with intervals."""
