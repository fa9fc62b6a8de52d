"""What the policies of the functions in the template allow."""

from collections.abc import Iterator
from typing import Any

# The part of a resource that identifies it, and an action.
Right = tuple[str, str]

_OWN_SECRETS = (
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:paylatch/${AWS::StackName}/"
)


def rights_of(function: dict[str, Any]) -> frozenset[Right]:
    """Each action that the function's policies allow, on each resource."""
    return frozenset(
        (_short_name(resource), action)
        for statement in statements_of(function)
        for resource in listed(statement["Resource"])
        for action in listed(statement["Action"])
    )


def functions_that_change_orders(resources: dict[str, dict[str, Any]]) -> set[str]:
    """The logical ids of the template's functions that write heads."""
    functions = {name: part for name, part in resources.items() if part["Type"] == "AWS::Serverless::Function"}
    write = ("OrdersTable", "dynamodb:UpdateItem")
    return {name for name, function in functions.items() if write in rights_of(function["Properties"])}


def statements_of(function: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements of all the function's policies."""
    for policy in function.get("Policies", ()):
        yield from policy["Statement"]


def listed(value: Any) -> list[Any]:
    """What a policy may write as one value or as a list."""
    return value if isinstance(value, list) else [value]


def _short_name(resource: dict[str, str]) -> str:
    ((_, text),) = resource.items()
    for prefix in ("index/", "stream/", "gateways/"):
        if prefix in text:
            return prefix + text.rpartition(prefix)[2]
    return text.removesuffix(".Arn").removeprefix(_OWN_SECRETS)
