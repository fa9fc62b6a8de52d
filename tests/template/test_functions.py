"""House rules of the functions: named for their folder, with their log and their alarm beside them."""

from pathlib import Path
from typing import Any

import pytest

from local.deploy import logical_id
from tests.orders_table import template

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
TALK_TO_GATEWAYS = ("payment_requests", "gateway_callbacks", "payment_cancellations", "timeout_sweeps", "operations")
GATEWAY_SETTINGS = {
    "PAYLATCH_GATEWAYS",
    "PAYLATCH_STACK",
    "PAYLATCH_RETIRED_GATEWAYS",
    "PAYLATCH_SECRETS_PREFIX",
    "PAYLATCH_RELEASE_POLICIES",
    "PAYLATCH_SANDBOX_URL",
}
# API Gateway waits no longer for an answer.
API_WAITS = 30


def test_each_folder_is_one_function_and_each_function_one_folder(functions: dict[str, Any]) -> None:
    assert sorted(functions) == FOLDERS


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_is_named_for_its_folder(resources: dict[str, Any], folder: str) -> None:
    assert resources[logical_id(folder)]["Properties"]["CodeUri"] == f"functions/{folder}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_its_log_and_its_alarm_stand_together(resources: dict[str, Any], folder: str) -> None:
    name = logical_id(folder)
    noun = name.removesuffix("Function")
    written = list(resources)
    place = written.index(name)

    assert written[place : place + 3] == [name, f"{noun}Logs", f"{noun}Errors"]
    assert resources[name]["Properties"]["LoggingConfig"]["LogGroup"] == {"Ref": f"{noun}Logs"}
    assert resources[f"{noun}Logs"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert {"Name": "FunctionName", "Value": {"Ref": name}} in resources[f"{noun}Errors"]["Properties"]["Dimensions"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_three_live_under_the_same_condition(resources: dict[str, Any], folder: str) -> None:
    noun = logical_id(folder).removesuffix("Function")
    conditions = {resources[f"{noun}{part}"].get("Condition") for part in ("Function", "Logs", "Errors")}

    assert conditions == {"SandboxOn" if folder == "sandbox_gateway" else None}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_sections_of_a_function_have_one_order(functions: dict[str, Any], folder: str) -> None:
    order = (
        "Description",
        "CodeUri",
        "Timeout",
        "MemorySize",
        "LoggingConfig",
        "ReservedConcurrentExecutions",
        "EventInvokeConfig",
        "Environment",
        "Policies",
        "Events",
    )

    assert list(functions[folder]) == [section for section in order if section in functions[folder]]


@pytest.mark.parametrize("folder", FOLDERS)
def test_timeout_and_memory_are_chosen(functions: dict[str, Any], folder: str) -> None:
    answers_http = any(event["Type"] == "HttpApi" for event in functions[folder].get("Events", {}).values())

    assert functions[folder]["Timeout"] < (API_WAITS if answers_http else 61)
    assert functions[folder]["MemorySize"] >= 512


def test_a_sweep_ends_before_the_next_begins(functions: dict[str, Any]) -> None:
    assert functions["timeout_sweeps"]["Timeout"] < 60


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_is_told_what_it_needs_and_no_more(functions: dict[str, Any], folder: str) -> None:
    assert set(functions[folder]["Environment"]["Variables"]) == _settings(folder)


def test_what_all_functions_are_told_is_for_the_libraries() -> None:
    told = template()["Globals"]["Function"]["Environment"]["Variables"]

    assert all(name.startswith("POWERTOOLS_") for name in told)


def _settings(folder: str) -> set[str]:
    if folder == "sandbox_gateway":
        return {"PAYLATCH_SANDBOX_TABLE", "PAYLATCH_SANDBOX_SECRET", "PAYLATCH_SANDBOX_URL"}
    own = {
        "payment_requests": {"PAYLATCH_PUBLIC_URL", "PAYLATCH_STAGE", "PAYLATCH_RETURN_ORIGINS"},
        "order_events": {"PAYLATCH_EVENT_BUS"},
        "operations": {"PAYLATCH_FOUR_EYES"},
    }
    return {"PAYLATCH_TABLE"} | own.get(folder, set()) | (GATEWAY_SETTINGS if folder in TALK_TO_GATEWAYS else set())
