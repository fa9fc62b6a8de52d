"""Every alarm, complete; the runbook has a procedure for each, and the dashboard shows their metrics."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools import Metrics

from paylatch.ports import Metric
from paylatch.runtime import observability
from tests.orders_table import ROOT, template
from tests.template import transformed
from tests.template.test_functions import FUNCTIONS
from tests.template.transformed import NO_VALUE, If

# Our own metrics, by stack: alarm, metric, statistic, what breaches, period in seconds, how many periods must breach.
OURS = """
LocksOverdue        OldestLockOverdueSeconds  Maximum  >= 300    300  1/1
AttentionTooLong    OldestAttentionSeconds    Maximum  >= 3600   300  1/1
RefundOwedTooLong   OldestRefundOwedSeconds   Maximum  >= 3600  1800  1/1
RefundsRefused      RefundRefused             Sum      >= 1      300  1/1
MoneyReturned       MoneyReturned             Sum      >= 1      300  1/1
DisputesOpened      DisputeOpened             Sum      >= 1      300  1/1
GatewayRefusesUs    GatewayMisconfigured      Sum      >= 1      300  1/1
StoreRefusesUs      StoreRefused              Sum      >= 1      300  1/1
UnexpectedFailures  UnexpectedError           Sum      >= 1      300  1/1
ReleasesPending     ReleasePending            Sum      >= 20     900  1/1
PaymentsMismatched  PaymentMismatched         Sum      >= 1      300  1/1
PaymentsUnknown     UnknownPayment            Sum      >= 1      300  1/1
StatementsDiffer    StatementDiffers          Sum      >= 1      300  1/1
ReconciliationFailing ReconciliationFailed    Sum      >= 1      300  1/1
ReconciliationLate  ReconciliationLate        Sum      >= 1      900  1/1
SweepsFailing       SweepFailed               Sum      >= 1       60  3/5
ReadsFailing        ReadFailed                Sum      >= 1       60  3/5
TimersMissing       TimersNotSent             Sum      >= 1       60  3/5
OrdersUnreadable    OrderUnreadable           Sum      >= 1      300  1/1
EventsUnreadable    EventUnreadable           Sum      >= 1      300  1/1
EventsRefused       EventRefused              Sum      >= 1      300  1/1
WebhooksFailing     WebhookFailed             Sum      >= 1      300  2/5
"""
# Metrics of AWS: the same, with namespace and dimension before the metric.
OF_AWS = """
ApiFailing       AWS/ApiGateway  ApiId=${Api}                                   5xx          Sum  >= 5     300  1/1
SweepsStopped    AWS/Lambda      FunctionName=${TimeoutSweepsFunction}          Invocations  Sum  <  1     300  1/1
OrderEventsLate  AWS/Lambda      FunctionName=${OrderEventsFunction}     IteratorAge  Maximum  >= 300000    60  5/5
OrderEventsDead  AWS/SQS         QueueName=${OrderEventsDeadLetters.QueueName}
                                            ApproximateNumberOfMessagesVisible        Maximum  >= 1         60  1/1
DueEventsLate    AWS/Lambda      FunctionName=${DueEventsFunction}       IteratorAge  Maximum  >= 60000     60  5/5
TimersLate       AWS/SQS         QueueName=${TimerQueue.QueueName}
                                            ApproximateAgeOfOldestMessage             Maximum  >= 300       60  3/3
WebhooksDead     AWS/SQS         QueueName=${WebhookDeadLetters.QueueName}
                                            ApproximateNumberOfMessagesVisible        Maximum  >= 1         60  1/1
TimersDead       AWS/SQS         QueueName=${TimerDeadLetters.QueueName}
                                            ApproximateNumberOfMessagesVisible        Maximum  >= 1         60  1/1
"""
# Shares: alarm, the part and the whole (id, namespace, dimension, metric), the least part, percent, period in seconds.
SHARES = """
CallbacksRejected  rejected  Paylatch    service=${AWS::StackName}                   CallbackRejected
                   received  AWS/Lambda  FunctionName=${GatewayCallbacksFunction}    Invocations          3  10   900
CallbacksMissing   found     Paylatch    service=${AWS::StackName}                   PaidWithoutCallback
                   paid      Paylatch    service=${AWS::StackName}                   OrderPaid            3  10  3600
