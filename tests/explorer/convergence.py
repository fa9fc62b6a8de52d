"""Callbacks arrive in any order and more than once: whatever the order, they end in one state."""


def check_convergence() -> None:
    """Not yet."""
