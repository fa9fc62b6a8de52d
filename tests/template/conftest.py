"""The template as written, for rules about it."""

from typing import Any

import pytest

from tests.orders_table import template


@pytest.fixture(scope="session")
def resources() -> dict[str, Any]:
    """Every resource by its logical id."""
    found: dict[str, Any] = template()["Resources"]
    return found


@pytest.fixture(scope="session")
def functions(resources: dict[str, Any]) -> dict[str, Any]:
    """The properties of every function by its folder."""
    return {
        resource["Properties"]["CodeUri"].removeprefix("functions/"): resource["Properties"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