"""
ERRORS = ["Sum", ">=", "1", "300", "1/1"]
# Where no figure means that nothing runs.
SILENCE_BREACHES = {"SweepsStopped"}
NOTIFIED = If("AlarmsHeard", ["${AlarmTopicArn}"], NO_VALUE)
# Whoever is called learns that it is over, too.
ON_CHANGE = {"AlarmActions": NOTIFIED, "OKActions": NOTIFIED}
COMPARISONS = {">=": "GreaterThanOrEqualToThreshold", "<": "LessThanThreshold"}

RESOURCES: dict[str, dict[str, Any]] = template()["Resources"]
ALARMS = transformed.of_type("CloudWatch::Alarm")
_SECTION = (ROOT / "docs" / "operations.md").read_text().partition("\n## Alarms\n")[2].partition("\n## ")[0]
# Alarms, meaning, what to do; without the two lines of the head.
RUNBOOK = [line.split("|") for line in _SECTION.splitlines() if line.startswith("|")][2:]
# Where a person looks.
SOURCES = r"\blog\b|`\w+`|\]\(|dashboard"


def rows() -> Iterator[list[str]]:
    """Alarm, namespace, dimension, metric, statistic, comparison, threshold, period, periods."""
    for alarm, *watched in _rows_of(OURS, 7):
        yield [alarm, "Paylatch", "service=${AWS::StackName}", *watched]
    yield from _rows_of(OF_AWS, 9)
    for function in FUNCTIONS:
        noun = function.removesuffix("Function")
        yield [f"{noun}Errors", "AWS/Lambda", f"FunctionName=${{{function}}}", "Errors", *ERRORS]


def _rows_of(table: str, columns: int) -> Iterator[list[str]]:
    cells = table.split()
    return (cells[start : start + columns] for start in range(0, len(cells), columns))


def spec(row: list[str]) -> dict[str, Any]:
    """An alarm's properties, all but its description."""
    alarm, namespace, dimension, metric, statistic, comparison, threshold, period, periods = row
    breaching, _, watched = periods.partition("/")
    some_of_them = {} if breaching == watched else {"DatapointsToAlarm": int(breaching)}
    return {
        **figure(namespace, dimension, metric),
        "Statistic": statistic,
        "Period": int(period),
        "EvaluationPeriods": int(watched),
        **some_of_them,
        "ComparisonOperator": COMPARISONS[comparison],
        "Threshold": int(threshold),
        "TreatMissingData": "breaching" if alarm in SILENCE_BREACHES else "notBreaching",
        **ON_CHANGE,
    }


def figure(namespace: str, dimension: str, metric: str) -> dict[str, Any]:
    """What names one metric of one stack or function."""
    name, _, value = dimension.partition("=")
    return {"Namespace": namespace, "MetricName": metric, "Dimensions": [{"Name": name, "Value": value}]}


def share(row: list[str]) -> dict[str, Any]:
    """The properties of an alarm on a share, all but its description: few of the part alone raise nothing."""
    _, *part, whole_id, namespace, dimension, metric, least, percent, period = row
    counted = {
        name: {"Metric": figure(*named), "Stat": "Sum", "Period": int(period)}
        for name, *named in (part, [whole_id, namespace, dimension, metric])
    }
    return {
        "Metrics": [
            *({"Id": name, "ReturnData": False, "MetricStat": each} for name, each in counted.items()),
            {"Id": "percent", "Expression": f"IF({part[0]} >= {least}, 100 * {part[0]} / {whole_id}, 0)"},
        ],
        "EvaluationPeriods": 1,
        "ComparisonOperator": COMPARISONS[">="],
        "Threshold": int(percent),
        "TreatMissingData": "notBreaching",
        **ON_CHANGE,
    }


SPEC = {row[0]: spec(row) for row in rows()} | {row[0]: share(row) for row in _rows_of(SHARES, 12)}


def test_every_alarm_has_a_row() -> None:
    assert set(ALARMS) == set(SPEC)


@pytest.mark.parametrize("name", SPEC)
def test_an_alarm_is_as_its_row_says(name: str) -> None:
    assert {key: value for key, value in ALARMS[name].items() if key != "AlarmDescription"} == SPEC[name]


# Those that an operator answers with what the desk offers for an order or a finding.
ANSWERED_AT_THE_DESK = {
    *("AttentionTooLong", "RefundOwedTooLong", "RefundsRefused", "DisputesOpened"),
    *("PaymentsMismatched", "StatementsDiffer"),
}


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_leads_to_the_desk_where_an_operator_answers_it_there(name: str) -> None:
    described = json.dumps(ALARMS[name].get("AlarmDescription"))
    assert ("/desk/attention" in described) is (name in ANSWERED_AT_THE_DESK)


def figures(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """Each metric that the alarm watches: namespace, name and dimensions."""
    watched = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each] or [alarm]
    return [{key: each[key] for key in ("Namespace", "MetricName", "Dimensions")} for each in watched]


