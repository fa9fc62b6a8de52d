"""Command-line arguments: what a program cannot work with is refused by name, before it begins."""

import json
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

LARGEST_PORT = 65_535


def at_least_one(text: str) -> int:
    """A whole number from 1 on: what is done no times finds nothing, and proves nothing."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def port(text: str) -> int:
    """The number of a port; 0 is any free one."""
    if not text.isdecimal() or int(text) > LARGEST_PORT:
        raise ArgumentTypeError(f"{text!r} is no port, which are numbers to {LARGEST_PORT}")
    return int(text)


def minutes(text: str) -> float:
    """A number of minutes above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    # Not a number is not above 0 either.
    if not 0 < number < float("inf"):
        raise ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def file(text: str) -> Path:
    """A file that is there, or a pipe that a shell gives in place of one."""
    path = Path(text)
    if path.is_dir() or not path.exists():
        raise ArgumentTypeError(f"{text} is not a file")
    return path


def json_object(text: str) -> dict[str, Any]:
    """The JSON object in that file, which is read once."""
    try:
        found = json.loads(file(text).read_text())
    except (OSError, ValueError) as error:
        raise ArgumentTypeError(f"{text} cannot be read as JSON: {error}") from error
    if not isinstance(found, dict):
        raise ArgumentTypeError(f"{text} has no JSON object")
    return found


def take_none(description: str | None) -> None:
    """For a program without arguments: describe it where it is asked for help, and refuse any other argument."""
    ArgumentParser(description=description, formatter_class=RawDescriptionHelpFormatter).parse_args()
