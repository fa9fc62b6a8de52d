"""Prints the table of log lines into `docs/operations.md`: `python -m docs.operations`."""

import re
import sys
from http import HTTPStatus
from itertools import groupby
from logging import getLevelName
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "layers" / "common"))

from openapi.problem_responses import EXAMPLES  # noqa: E402
from paylatch.domain.errors import CallPostponed, EventNotPublished, EventRefused, TimersNotSent  # noqa: E402
from paylatch.domain.webhook_errors import WebhookNotDelivered  # noqa: E402
from paylatch.ports import metric_of  # noqa: E402
from paylatch.runtime.observability import level_of, line_of  # noqa: E402
from paylatch.runtime.problems import LOG_ONLY, problem_of  # noqa: E402

PAGE = ROOT / "docs" / "operations.md"
BEGIN, END = "<!-- failures -->\n", "<!-- /failures -->"
FAILURES: tuple[Exception, ...] = (
    *EXAMPLES,
    EventRefused("MalformedDetail"),
    TimersNotSent("send_message_batch: read timeout"),
    CallPostponed("stripe"),
    WebhookNotDelivered("the receiver answered 500"),
    Exception("a mistake of ours"),
)
_LOG_ONLY_ALARMS: dict[type[Exception], list[str]] = {
    EventNotPublished: ["OrderEventsLate", "OrderEventsDead"],
    EventRefused: ["EventsRefused"],
    TimersNotSent: ["DueEventsLate"],
    WebhookNotDelivered: ["WebhooksDead"],
}
_ALARM = re.compile(r"^  (\w+):\n    Type: AWS::CloudWatch::Alarm\n(?:    .*\n)*? +MetricName: (\w+)\n", re.MULTILINE)
ALARMS = {metric: name for name, metric in _ALARM.findall((ROOT / "template.yaml").read_text())}


def page(text: str) -> str:
    """The page with its table printed anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{failures_table()}{END}{after}"


def failures_table() -> str:
    """One row for each log line and code; errors with the same status, code and line share it."""
    rows = [_row(list(same)) for _, same in groupby(sorted(FAILURES, key=_place), key=_place)]
    head = ["| log line | level | `code` | when | response | alarm |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def _place(error: Exception) -> tuple[int, str, str]:
    problem = problem_of(error)
    return problem.status, problem.code, line_of(error, metric_of(error))


def _row(same: list[Exception]) -> str:
    error = same[0]
    status, code, line = _place(error)
    metric = metric_of(error)
    titles = "; ".join(dict.fromkeys(problem_of(each).title for each in same))
    answer = "" if type(error) in LOG_ONLY else str(status)
    level = getLevelName(level_of(error, metric))
    return f"| `{line}` | {level} | `{code}` | {titles} | {answer} | {_alarms(error)} |"


def _alarms(error: Exception) -> str:
    metric = metric_of(error)
    names = [ALARMS[metric]] if metric in ALARMS else []
    if type(error) in _LOG_ONLY_ALARMS:
        names += _LOG_ONLY_ALARMS[type(error)]
    elif problem_of(error).status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        names.append("ApiFailing")
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
