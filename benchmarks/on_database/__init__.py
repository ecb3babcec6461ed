"""Benchmarks that require a database. `benchmarks.databases` runs each of them in a separate process."""
