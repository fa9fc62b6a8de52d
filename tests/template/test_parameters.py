"""Every parameter has a description, and refuses values that cannot work."""

import re
from typing import Any

import pytest

from paylatch.domain.retention import SHORTEST_KEEP
from paylatch.runtime.settings import settings_from
from paylatch.runtime.wiring import _MAKERS, ConfiguredGateways, SystemClock
from tests.orders_table import template

PARAMETERS: dict[str, dict[str, Any]] = template()["Parameters"]
# By this, reconciliation knows what was settled before an order was retired.
SHORTEST = str(SHORTEST_KEEP.days)
# The default parameters.
DEFAULTS = {
    "Stage": "dev",
    "Canary": "prod",
    "KeyArn": "",
    "TableSource": "own",
    "RestoredStreamArn": "",
    "RetentionDays": "0",
    "LogRetentionDays": 30,
    "LogLevel": "INFO",
    "AlarmTopicArn": "",
    # A new account may run 10 functions at once, and AWS wants that many unreserved.
    "ReservedSweeps": 0,
    "TimerWidth": 5,
    "EventsInParallel": 4,
    "DefaultLock": 900,
    "LongestLock": 86_400,
    "LateMoney": "accept",
    "JwtIssuer": "",
    "JwtAudience": "",
    "AllowedOrigins": "",
    "ReturnOrigins": "",
    "ThrottleRate": 200,
    "ThrottleBurst": 400,
    "CallbackRate": 200,
    "CallbackBurst": 400,
    "ReservedCallbacks": 0,
    "DomainName": "",
    "CertificateArn": "",
    "DefaultEndpoint": "open",
    "Gateways": "sandbox",
    "RetiredGateways": "",
    "ReleasePolicies": "",
    "GatewayRates": "",
    "FourEyes": "true",
    "PublicUrl": "",
    "SandboxGateway": "true",
    "SandboxUrl": "",
    "PagesUrl": "",
    "SignInDomain": "",
    "SignInUrl": "",
    "DeskClientId": "",
    "DeskScope": "openid",
    "SignInOrigins": "",
    "ArchiveDays": 0,
    "WebhookUrl": "",
    "WebhookLocal": "false",
}
CONDITIONS = {
    "DataProtected": ("Stage", "prod", True),
    "OwnUserPool": ("JwtIssuer", "", True),
    "SecondFactorDemanded": ("Stage", "prod", True),
    "SignInDomainGiven": ("SignInDomain", "", False),
    "SignInUrlGiven": ("SignInUrl", "", False),
    "BrowsersCall": ("AllowedOrigins", "", False),
    "SandboxOn": ("SandboxGateway", "true", True),
    "PagesUrlGiven": ("PagesUrl", "", False),
    "PublicUrlGiven": ("PublicUrl", "", False),
    "SandboxUrlGiven": ("SandboxUrl", "", False),
    "SweepsReserved": ("ReservedSweeps", "0", False),
    "AlarmsHeard": ("AlarmTopicArn", "", False),
    "WebhooksOn": ("WebhookUrl", "", False),
    "EventsArchived": ("ArchiveDays", "0", False),
    "CallbacksReserved": ("ReservedCallbacks", "0", False),
    "OwnDomain": ("DomainName", "", False),
    "CertificateGiven": ("CertificateArn", "", False),
    "EndpointClosed": ("DefaultEndpoint", "closed", True),
    "OwnKey": ("KeyArn", "", False),
    "TableRestored": ("RestoredStreamArn", "", False),
    "OwnTable": ("RestoredStreamArn", "", True),
}
STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders-restored/stream/2026-11-27T05:00:00.000"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1234abcd-12ab-34cd"
# What a stack with real buyers must be given; everything else has its default.
PROD = {
    "Stage": "prod",
    "Gateways": "stripe",
    "SandboxGateway": "false",
    "AlarmTopicArn": "arn:aws:sns:eu-west-1:123456789012:alarms",
    "ReturnOrigins": "https://shop.example.com",
}


def test_the_defaults_are_these() -> None:
    assert {name: parameter["Default"] for name, parameter in PARAMETERS.items()} == DEFAULTS


