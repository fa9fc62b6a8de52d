"""What goes wrong rings a bell, the runbook says what to do about each, and the dashboard shows what they go by."""

import json
import re
from typing import Any

import pytest

from paylatch.ports import Metric
from tests.orders_table import ROOT, template

RESOURCES: dict[str, dict[str, Any]] = template()["Resources"]
ALARMS = {
    name: resource["Properties"] for name, resource in RESOURCES.items() if resource["Type"] == "AWS::CloudWatch::Alarm"
}
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
# What an operator would see nothing of otherwise: metric, dimension, the value that rings, how long it is watched.
MUST_RING = {
    "ApiFailing": ("AWS/ApiGateway", "5xx", "Api", 5, 300),
    "SweepsStopped": ("AWS/Lambda", "Invocations", "TimeoutSweepsFunction", 1, 300),
    "LocksOverdue": ("Paylatch", Metric.OLDEST_LOCK_OVERDUE, "AWS::StackName", 900, 300),
    "OrdersUnreadable": ("Paylatch", Metric.ORDER_UNREADABLE, "AWS::StackName", 1, 300),
    "EventsUnreadable": ("Paylatch", Metric.EVENT_UNREADABLE, "AWS::StackName", 1, 300),
    "AttentionTooLong": ("Paylatch", Metric.OLDEST_ATTENTION, "AWS::StackName", 3600, 300),
}


@pytest.mark.parametrize("name", MUST_RING)
def test_an_alarm_watches_this(name: str) -> None:
    alarm = ALARMS[name]
    (dimension,) = alarm["Dimensions"]
    watched = (alarm["Namespace"], alarm["MetricName"], dimension["Value"]["Ref"], alarm["Threshold"], alarm["Period"])

    assert watched == MUST_RING[name]


@pytest.mark.parametrize(
    ("name", "metric"), [("SweepsFailing", Metric.SWEEP_FAILED), ("ReadsFailing", Metric.READ_FAILED)]
)
def test_what_fails_in_one_run_after_the_other_rings(name: str, metric: Metric) -> None:
    alarm = ALARMS[name]
    # A run a minute, and one failure in each: three of five.
    again = (alarm["MetricName"], alarm["Threshold"], alarm["Period"], alarm["DatapointsToAlarm"])
    assert (*again, alarm["EvaluationPeriods"]) == (metric, 1, 60, 3, 5)


def test_silence_is_an_alarm_where_it_means_that_nothing_runs() -> None:
    breaching = {name for name, alarm in ALARMS.items() if alarm["TreatMissingData"] == "breaching"}

    assert breaching == {"SweepsStopped"}
    assert ALARMS["SweepsStopped"]["ComparisonOperator"] == "LessThanThreshold"


def test_what_others_do_on_the_same_gateway_account_rings_nothing_and_a_lost_payment_of_ours_rings() -> None:
    watched = {alarm["MetricName"] for alarm in ALARMS.values()}

    assert Metric.FOREIGN_PAYMENT not in watched
    assert Metric.UNKNOWN_PAYMENT in watched


@pytest.mark.parametrize("name", ALARMS)
def test_the_runbook_has_a_row_for_each_alarm(name: str) -> None:
    rows = [line for line in OPERATIONS.splitlines() if line.startswith("| `")]
    named = "`…Errors`" if name.endswith("Errors") else f"`{name}`"

    assert any(named in row.split("|")[1] for row in rows)


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_on_a_metric_of_ours_goes_by_one_that_is_counted(name: str) -> None:
    alarm = ALARMS[name]

    assert alarm["Namespace"] != "Paylatch" or alarm["MetricName"] in set(Metric)


def test_the_dashboard_shows_every_metric_of_ours_and_every_function() -> None:
    text = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Sub"]
    functions = {name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::Serverless::Function"}

    json.loads(text)
    assert {metric for metric in Metric if f'"{metric.value}"' not in text} == set()
    assert set(re.findall(r"\$\{(\w+Function)\}", text)) == functions - {"SandboxGatewayFunction"}


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
    assert template()["Outputs"]["DashboardUrl"]["Value"]["Sub"].endswith(f"dashboards:name={name}")
