"""Benchmarks that need a database. `benchmarks.databases` runs each in a process of its own."""
