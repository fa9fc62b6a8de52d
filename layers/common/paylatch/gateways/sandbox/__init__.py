"""The simulated gateway: the adapter and its documents."""
