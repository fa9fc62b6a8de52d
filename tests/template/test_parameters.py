"""A person deploying is told what each parameter means, and kept from values that cannot work."""

import re
from typing import Any

import pytest

from tests.orders_table import template

PARAMETERS: dict[str, dict[str, Any]] = template()["Parameters"]


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_is_described_bounded_and_has_a_default(name: str) -> None:
    parameter = PARAMETERS[name]

    assert parameter["Description"].endswith(".")
    assert "Default" in parameter
    assert {"AllowedValues", "AllowedPattern", "MaxLength", "MaxValue"} & set(parameter)


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_default_is_within_the_bounds(name: str) -> None:
    parameter = PARAMETERS[name]
    default = parameter["Default"]

    assert default in parameter.get("AllowedValues", [default])
    assert re.search(parameter.get("AllowedPattern", ""), str(default))
    if parameter["Type"] == "Number":
        assert parameter.get("MinValue", default) <= default <= parameter.get("MaxValue", default)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_person_sees_it_in_a_group(name: str) -> None:
    groups = template()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]

    assert sum(name in group["Parameters"] for group in groups) == 1


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("Gateways", "sandbox", True),
        ("Gateways", "stripe,alipay,payu", True),
        ("Gateways", "stripe, alipay", False),
        ("Gateways", "", False),
        ("ReleasePolicies", "", True),
        ("ReleasePolicies", "alipay=strict,payu=fenced", True),
        ("ReleasePolicies", "alipay=lenient", False),
        ("PublicUrl", "https://pay.example.com/v1", True),
        ("PublicUrl", "https://pay.example.com/", False),
        ("JwtIssuer", "https://issuer.example.com/", True),
        ("JwtIssuer", "issuer.example.com", False),
        ("AllowedOrigins", "https://shop.example.com", True),
        ("AllowedOrigins", "https://shop.example.com,http://localhost:5173", True),
        ("AllowedOrigins", "https://shop.example.com/", False),
        ("AllowedOrigins", "https://shop.example.com, https://other.example.com", False),
        ("AllowedOrigins", "shop.example.com", False),
        ("AllowedOrigins", "*", False),
        ("AlarmTopicArn", "arn:aws:sns:eu-west-1:123456789012:alarms", True),
        ("AlarmTopicArn", "alarms", False),
    ],
)
def test_the_patterns_take_what_works(name: str, value: str, fits: bool) -> None:
    assert bool(re.search(PARAMETERS[name]["AllowedPattern"], value)) is fits
