"""Cards: what is told about a model, part by part."""
