"""House rules of the functions: named for their folder, with their log and their alarm beside them."""

from pathlib import Path
from typing import Any

import pytest

from local.deploy import logical_id
from tests.template import transformed
from tests.template.transformed import NO_VALUE, If

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
FUNCTIONS = {
    # Timeout in seconds, memory in megabytes.
    "OrdersFunction": (29, 1024),
    "PaymentRequestsFunction": (29, 1024),
    "GatewayCallbacksFunction": (29, 1024),
    "PaymentCancellationsFunction": (29, 1024),
    "TimeoutSweepsFunction": (55, 512),
    "OrderEventsFunction": (60, 512),
    "DueEventsFunction": (30, 512),
    "TimersFunction": (60, 512),
    "ReconciliationFunction": (600, 512),
    "OperationsFunction": (29, 1024),
    "PayPageFunction": (29, 1024),
    "OrderDeskFunction": (10, 512),
    "WebhooksFunction": (60, 512),
    "SandboxGatewayFunction": (29, 1024),
}
TALK_TO_GATEWAYS = (
    "payment_requests",
    "gateway_callbacks",
    "payment_cancellations",
    "timeout_sweeps",
    "timers",
    "reconciliation",
    "operations",
    "pay_page",
)
FOR_THE_LIBRARIES = {
    "POWERTOOLS_SERVICE_NAME": "${AWS::StackName}",
    "POWERTOOLS_METRICS_NAMESPACE": "Paylatch",
    "POWERTOOLS_LOG_LEVEL": "${LogLevel}",
}
GATEWAY_SETTINGS = {
    "PAYLATCH_GATEWAYS": "${Gateways} joined by ,",
    "PAYLATCH_STACK": "${AWS::StackName}",
    "PAYLATCH_RETIRED_GATEWAYS": "${RetiredGateways} joined by ,",
    "PAYLATCH_SECRETS_PREFIX": "paylatch/${AWS::StackName}/gateways/",
    "PAYLATCH_RELEASE_POLICIES": "${ReleasePolicies}",
    "PAYLATCH_LATE_MONEY": "${LateMoney}",
    "PAYLATCH_SANDBOX_URL": If(
        "SandboxUrlGiven",
        "${SandboxUrl}",
        If("SandboxOn", "https://${SandboxApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}", ""),
    ),
}
# Of what nobody waits for.
TIMER_SETTINGS = {
    "PAYLATCH_TIMER_QUEUE": "${TimerQueue}",
    "PAYLATCH_TIMER_WIDTH": "${TimerWidth}",
    "PAYLATCH_GATEWAY_RATES": "${GatewayRates}",
}
PAGES_URL = If("PagesUrlGiven", "${PagesUrl}", "https://${PagesApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}")


def public_url(otherwise: str) -> If:
    """Where gateways reach the API: by its domain where it has one, because its other address may be closed."""
    return If("PublicUrlGiven", "${PublicUrl}", If("OwnDomain", "https://${DomainName}", otherwise))


