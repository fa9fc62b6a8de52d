"""The shell commands of the docs, held to what they call: AWS's own descriptions of its services, Makefile, files."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import ServiceModel

from tests.code_blocks import commands_of
from tests.documented_calls import call_of, check_api_call, check_sandbox_call
from tests.orders_table import ROOT

# Of the AWS CLI itself, and not of a service. The last two are of `lambda invoke` and `wait`.
_GLOBAL_OPTIONS = {"--output", "--query", "--region", "--cli-binary-format"}
_ASSIGNMENT = re.compile(r"\w+=")
_DEFINED = re.compile(r"^\s*(\w+)\(\)", re.MULTILINE)
# What only combines or prints what other commands do.
_GLUE = {"{", "}", "for", "while", "do", "done", "until", "[", "echo", "sleep", "jq", "openssl", "$", "git", "export"}


def check_commands(text: str, page: str = "") -> None:
    """Fails at the first command that cannot be as it is written, or that nothing here can judge. The shell functions
    of the page are known."""
    own = set(_DEFINED.findall(page + text))
    for words in commands_of(text):
        program, *rest = _without_assignments(words) or [""]
        if program and program not in own and program not in _GLUE:
            assert program in CHECKS, f"nothing checks {program!r}: add a check, or say why the block is not run"
            CHECKS[program](rest)


def _without_assignments(words: Sequence[str]) -> list[str]:
    rest = list(words)
    while rest and (_ASSIGNMENT.match(rest[0]) or rest[0] in ("{", "do", "while", "until")):
        rest.pop(0)
    return rest


def _curl(words: Sequence[str]) -> None:
    if "$SIGN_IN/oauth2/token" in words:
        return
    call = call_of(words)
    {"$API": check_api_call, "$SANDBOX": check_sandbox_call}[call.target.split("/")[0]](call)


def _aws(words: Sequence[str]) -> None:
    service, command, *rest = words
    if command == "wait":
        waiters = botocore.session.get_session().get_waiter_model(service).waiter_names
        assert rest[0] in {xform_name(name, "-") for name in waiters}, f"{service} has no waiter {rest[0]}"
        return
    options = [word for word in rest if word.startswith("--") and word not in _GLOBAL_OPTIONS]
    members, needed = _options_of(service, command)
    unknown = [each for each in options if each not in members and each.replace("--no-", "--") not in members]
    assert unknown == [], f"aws {service} {command} has no {unknown}"
    assert needed <= set(options), f"aws {service} {command} needs {needed - set(options)}"
    if service == "secretsmanager" and "--secret-string" in rest:
        secret = rest[rest.index("--secret-string") + 1]
        assert secret.startswith("file://") or json.loads(secret)


@cache
def _options_of(service: str, command: str) -> tuple[frozenset[str], frozenset[str]]:
    """The options of a command of the AWS CLI, and those that it needs."""
    model = ServiceModel(
        botocore.session.get_session().get_component("data_loader").load_service_model(service, "service-2")
    )
    by_command = {xform_name(name, "-"): name for name in model.operation_names}
    assert command in by_command, f"aws {service} has no {command}"
    shape: Any = model.operation_model(by_command[command]).input_shape
    return frozenset(_option(name) for name in shape.members), frozenset(map(_option, shape.required_members))


def _option(member: str) -> str:
    return f"--{xform_name(member, '-')}"


def _make(words: Sequence[str]) -> None:
    for target in (word for word in words if not _ASSIGNMENT.match(word)):
        assert re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text(), re.MULTILINE), (
            f"no target {target}"
        )


def _pytest(words: Sequence[str]) -> None:
    missing = [word for word in words if word.startswith("tests/") and not (ROOT / word).exists()]
    assert missing == []


def _python(words: Sequence[str]) -> None:
    option, module, *_ = words
    assert option == "-m", words
    assert find_spec(module), f"no module {module}"


def _nothing(_: Sequence[str]) -> None:
    """A command without arguments to check."""


CHECKS: Mapping[str, Callable[[Sequence[str]], None]] = {
    "aws": _aws,
    "curl": _curl,
    "make": _make,
    ".venv/bin/pytest": _pytest,
    ".venv/bin/python": _python,
    ".venv/bin/mypy": _nothing,
}
