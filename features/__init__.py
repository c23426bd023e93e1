"""What was known on a date: places, extracts, links, indicators, snapshots."""