def test_every_condition_has_a_row() -> None:
    assert set(template()["Conditions"]) == set(CONDITIONS)


@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("same", [True, False])
def test_a_condition_goes_by_one_parameter(name: str, same: bool) -> None:
    parameter, value, holds = CONDITIONS[name]
    given = value if same else "another value"

    assert _worth(template()["Conditions"][name], {parameter: given}) is (holds is same)


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
        *(("RetentionDays", days, True) for days in ("0", SHORTEST, "99", "100", "540", "2999", "3000", "3650")),
        *(
            ("RetentionDays", days, False)
            for days in ("", "1", str(int(SHORTEST) - 1), "030", "3651", "3700", "9999", "10000", "-30", "30.5")
        ),
        ("Gateways", "sandbox", True),
        ("Gateways", "stripe,alipay,payu", True),
        ("Gateways", "stripe,strpie", False),
        ("Gateways", "", False),
        ("RetiredGateways", "", True),
        ("RetiredGateways", "payu,alipay", True),
        ("RetiredGateways", "payu,strpie", False),
        ("ReleasePolicies", "", True),
        ("ReleasePolicies", "alipay=strict,payu=fenced", True),
        ("ReleasePolicies", "alipay=lenient", False),
        ("ReleasePolicies", "alipy=strict", False),
        ("GatewayRates", "", True),
        ("GatewayRates", "stripe=25,payu=10", True),
        ("GatewayRates", "stripe=0", False),
        ("GatewayRates", "stripe=2.5", False),
        ("GatewayRates", "strpie=25", False),
        ("GatewayRates", "stripe=25, payu=10", False),
        ("PublicUrl", "https://pay.example.com/v1", True),
        ("PublicUrl", "https://pay.example.com/", False),
        ("PagesUrl", "https://pay.example.com", True),
        ("PagesUrl", "https://pay.example.com/", False),
        ("PagesUrl", "https://pay.example.com:8443/Shop", True),
        ("PagesUrl", "http://127.0.0.1:3002", True),
        # A browser's origin is in lower case, which the API compares.
        ("PagesUrl", "https://Pay.example.com", False),
        ("PagesUrl", "http://localhost.example.com", False),
        ("SignInDomain", "shop-example", True),
        ("SignInDomain", "7", True),
        ("SignInDomain", "Shop", False),
        ("SignInDomain", "-shop", False),
        ("SignInDomain", "shop-", False),
        ("SignInDomain", "shop.example", False),
        ("SignInDomain", "my-aws-shop", False),
        ("SignInDomain", "amazonas", False),
        ("SignInDomain", "cognito", False),
        ("SignInUrl", "https://sign-in.example.com", True),
        ("SignInUrl", "http://127.0.0.1:4566", True),
        ("SignInUrl", "https://sign-in.example.com/", False),
        ("SignInUrl", "http://sign-in.example.com", False),
        ("DeskClientId", "https://desk.example.com/client", True),
        ("DeskClientId", "my client", False),
        ("DeskScope", "openid api://paylatch/orders", True),
        ("DeskScope", "", False),
        ("DeskScope", "openid  email", False),
        ("DeskScope", "openid,email ", False),
        ("SignInOrigins", "https://token.example.com,https://keys.example.com:8443", True),
        ("SignInOrigins", "https://token.example.com; script-src *", False),
        ("SignInOrigins", "https://*.example.com", False),
        ("SignInOrigins", "https://token.example.com/oauth2", False),
        ("JwtIssuer", "https://issuer.example.com/", True),
        ("JwtIssuer", "issuer.example.com", False),
        ("JwtIssuer", "http://issuer.example.com/", False),
        ("AllowedOrigins", "https://shop.example.com", True),
        ("AllowedOrigins", "https://shop.example.com,http://localhost:5173", True),
        ("AllowedOrigins", "https://shop.example.com/", False),
        ("AllowedOrigins", "https://shop.example.com, https://other.example.com", False),
        ("AllowedOrigins", "shop.example.com", False),
        ("AllowedOrigins", "*", False),
        ("ReturnOrigins", "https://shop.example.com,http://localhost:5173", True),
        ("ReturnOrigins", "https://shop.example.com/thanks", False),
        ("ReturnOrigins", "http://shop.example.com", False),
        ("ReturnOrigins", "https://shop.example.com,http://shop.example.com", False),
        ("ReturnOrigins", "http://localhost.example.com", False),
        ("ReturnOrigins", "http://127.0.0.1:8080,https://shop.example.com:8443", True),
        ("AllowedOrigins", "http://shop.example.com", False),
        ("PublicUrl", "http://pay.example.com", False),
        ("PublicUrl", "http://localhost.example.com", False),
        ("PublicUrl", "http://127.0.0.1:3000", True),
        ("PublicUrl", "http://localhost:3000/v1", True),
        ("ReturnOrigins", "https://*.example.com", False),
        ("WebhookUrl", "https://shop.example.com/webhooks?of=paylatch", True),
        ("WebhookUrl", "http://127.0.0.1:8000/webhooks", True),
        ("WebhookUrl", "http://localhost/webhooks", True),
        ("WebhookUrl", "http://shop.example.com/webhooks", False),
        ("WebhookUrl", "http://127.0.0.1.example.com/", False),
        ("WebhookUrl", "https://user:secret@shop.example.com/", False),
        ("WebhookUrl", "https://łódź.example/webhooks", False),
        ("AlarmTopicArn", "arn:aws:sns:eu-west-1:123456789012:alarms", True),
        ("AlarmTopicArn", "alarms", False),
        ("KeyArn", "arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", True),
        ("KeyArn", "arn:aws:kms:eu-west-1:123456789012:alias/shop", False),
        ("KeyArn", "1234abcd-12ab-34cd-56ef-1234567890ab", False),
        ("DomainName", "pay.example.com", True),
        ("DomainName", "https://pay.example.com", False),
        ("DomainName", "pay.example.com.", False),
        ("DomainName", "localhost", False),
        ("CertificateArn", "arn:aws:acm:eu-west-1:123456789012:certificate/1234abcd-12ab-34cd", True),
        ("CertificateArn", "arn:aws:iam::123456789012:server-certificate/pay", False),
        ("ReleasePolicies", "alipay=strict,payu=fenced,stripe=strict", True),
        ("ReleasePolicies", "alipay=strict,payu=fenced,alipay=fenced", False),
        ("GatewayRates", "stripe=25,stripe=10", False),
    ],
)
def test_the_patterns_take_what_works(name: str, value: str, fits: bool) -> None:
    parameter = PARAMETERS[name]
    members = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]

    assert all(re.search(parameter["AllowedPattern"], member) for member in members) is fits


