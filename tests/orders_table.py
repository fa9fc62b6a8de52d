"""The orders' table for tests: made from the very resource that the template deploys."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from paylatch.store.connection import TableConnection

ROOT = Path(__file__).parents[1]
TABLE = "orders"


class Template(yaml.SafeLoader):
    """YAML with CloudFormation's short functions; their values are not needed here."""


def _function(loader: Template, suffix: str, node: yaml.Node) -> Any:
    match node:
        case yaml.MappingNode():
            return {suffix: loader.construct_mapping(node, deep=True)}
        case yaml.SequenceNode():
            return {suffix: loader.construct_sequence(node, deep=True)}
        case yaml.ScalarNode():
            return {suffix: loader.construct_scalar(node)}
    raise ValueError(f"{suffix} is applied to nothing")


Template.add_multi_constructor("!", _function)


@cache
def template(*, restored: bool = False) -> dict[str, Any]:
    """The template as it is written, for a stack with a table of its own or on a restored one."""
    # The loader is a SafeLoader: it makes plain values only.
    written = yaml.load((ROOT / "template.yaml").read_text(), Loader=Template)
    document: dict[str, Any] = _with_table(written, 1 if restored else 2)
    return document


def _with_table(value: Any, choice: int) -> Any:
    """The value where each choice between a restored table (1) and the stack's own (2) is made."""
    match value:
        case {"If": ["TableRestored", _, _]}:
            return _with_table(value["If"][choice], choice)
        case dict():
            return {name: _with_table(part, choice) for name, part in value.items()}
        case list():
            return [_with_table(part, choice) for part in value]
    return value


def client_of(table: TableConnection) -> Any:
    """The client behind the connection, with all its calls."""
    return table.connection.client


def table_request(name: str = TABLE) -> dict[str, Any]:
    """The arguments of `CreateTable` that CloudFormation would send."""
    properties = template()["Resources"]["OrdersTable"]["Properties"]
    taken = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    stream = {"StreamEnabled": True, **properties["StreamSpecification"]}
    return {"TableName": name, "StreamSpecification": stream, **{part: properties[part] for part in taken}}
