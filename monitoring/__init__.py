"""Is it still right: freshness, drift and fairness of what was given."""
