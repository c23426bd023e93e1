"""The registry: runs and versions, kept by MLflow."""
