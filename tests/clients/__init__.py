"""Clients that others' generators make of the contract: they compile, and buy something on a deployed local stack."""
