"""Benchmarks of the figures that the documentation states."""