def test_the_gateways_to_choose_from_are_those_that_the_code_has() -> None:
    names = re.findall(r"\w+", PARAMETERS["Gateways"]["AllowedPattern"])
    settings = settings_from({"PAYLATCH_TABLE": "orders", "PAYLATCH_GATEWAYS": ",".join(names)})
    gateways = ConfiguredGateways(settings, SystemClock())

    assert [name for name in names if gateways.takes_payments(name)] == names
    assert names == list(_MAKERS), "template.yaml: `AllowedPattern` of Gateways, or `_MAKERS` in runtime/wiring.py"
    for parameter, times in (("RetiredGateways", 1), ("ReleasePolicies", 2), ("GatewayRates", 2)):
        pattern = PARAMETERS[parameter]["AllowedPattern"]
        assert pattern.count(f"({'|'.join(names)})") == times, f"template.yaml: `AllowedPattern` of {parameter}"


@pytest.mark.parametrize(
    ("given", "broken"),
    [
        ({}, set()),
        ({"SandboxGateway": "false"}, {"TheSandboxIsDeployedWhereItIsUsed"}),
        ({"SandboxGateway": "false", "SandboxUrl": "https://sandbox.example.com"}, set()),
        ({"SandboxGateway": "false", "Gateways": "stripe"}, set()),
        ({"SandboxGateway": "false", "Gateways": "stripe,sandbox"}, {"TheSandboxIsDeployedWhereItIsUsed"}),
        ({"Gateways": "stripe,sandbox"}, set()),
        (PROD, set()),
        (PROD | {"SandboxGateway": "true"}, {"NothingIsPretendedInProd"}),
        (
            PROD | {"Gateways": "stripe,sandbox", "SandboxUrl": "https://sandbox.example.com"},
            {"NothingIsPretendedInProd"},
        ),
        (PROD | {"SandboxUrl": "https://sandbox.example.com"}, {"NothingIsPretendedInProd"}),
        (PROD | {"RetiredGateways": "payu,sandbox"}, {"NothingIsPretendedInProd"}),
        (PROD | {"RetiredGateways": "payu,alipay"}, set()),
        ({"RetiredGateways": "sandbox"}, set()),
        ({"TableSource": "restored", "RestoredStreamArn": STREAM}, set()),
        ({"TableSource": "restored"}, {"ARestoredTableIsGiven"}),
        ({"RestoredStreamArn": STREAM}, {"ARestoredTableIsMeant"}),
        ({"WebhookLocal": "true"}, set()),
        (PROD | {"WebhookLocal": "true"}, {"WebhooksLeaveTheirMachineInProd"}),
        (PROD | {"AlarmTopicArn": ""}, {"ProdIsWatchedAndItsLogsAreKept"}),
        (PROD | {"LogRetentionDays": "14"}, {"ProdIsWatchedAndItsLogsAreKept"}),
        (PROD | {"LogRetentionDays": "3653"}, set()),
        (PROD | {"ReturnOrigins": ""}, {"ProdSendsPayersToTheShop"}),
        ({"DomainName": "pay.example.com"}, {"ADomainHasItsCertificate"}),
        ({"DomainName": "pay.example.com", "CertificateArn": CERTIFICATE, "DefaultEndpoint": "closed"}, set()),
        ({"CertificateArn": CERTIFICATE}, {"ACertificateHasItsDomain"}),
        ({"DefaultEndpoint": "closed"}, {"TheApiHasAnAddress"}),
        ({"LogRetentionDays": "1", "AlarmTopicArn": "", "ReturnOrigins": ""}, set()),
        ({"Gateways": "stripe", "JwtIssuer": "https://issuer.example.com"}, {"ForeignTokensNameTheirAudience"}),
        ({"JwtAudience": "https://api.example.com"}, {"AnAudienceHasItsIssuer"}),
        ({"JwtIssuer": "https://issuer.example.com", "JwtAudience": "https://api.example.com"}, set()),
    ],
)
def test_the_rules_refuse_what_cannot_work_together(given: dict[str, str], broken: set[str]) -> None:
    values = {name: str(given.get(name, parameter["Default"])) for name, parameter in PARAMETERS.items()}

    assert {name for name, rule in template()["Rules"].items() if not _holds(rule, values)} == broken


