"""Every figure in the README: `python -m benchmarks NAME`."""
