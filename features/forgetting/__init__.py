"""Forgetting: values leave the warehouse for good; a tombstone without any stays."""