def _holds(rule: dict[str, Any], values: dict[str, str]) -> bool:
    return not _worth(rule["RuleCondition"], values) or all(
        _worth(assertion["Assert"], values) for assertion in rule["Assertions"]
    )


def _worth(expression: Any, values: dict[str, str]) -> Any:
    if not isinstance(expression, dict):
        return expression
    ((function, parts),) = expression.items()
    if function == "Ref":
        return values[parts].split(",") if PARAMETERS[parts]["Type"] == "CommaDelimitedList" else values[parts]
    worth = [_worth(part, values) for part in parts]
    match function.removeprefix("Fn::"):
        case "Equals":
            return str(worth[0]) == str(worth[1])
        case "Contains":
            return worth[1] in worth[0]
        case "Not":
            return not worth[0]
        case "Or":
            return any(worth)
    raise ValueError(f"{function} is not for rules")


def test_prod_keeps_logs_for_any_number_of_days_to_choose_from_that_is_a_month_or_more() -> None:
    (kept,) = [
        assertion["Assert"]["Fn::Contains"][0]
        for assertion in template()["Rules"]["ProdIsWatchedAndItsLogsAreKept"]["Assertions"]
        if "Fn::Contains" in assertion["Assert"]
    ]

    assert kept == [str(days) for days in PARAMETERS["LogRetentionDays"]["AllowedValues"] if days >= 30]


def test_as_many_timers_run_at_once_as_sqs_allows() -> None:
    assert (PARAMETERS["TimerWidth"]["MinValue"], PARAMETERS["TimerWidth"]["MaxValue"]) == (2, 1000)
