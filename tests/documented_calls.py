"""The curl calls of the docs, held to the contract of the API and to the sandbox gateway's own routes."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator
from sandbox.controls import Controls
from sandbox.provider import Provider
from sandbox.responses import SandboxResponse
from sandbox.routes import SandboxRequest, Services, answer_to

from tests.orders_table import ROOT

# The options of curl that the docs use, without and with a value of their own.
_FLAGS = ("-s", "-i", "-X", "-sX")
_SHOP_KEY = "key"


@dataclass(frozen=True, slots=True)
class Call:
    """A call as curl makes it: `target` is the URL with its variables as they are written."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None

    @property
    def path(self) -> str:
        """The path behind the variable with the URL; a variable in it is a word."""
        return urlsplit(re.sub(r"^\$\w+", "", self.target)).path.replace("$", "")

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))


def call_of(words: Sequence[str]) -> Call:
    """The call of a curl command. Raises `AssertionError` for an option that is not one of the docs'."""
    method, target, headers, body = "", "", dict[str, str](), None
    rest = iter(words)
    for word in rest:
        if word in ("-X", "-sX"):
            method = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name.lower()] = value
        elif word == "-d":
            body = next(rest)
        elif not word.startswith("-"):
            assert not target, f"two URLs: {target} and {word}"
            target = word
        else:
            assert word in _FLAGS, f"curl {word} is not looked at"
    return Call(method or ("GET" if body is None else "POST"), target, headers, body)


def check_api_call(call: Call) -> None:
    """Fails where the contract does not have the call, or would refuse its headers, query or body."""
    operation, parameters = _operation(call)
    if operation.get("security") != []:
        assert call.headers.get("authorization") == "Bearer $TOKEN", "the call needs a token"
    for parameter in parameters:
        given = call.headers.get(parameter["name"].lower()) if parameter["in"] == "header" else None
        assert given or not (parameter["in"] == "header" and parameter.get("required")), (
            f"{parameter['name']} is missing"
        )
    _check_query(call, parameters)
    _check_body(call, operation)


def _operation(call: Call) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    fitting = [path for path in contract()["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), call.path)]
    # A path without a parameter comes before one with.
    for path in sorted(fitting, key=lambda each: each.count("{")):
        item = contract()["paths"][path]
        if call.method.lower() in item:
            operation = item[call.method.lower()]
            return operation, [
                _resolved(each) for each in (*item.get("parameters", []), *operation.get("parameters", []))
            ]
    raise AssertionError(f"the contract has no {call.method} {call.path}")


def _resolved(parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    name = parameter.get("$ref", "").rpartition("/")[2]
    return contract()["components"]["parameters"][name] if name else parameter


def _check_query(call: Call, parameters: Sequence[Mapping[str, Any]]) -> None:
    schemas = {each["name"]: each["schema"] for each in parameters if each["in"] == "query"}
    for name, text in call.query.items():
        assert name in schemas, f"the contract has no {name} in the query"
        value = int(text) if text.isdecimal() else text
        check_document(schemas[name], value)


def _check_body(call: Call, operation: Mapping[str, Any]) -> None:
    taken = operation.get("requestBody", {"content": {}})
    if call.body is None:
        assert not taken.get("required"), "the call needs a body"
        return
    if call.path.startswith("/gateways/"):
        # A gateway's own form, of which the contract says nothing.
        return
    assert taken["content"], "the call takes no body"
    media = call.headers.get("content-type", "application/json")
    assert media in taken["content"], f"the call takes no {media}"
    if "$" not in call.body:
        check_document(taken["content"][media].get("schema", {}), json.loads(call.body))


def check_document(schema: Mapping[str, Any], document: Any) -> None:
    """Fails where the document is not what the contract's schema says."""
    whole = {**schema, "components": contract()["components"]}
    faults = [f"{each.json_path}: {each.message}" for each in Draft202012Validator(whole).iter_errors(document)]
    assert faults == []


@cache
def contract() -> dict[str, Any]:
    """The contract that each stack serves."""
    document: dict[str, Any] = json.loads((ROOT / "functions" / "orders" / "openapi.json").read_text())
    return document


class _Anything:
    """Services that do what they are asked for; the routes still read path and body."""

    def __getattr__(self, _: str) -> Any:
        return lambda *_: SandboxResponse(200, {})


def check_sandbox_call(call: Call) -> None:
    """Fails where the sandbox gateway has no such route, or refuses the body."""
    anything: Any = _Anything()
    provider: Provider = anything
    controls: Controls = anything
    request = SandboxRequest(call.method, call.path, call.query, "", (call.body or "").encode())
    answer = answer_to(request, Services(provider, controls), lambda: [_SHOP_KEY])
    # The shell functions of the page pass a body on; test_sandbox_docs.py reads what the page gives them.
    assert answer.status == (422 if call.body == "$1" else 200), answer
