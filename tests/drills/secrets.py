"""The secrets of a stack, as an operator reads and stores them."""

import json
from collections.abc import Mapping
from typing import Any

from local import aws
from local.stack import Stack


def read_secret(stack: Stack, name: str) -> dict[str, Any]:
    """The secret of that gateway, or of `webhooks`."""
    value = _client(stack).get_secret_value(SecretId=_id_of(stack, name))["SecretString"]
    secret: dict[str, Any] = json.loads(value)
    return secret


def store_secret(stack: Stack, name: str, secret: Mapping[str, object]) -> None:
    """Store the secret in place of the present one."""
    _client(stack).put_secret_value(SecretId=_id_of(stack, name), SecretString=json.dumps(secret))


def _id_of(stack: Stack, name: str) -> str:
    gateways = stack.secrets_prefix
    return gateways.removesuffix("gateways/") + name if name == "webhooks" else gateways + name


def _client(stack: Stack) -> Any:
    session: Any = aws.session()
    return session.client("secretsmanager", endpoint_url=stack.aws_endpoint_url)
