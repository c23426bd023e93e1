"""Families: how each kind of model is fitted, and turned into tables."""
