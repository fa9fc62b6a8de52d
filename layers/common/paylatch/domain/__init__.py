"""Entities and rules: pure code without I/O, clock or randomness, on the standard library alone."""
