"""The mutants that survive the model checker, with the reason for each."""

import tomllib
from pathlib import Path

EXPLAINED = Path(__file__).with_name("survivors.toml")


def explained_survivors() -> dict[str, str]:
    """By the name of a mutant, why it is harmless, or which other test kills it."""
    groups = tomllib.loads(EXPLAINED.read_text())["survivors"]
    return {name: group["because"] for group in groups for name in group["mutants"]}
