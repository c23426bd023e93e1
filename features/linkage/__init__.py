"""From records to entities."""