OF_OURS = {
    each["MetricName"]: each for alarm in SPEC.values() for each in figures(alarm) if each["Namespace"] == "Paylatch"
}


@pytest.mark.parametrize("metric", OF_OURS)
@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name != "SandboxGatewayFunction"])
def test_a_metric_is_written_under_the_very_name_that_its_alarm_watches(
    metric: str, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    properties = transformed.of_type("Lambda::Function")[function]["Environment"]["Variables"]
    for variable in ("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"):
        monkeypatch.setenv(variable, properties[variable])
    # A function makes its own when it starts, from its environment.
    monkeypatch.setattr(observability, "metrics", Metrics())
    observability.metrics.clear_metrics()
    observability.EmfMetrics().count(Metric(metric))
    written: Any = observability.metrics.serialize_metric_set()
    observability.metrics.clear_metrics()

    (described,) = written["_aws"]["CloudWatchMetrics"]
    (dimensions,) = described["Dimensions"]
    assert {
        "Namespace": described["Namespace"],
        "MetricName": [each["Name"] for each in described["Metrics"]],
        "Dimensions": [{"Name": each, "Value": written[each]} for each in dimensions],
    } == {**OF_OURS[metric], "MetricName": [metric]}


@pytest.mark.parametrize("metric", Metric)
def test_every_metric_is_counted_somewhere(metric: Metric) -> None:
    assert metric.name in _counted()


def _counted() -> set[str]:
    """The names of `Metric` that the code hands on: all that are named, but where they are declared and sorted."""
    files = [*(ROOT / "layers" / "common" / "paylatch").rglob("*.py"), *ROOT.glob("functions/*/*.py")]
    trees = [ast.parse(path.read_text()) for path in files if path.name != "observability.py"]
    return {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Metric"
    }


def test_what_others_do_on_the_same_gateway_account_rings_nothing_and_a_lost_payment_of_ours_rings() -> None:
    watched = {each["MetricName"] for alarm in ALARMS.values() for each in figures(alarm)}

    assert Metric.FOREIGN_PAYMENT not in watched
    assert Metric.UNKNOWN_PAYMENT in watched


def test_the_runbook_has_the_alarms_of_the_template_and_no_others() -> None:
    expected = {"…Errors" if name.endswith("Errors") else name for name in ALARMS}
    named = [name for row in RUNBOOK for name in re.findall(r"`([\w…]+)`", row[1])]

    assert sorted(named) == sorted(expected)


@pytest.mark.parametrize("row", RUNBOOK, ids=lambda row: row[1].strip())
def test_the_runbook_says_what_an_alarm_means_and_what_to_look_at_and_do(row: list[str]) -> None:
    _, _, means, todo, _ = row

    assert min(len(means.split()), len(todo.split())) > 3
    assert re.search(SOURCES, todo), "name a log line, a log, a metric, a call, a parameter, an output or a section"


def test_the_dashboard_shows_every_metric_of_ours_and_every_function() -> None:
    text = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Sub"]
    functions = {name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::Serverless::Function"}

    json.loads(text)
    assert {metric for metric in Metric if f'"{metric.value}"' not in text} == set()
    assert set(re.findall(r"\$\{(\w+Function)\}", text)) == functions - {"SandboxGatewayFunction", "WebhooksFunction"}


def test_the_dashboard_shows_every_age_at_its_longest() -> None:
    body = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Sub"])
    shown = [
        (row[1], options.get("stat", widget["properties"]["stat"]))
        for widget in body["widgets"]
        for row in widget["properties"]["metrics"]
        for options in [row[-1] if isinstance(row[-1], dict) else {}]
    ]
    ages = {(metric.value, "Maximum") for metric in Metric if metric.value.endswith("Seconds")}

    assert {(name, statistic) for name, statistic in shown if name.endswith("Seconds")} == ages


def test_the_widgets_of_the_dashboard_do_not_overlap() -> None:
    body = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Sub"])
    cells = [
        (widget["x"] + column, widget["y"] + row)
        for widget in body["widgets"]
        for column in range(widget["width"])
        for row in range(widget["height"])
    ]

    assert len(set(cells)) == len(cells)
    assert max(column for column, _ in cells) < 24


def test_dashboards_of_stacks_with_one_name_in_two_regions_do_not_meet() -> None:
    name = "${AWS::StackName}-${AWS::Region}"

    assert RESOURCES["Dashboard"]["Properties"]["DashboardName"] == {"Sub": name}
    assert template()["Outputs"]["DashboardUrl"]["Value"]["Sub"][0].endswith(f"dashboards:name={name}")
