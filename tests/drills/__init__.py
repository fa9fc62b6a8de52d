"""Drills on a deployed local stack: what an operator meets, once for real, with figures."""
