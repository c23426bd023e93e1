"""The pages: HTML over what the desk answers."""
