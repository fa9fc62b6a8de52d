"""The version of Paylatch, declared here alone; the contract, gateway calls and pyproject.toml read it."""

VERSION = "0.1.0"
