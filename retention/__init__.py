"""Retention of orders that finished before a stack had it."""
