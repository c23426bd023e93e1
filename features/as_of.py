"""The two clocks: what was known on a date."""
