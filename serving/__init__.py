"""Scores given and shown: the batch and the service, over the ledger alone."""
