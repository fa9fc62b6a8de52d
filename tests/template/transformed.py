"""The resources that CloudFormation makes, each value in readable form, for a stack with a table of its own."""

import json
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from local.tools import ROOT, SAM


class If(NamedTuple):
    """One value where the condition holds, and another where it does not."""

    condition: str
    then: Any
    otherwise: Any


NO_VALUE = "${AWS::NoValue}"


@cache
def resources(canary: str = "false", changed_layer: str = "") -> Mapping[str, dict[str, Any]]:
    """Every resource after SAM's transform, by its logical id, with `plain` values.

    `canary`: whether HTTP functions shift their traffic. `changed_layer`: a layer whose code lies elsewhere.
    """
    transform = Path(__file__).with_name("transform.py")
    done = subprocess.run(
        [SAM.with_name("python"), transform, ROOT / "template.yaml", canary, changed_layer],
        env={"AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: plain(resource) for name, resource in json.loads(done.stdout)["Resources"].items()}


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of that type, as in `of_type("DynamoDB::Table")`, by logical id."""
    return {
        name: resource["Properties"] for name, resource in resources().items() if resource["Type"] == f"AWS::{kind}"
    }


def plain(value: Any) -> Any:
    """A value with CloudFormation's functions as in `Sub`: `${Name}`, `${Name.Attribute}`; `If` for a choice."""
    match value:
        case list():
            return [plain(part) for part in value]
        case dict() if len(value) == 1 and (function := next(iter(value))) in _WRITTEN:
            return _WRITTEN[function](value[function])
        case dict():
            return {name: plain(part) for name, part in value.items()}
    return value


def _choice(condition: str, then: Any, otherwise: Any) -> Any:
    # Both tables are compared in test_restored_table.py; all else is about a stack with a table of its own.
    return plain(otherwise) if condition == "TableRestored" else If(condition, plain(then), plain(otherwise))


_WRITTEN: Mapping[str, Callable[[Any], Any]] = {
    "Ref": lambda name: f"${{{name}}}",
    "Fn::GetAtt": lambda parts: f"${{{parts[0]}.{parts[1]}}}",
    "Fn::Sub": lambda text: text if isinstance(text, str) else plain(text),
    "Fn::Join": lambda parts: f"{plain(parts[1])} joined by {parts[0]}",
    "Fn::Split": lambda parts: f"{plain(parts[1])} split at {parts[0]}",
    "Fn::If": lambda parts: _choice(*parts),
}
