"""The functions' policies, enforced on what their handlers ask of AWS."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.api.handlers import running
from tests.orders_table import TABLE, template
from tests.template.policies import Right, rights_of

# Of what services name their resources by, what the template calls them.
_TABLES = {TABLE: "OrdersTable"}


@cache
def granted() -> Mapping[str, frozenset[Right]]:
    """The rights of each function, by its folder."""
    resources = template()["Resources"].values()
    functions = [each["Properties"] for each in resources if each["Type"] == "AWS::Serverless::Function"]
    return {each["CodeUri"].removeprefix("functions/"): rights_of(each) for each in functions}


def rights_needed(service: str, operation: str, parameters: Mapping[str, Any]) -> frozenset[Right]:
    """What AWS demands for a call; a resource that the tests give another name goes by its service alone."""
    # A batch needs the right for one.
    action = f"{service}:{operation.removesuffix('Batch')}"
    if service != "dynamodb":
        return frozenset({(service, action)})
    if "IndexName" in parameters:
        return frozenset({(f"index/{parameters['IndexName']}", action)})
    tables = parameters.get("RequestItems") or [parameters["TableName"]]
    return frozenset((_TABLES.get(table, "SandboxTable"), action) for table in tables)


@contextmanager
def enforced(used: dict[str, set[Right]]) -> Iterator[list[str]]:
    """Within this context a call that no statement allows is denied, and listed; `used` has what each function asks.

    Threads of a handler are the handler's; where handlers run beside each other, what one of them may is allowed.
    """
    denied: list[str] = []
    # Whatever library asks: the one method behind all the calls of a client.
    client_class: Any = BaseClient
    call = client_class._make_api_call

    def checked(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
        callers = list(running)
        if not callers:
            return call(client, operation, parameters)
        needed = rights_needed(client.meta.service_model.service_name, operation, parameters)
        if not any(needed <= _comparable(granted()[caller]) for caller in callers):
            denied.append(f"{callers}: {sorted(needed)}")
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": str(needed)}}, operation)
        used.setdefault(callers[-1], set()).update(needed)
        return call(client, operation, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client_class, "_make_api_call", checked)
        yield denied


@cache
def _comparable(rights: frozenset[Right]) -> frozenset[Right]:
    return rights | {(action.partition(":")[0], action) for _, action in rights if not action.startswith("dynamodb")}