OWN_SETTINGS: dict[str, dict[str, Any]] = {
    # For the timers of overdue orders.
    "orders": {"PAYLATCH_TIMER_QUEUE": "${TimerQueue}"},
    # Its payments return to its own pages, whatever origins the shop's payments may return to.
    "pay_page": {
        "PAYLATCH_PUBLIC_URL": public_url("https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"),
        "PAYLATCH_PAGES_URL": PAGES_URL,
        "PAYLATCH_DEFAULT_LOCK": "${DefaultLock}",
        "PAYLATCH_LONGEST_LOCK": "${LongestLock}",
    },
    "timeout_sweeps": TIMER_SETTINGS,
    "timers": TIMER_SETTINGS,
    "reconciliation": {name: TIMER_SETTINGS[name] for name in ("PAYLATCH_TIMER_WIDTH", "PAYLATCH_GATEWAY_RATES")},
    "payment_requests": {
        # Empty: the address that the request came in by.
        "PAYLATCH_PUBLIC_URL": public_url(""),
        "PAYLATCH_PAGES_URL": PAGES_URL,
        "PAYLATCH_STAGE": "${Stage}",
        "PAYLATCH_RETURN_ORIGINS": "${ReturnOrigins}",
        "PAYLATCH_DEFAULT_LOCK": "${DefaultLock}",
        "PAYLATCH_LONGEST_LOCK": "${LongestLock}",
    },
    "order_events": {"PAYLATCH_EVENT_BUS": "${EventBus}", "PAYLATCH_RETENTION_DAYS": "${RetentionDays}"},
    "operations": {
        "PAYLATCH_FOUR_EYES": "${FourEyes}",
        # For a replay.
        "PAYLATCH_EVENT_BUS": "${EventBus}",
        # For an action on a group of orders.
        "PAYLATCH_RATE_SHARES": "${TimerWidth}",
        "PAYLATCH_GATEWAY_RATES": "${GatewayRates}",
    },
}
SANDBOX_SETTINGS = {
    "PAYLATCH_SANDBOX_TABLE": "${SandboxTable}",
    "PAYLATCH_SANDBOX_SECRET": "paylatch/${AWS::StackName}/gateways/sandbox",
    "PAYLATCH_SANDBOX_URL": "${SandboxUrl}",
}
SIGN_IN_URL = If(
    "OwnUserPool",
    If(
        "SignInUrlGiven",
        "${SignInUrl}",
        [
            "https://${UserPoolDomain}.${SignIn}.${AWS::Region}.amazoncognito.com",
            {"SignIn": {"Fn::FindInMap": ["SignIn", "${AWS::Partition}", "Host"]}},
        ],
    ),
    "",
)
WEBHOOK_SETTINGS = {
    "PAYLATCH_WEBHOOK_URL": "${WebhookUrl}",
    "PAYLATCH_WEBHOOK_LOCAL": "${WebhookLocal}",
    "PAYLATCH_WEBHOOK_QUEUE": "${WebhookQueue}",
    "PAYLATCH_WEBHOOK_SECRETS": "paylatch/${AWS::StackName}/",
}
# Without a table: it has access to no data.
DESK_SETTINGS = {
    "PAYLATCH_API_URL": public_url("https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"),
    "PAYLATCH_PAGES_URL": PAGES_URL,
    "PAYLATCH_JWT_ISSUER": If(
        "OwnUserPool", "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool}", "${JwtIssuer}"
    ),
    "PAYLATCH_DESK_CLIENT_ID": If("OwnUserPool", "${DeskClient}", "${DeskClientId}"),
    "PAYLATCH_DESK_SCOPE": If("OwnUserPool", "openid email", "${DeskScope}"),
    "PAYLATCH_SIGN_IN_URL": SIGN_IN_URL,
    "PAYLATCH_SIGN_IN_ORIGINS": If("OwnUserPool", "", "${SignInOrigins}"),
    "PAYLATCH_FOUR_EYES": "${FourEyes}",
}
# All others are always deployed.
DEPLOYED_WHERE = {"sandbox_gateway": "SandboxOn", "webhooks": "WebhooksOn"}
OWN_KEY = If("OwnKey", "${KeyArn}", NO_VALUE)
# Reserved only where the parameter is set.
RESERVED = {
    "TimeoutSweepsFunction": If("SweepsReserved", "${ReservedSweeps}", NO_VALUE),
    "GatewayCallbacksFunction": If("CallbacksReserved", "${ReservedCallbacks}", NO_VALUE),
}
# A run that fails is not run again: the next one comes anyway.
NOT_RETRIED = {
    "MaximumRetryAttempts": 0,
    "MaximumEventAgeInSeconds": 60,
    "Qualifier": "live",
    "DestinationConfig": {},
}
SCHEDULES = {
    "TimeoutSweepsFunctionEveryMinute": "rate(1 minute)",
    "SandboxGatewayFunctionEveryMinute": "rate(1 minute)",
    "ReconciliationFunctionEachNight": "cron(0/15 3-6 * * ? *)",
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


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_three_live_under_the_same_condition(resources: dict[str, Any], folder: str) -> None:
    noun = logical_id(folder).removesuffix("Function")
    conditions = {resources[f"{noun}{part}"].get("Condition") for part in ("Function", "Logs", "Errors")}

    assert conditions == {DEPLOYED_WHERE.get(folder)}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_sections_of_a_function_have_one_order(functions: dict[str, Any], folder: str) -> None:
    order = (
        "Description",
        "CodeUri",
        "Timeout",
        "MemorySize",
        "Layers",
        "LoggingConfig",
        "DeploymentPreference",
        "ReservedConcurrentExecutions",
        "EventInvokeConfig",
        "Environment",
        "Policies",
        "Events",
    )

    assert list(functions[folder]) == [section for section in order if section in functions[folder]]


def test_every_function_has_a_row() -> None:
    assert set(transformed.of_type("Lambda::Function")) == set(FUNCTIONS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_is_as_its_row_says(folder: str) -> None:
    name = logical_id(folder)
    function = transformed.of_type("Lambda::Function")[name]
    timeout, memory = FUNCTIONS[name]
    # SAM gives the layers in no certain order.
    layers = sorted(layer for layer in transformed.of_type("Lambda::LayerVersion") if _carries(folder, layer))

    assert {key: value for key, value in function.items() if key not in ("Description", "Code")} == {
        "Runtime": "python3.13",
        "Architectures": ["arm64"],
        "Handler": "app.handler",
        "Layers": [f"${{{layer}}}" for layer in layers],
        "Timeout": timeout,
        "MemorySize": memory,
        "Role": f"${{{name}Role.Arn}}",
        "LoggingConfig": {"LogGroup": f"${{{name.removesuffix('Function')}Logs}}"},
        "Environment": {"Variables": FOR_THE_LIBRARIES | _settings(folder)},
        "Tags": [{"Key": "lambda:createdBy", "Value": "SAM"}],
        **({"ReservedConcurrentExecutions": RESERVED[name]} if name in RESERVED else {}),
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_is_its_folder_and_sam_installs_nothing_into_it(folder: str) -> None:
    assert transformed.resources()[logical_id(folder)]["Metadata"] == {"SkipBuild": True}


def test_what_a_schedule_starts_is_started_at_these_times_and_no_run_is_repeated() -> None:
    rules = {name: rule for name, rule in transformed.of_type("Events::Rule").items() if "EventPattern" not in rule}
    functions = {rule: f"{rule.partition('Function')[0]}Function" for rule in SCHEDULES}

    assert rules == {
        rule: {
            "Description": rules[rule]["Description"],
            "ScheduleExpression": times,
            "Targets": [{"Arn": f"${{{functions[rule]}Aliaslive}}", "Id": f"{rule}LambdaTarget"}],
        }
        for rule, times in SCHEDULES.items()
    }
    assert transformed.of_type("Lambda::EventInvokeConfig") == {
        f"{function}EventInvokeConfig": {"FunctionName": f"${{{function}}}", **NOT_RETRIED}
        for function in functions.values()
    }


def test_the_layers_are_for_the_functions_runtime() -> None:
    layers = transformed.of_type("Lambda::LayerVersion").values()

    assert {layer["LayerName"] for layer in layers} == {"${AWS::StackName}-common", "${AWS::StackName}-pages"}
    for layer in layers:
        assert layer["CompatibleRuntimes"] == ["python3.13"]
        assert layer["CompatibleArchitectures"] == ["arm64"]


def test_the_layer_s_libraries_are_installed_for_the_functions_machine_and_python() -> None:
    makefile = (ROOT / "layers" / "common" / "Makefile").read_text()

    assert "PYTHON_OF_LAMBDA = 3.13\n" in makefile
    assert "PLATFORM_OF_LAMBDA = aarch64-manylinux2014\n" in makefile


def test_every_log_is_kept_as_long_as_the_parameter_says_and_in_prod_outlives_the_stack() -> None:
    nouns = {logical_id(folder).removesuffix("Function"): folder for folder in FOLDERS}
    nouns |= {"Api": "api", "PagesApi": "pages_api"}

    assert transformed.of_type("Logs::LogGroup") == {
        f"{noun}Logs": {
            "LogGroupName": f"/paylatch/${{AWS::StackName}}/{name}",
            "RetentionInDays": "${LogRetentionDays}",
            "KmsKeyId": OWN_KEY,
        }
        for noun, name in nouns.items()
    }
    logs = [transformed.resources()[f"{noun}Logs"] for noun in nouns]
    assert {(log["DeletionPolicy"], log["UpdateReplacePolicy"]) for log in logs} == {
        # A stack that could not be made leaves none behind, so that it can be made again under its name.
        (If("DataProtected", "RetainExceptOnCreate", "Delete"), If("DataProtected", "Retain", "Delete"))
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_http_function_times_out_before_api_gateway_does(functions: dict[str, Any], folder: str) -> None:
    events = functions[folder].get("Events", {}).values()
    answers_http = folder in ("pay_page", "order_desk") or any(event["Type"] == "HttpApi" for event in events)

    assert not answers_http or functions[folder]["Timeout"] < API_WAITS


def test_a_sweep_ends_before_the_next_begins(functions: dict[str, Any]) -> None:
    assert functions["timeout_sweeps"]["Timeout"] < 60


def test_a_reconciliation_ends_before_the_next_begins(functions: dict[str, Any]) -> None:
    assert functions["reconciliation"]["Timeout"] < 15 * 60


def _carries(folder: str, layer: str) -> bool:
    """Whether that function has that layer: only pages are rendered."""
    return layer.startswith("CommonLayer") or folder == "pay_page"


def _settings(folder: str) -> dict[str, Any]:
    if folder == "sandbox_gateway":
        return SANDBOX_SETTINGS
    if folder == "webhooks":
        return WEBHOOK_SETTINGS
    if folder == "order_desk":
        return DESK_SETTINGS
    if folder == "due_events":
        # It does nothing but send timers, and has no other client to make.
        return {"PAYLATCH_TIMER_QUEUE": "${TimerQueue}"}
    gateways = GATEWAY_SETTINGS if folder in TALK_TO_GATEWAYS else {}
    return {"PAYLATCH_TABLE": "${OrdersTable}", **gateways, **OWN_SETTINGS.get(folder, {})}
