"""The audit: the record of looking, chained and anchored outside."""
