"""The deployed local stack under load, while its processes are killed and stalled."""
