"""The sources of the pages' style and script, and what makes them."""
