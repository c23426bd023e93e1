"""What is kept: the warehouse, its manifests, and tables over one of them."""
