"""The version of Paylatch, declared here alone; the contract, gateway calls and pyproject.toml read it."""

VERSION = "1.0.0"
