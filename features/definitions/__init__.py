"""What a place may declare, and how its files are read."""
