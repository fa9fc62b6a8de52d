"""Nouns and rules. Pure: no I/O, no clock, no randomness, nothing from outside the standard library."""
