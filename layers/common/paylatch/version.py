"""The version of Paylatch, declared here alone: the contract, the calls to gateways and pyproject.toml take it."""

VERSION = "0.1.0"
