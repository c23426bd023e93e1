"""Judging: models fitted and judged date by date."""
