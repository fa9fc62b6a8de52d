"""The deployed local stack under load, while its processes die and stand still."""
