"""Every output: what a deployed stack shows of itself, and where it comes from."""

from typing import Any

import pytest

from tests.orders_table import template
from tests.template.transformed import If, plain

OUTPUTS: dict[str, Any] = {
    "ApiUrl": If("OwnDomain", "https://${DomainName}", "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"),
    "DomainTarget": "${Domain.RegionalDomainName}",
    "ApiId": "${Api}",
    "PagesUrl": If("PagesUrlGiven", "${PagesUrl}", "https://${PagesApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"),
    "PagesApiId": "${PagesApi}",
    "DeskUrl": If(
        "PagesUrlGiven",
        "${PagesUrl}/desk",
        "https://${PagesApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/desk",
    ),
    "SandboxUrl": If(
        "SandboxUrlGiven",
        "${SandboxUrl}",
        "https://${SandboxApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}",
    ),
    "SandboxApiId": "${SandboxApi}",
    "TableName": "${OrdersTable}",
    "EventBusName": "${EventBus}",
    "OrderEventsDeadLettersUrl": "${OrderEventsDeadLetters}",
    "WebhookQueueUrl": "${WebhookQueue}",
    "WebhookDeadLettersUrl": "${WebhookDeadLetters}",
    "TimerQueueUrl": "${TimerQueue}",
    "TimerDeadLettersUrl": "${TimerDeadLetters}",
    "UserPoolId": "${UserPool}",
    "UserPoolClientId": "${UserPoolClient}",
    "DeskClientId": "${DeskClient}",
    "ServiceClientId": "${ServiceClient}",
    "SignInUrl": If(
        "SignInUrlGiven",
        "${SignInUrl}",
        [
            "https://${UserPoolDomain}.${SignIn}.${AWS::Region}.amazoncognito.com",
            {"SignIn": {"FindInMap": ["SignIn", "${AWS::Partition}", "Host"]}},
        ],
    ),
    "JwtIssuer": If("OwnUserPool", "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool}", "${JwtIssuer}"),
    "JwtAudience": If("OwnUserPool", "${UserPoolClient},${DeskClient},${ServiceClient}", "${JwtAudience}"),
    "GatewaySecretsPrefix": "paylatch/${AWS::StackName}/gateways/",
    "DashboardUrl": [
        "https://${Console}/cloudwatch/home?region=${AWS::Region}#dashboards:name=${AWS::StackName}-${AWS::Region}",
        {"Console": {"FindInMap": ["Consoles", "${AWS::Partition}", "Host"]}},
    ],
}
CONDITIONS = {
    "DomainTarget": "OwnDomain",
    "SandboxUrl": "SandboxOn",
    "SandboxApiId": "SandboxOn",
    "WebhookQueueUrl": "WebhooksOn",
    "WebhookDeadLettersUrl": "WebhooksOn",
    "UserPoolId": "OwnUserPool",
    "UserPoolClientId": "OwnUserPool",
    "DeskClientId": "OwnUserPool",
    "ServiceClientId": "OwnUserPool",
    "SignInUrl": "OwnUserPool",
}
WRITTEN: dict[str, dict[str, Any]] = template()["Outputs"]


def test_every_output_has_a_row() -> None:
    assert set(WRITTEN) == set(OUTPUTS)


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_is_as_its_row_says(name: str) -> None:
    assert _functions_named(WRITTEN[name]["Value"]) == OUTPUTS[name]


def test_outputs_of_parts_that_may_be_missing_depend_on_them() -> None:
    assert {name: output["Condition"] for name, output in WRITTEN.items() if "Condition" in output} == CONDITIONS


def _functions_named(value: Any) -> Any:
    """The value as `transformed.plain` shows it; the template itself is read with the short names of functions."""
    return plain(_with_long_names(value))


def _with_long_names(value: Any) -> Any:
    match value:
        case {"If": [condition, then, otherwise]}:
            return {"Fn::If": [condition, _with_long_names(then), _with_long_names(otherwise)]}
        case {"Sub": text}:
            return {"Fn::Sub": text}
        case {"GetAtt": text}:
            return {"Fn::GetAtt": text.split(".")}
    return value
