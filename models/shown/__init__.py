"""Shown: what people read and look at, in words, tables and pictures."""
