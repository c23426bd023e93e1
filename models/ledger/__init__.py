"""The ledger: the one database that the service reads and writes."""
