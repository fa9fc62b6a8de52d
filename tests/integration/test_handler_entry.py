"""Every error in any function gives the right answer, one log line that names the order, and a metric."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from paylatch.domain import errors
from paylatch.domain.payment import Capture
from paylatch.domain.retention_errors import OrderRetired
from paylatch.gateways.stripe.gateway import StripeGateway
from paylatch.ports import Acknowledgement, Metric, Ports
from paylatch.runtime import observability, wiring
from paylatch.runtime.observability import EmfMetrics
from paylatch.store import statements
from tests.api.handlers import Context, handler_of
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.recorded_log import RecordedLog, recorded_log
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.integration.every_error import MAKERS, RaisingStore, check_line, expected
from tests.lambda_events import FUNCTIONS, OPERATOR, SAMPLE_ATTEMPT, SAMPLE_ORDER, event, http_event

NOT_HTTP = {"timeout_sweep", "timer", "order_events", "due_events", "reconciliation", "webhooks"}
HTTP = sorted(set(FUNCTIONS) - NOT_HTTP)
ABOUT_MANY = (
    "attention",
    "attention_groups",
    "group_recheck",
    "group_release",
    "handle_finding",
    "reconcile_day",
    "replay",
)
# The functions' one description, and a call that goes on behind an error and answers with what failed.
WITHOUT_PROBLEMS = ("openapi", "reconcile_day")
ABOUT_ORDERS = [name for name in HTTP if name not in ("openapi", "order_create", "order_list", *ABOUT_MANY)]


@pytest.fixture
def lines() -> Iterator[RecordedLog]:
    with recorded_log() as recorded:
        yield recorded


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(observability.metrics, "add_metric", lambda *, name, **_: names.append(name))
    return names


@pytest.fixture
def gateway(clock: SettableClock) -> ScriptedGateway:
    return ScriptedGateway(clock)


@pytest.fixture
def with_queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[], Exception]], None]]:
    """Puts a queue of timers behind the functions, of which every call raises what this makes."""

    def put(make: Callable[[], Exception]) -> None:
        queue: Any = RaisingStore(make)
        monkeypatch.setattr(wiring, "make_timers", lambda: queue)
        wiring.timers.cache_clear()

    yield put
    wiring.timers.cache_clear()


@pytest.fixture
def outside(
    clock: SettableClock, tokens: SequentialIdGenerator, gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Puts ports behind the handlers, whose store raises what this makes."""
    store: Any = RaisingStore(Exception)
    ports = Ports(store, FixedGateways({"sandbox": gateway}), clock, tokens, EmfMetrics())
    monkeypatch.setenv("PAYLATCH_TABLE", "orders")
    monkeypatch.setenv("PAYLATCH_PUBLIC_URL", "https://shop.test")
    monkeypatch.setenv("PAYLATCH_PAGES_URL", "https://pages.shop.test")

    def put(make: Callable[[], Exception], **others: Any) -> None:
        changed = replace(ports, store=RaisingStore(make), **others)
        monkeypatch.setattr(wiring, "make_ports", lambda: changed)
        wiring.ports.cache_clear()
        monkeypatch.setattr(statements, "DynamoReconciliationStore", lambda _: RaisingStore(make))

    return put


def sent(name: str, gateway: ScriptedGateway) -> dict[str, Any]:
    """The event, by who may do what it asks for."""
    if name == "gateway_callback":
        callback = gateway.signed("payment.succeeded", SAMPLE_ATTEMPT, Capture("pay_1", 2500, "EUR"))
        return http_event(name, body=callback.body, headers=callback.headers)
    operators = (*ABOUT_MANY, "recheck", "resolution", "release", "write_off")
    return http_event(name, person=OPERATOR) if name in operators else http_event(name)


@pytest.mark.parametrize("name", [name for name in HTTP if name not in WITHOUT_PROBLEMS])
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_an_http_function_answers_with_the_problem_and_logs_one_line(
    name: str,
    make: Callable[[], Exception],
    gateway: ScriptedGateway,
    outside: Callable[..., None],
    lines: RecordedLog,
    counted: list[str],
) -> None:
    outside(make)
    error = make()
    problem, _ = expected(error)

    answer = handler_of(FUNCTIONS[name])(sent(name, gateway), Context())

    if name == "gateway_callback" and isinstance(error, OrderRetired):
        # Acknowledged: no repetition would find the order.
        assert (answer["statusCode"], answer.get("body") or "") == (204, "")
        return
    document = json.loads(answer["body"])
    assert (answer["statusCode"], document["status"]) == (problem.status, problem.status)
    assert (document["code"], document["title"]) == (problem.code, problem.title)
    assert document["type"] == f"urn:paylatch:problem:{problem.code}"
    headers = {header.lower(): value for header, value in answer["headers"].items()}
    assert (headers["content-type"], headers["cache-control"]) == ("application/problem+json", "no-store")
    line = check_line(lines, counted, error)
    own = vars(error)
    if name in ABOUT_ORDERS and "attempt_id" not in own:
        assert line["order_id"] == own.get("order_id", SAMPLE_ORDER)
    if name in (
        "gateway_callback",
        "payment_read",
        "payment_cancellation",
        "stop_and_change",
        "recheck",
        "resolution",
        "release",
    ):
        assert line["attempt_id"] == own.get("attempt_id", SAMPLE_ATTEMPT)
    if name == "payment_request":
        assert line["attempt_id"].startswith(own.get("attempt_id", SAMPLE_ORDER))
    if name == "gateway_callback":
        assert line["gateway"] == "sandbox"


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_schedule_s_function_logs_one_line_and_fails(
    make: Callable[[], Exception], outside: Callable[..., None], lines: RecordedLog, counted: list[str]
) -> None:
    outside(make)
    error = make()
    with pytest.raises(Exception) as raised:  # noqa: PT011
        handler_of("timeout_sweeps")(event("timeout_sweep"), Context())
    assert type(raised.value).__name__ == type(error).__name__
    check_line(lines, counted, error)


# An event that the bus refuses for good stops nothing; `test_event_batches.py` has its tests.
STOPPING = {name: make for name, make in MAKERS.items() if not name.endswith("EventRefused")}


@pytest.mark.parametrize("make", STOPPING.values(), ids=STOPPING)
def test_the_stream_s_function_logs_one_line_and_names_where_it_stopped(
    make: Callable[[], Exception], outside: Callable[..., None], lines: RecordedLog, counted: list[str]
) -> None:
    outside(make)
    batch = event("order_events")
    number = next(
        record["dynamodb"]["SequenceNumber"]
        for record in batch["Records"]
        if record["dynamodb"]["Keys"]["sk"]["S"] == "HEAD"
    )
    answer = handler_of("order_events")(batch, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": number}]}
    line = check_line(lines, counted, make())
    assert (line["order_id"], line["sequence_number"]) == (vars(make()).get("order_id", SAMPLE_ORDER), number)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_the_timers_function_logs_one_line_and_names_the_message(
    make: Callable[[], Exception],
    outside: Callable[..., None],
    with_queue: Callable[..., None],
    lines: RecordedLog,
    counted: list[str],
) -> None:
    outside(make)
    with_queue(make)
    batch = event("timer")
    number = batch["Records"][0]["messageId"]
    assert handler_of("timers")(batch, Context()) == {"batchItemFailures": [{"itemIdentifier": number}]}
    line = check_line(lines, counted, make())
    assert (line["order_id"], line["message_id"]) == (vars(make()).get("order_id", SAMPLE_ORDER), number)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_the_due_events_function_logs_one_line_and_names_where_it_stopped(
    make: Callable[[], Exception],
    outside: Callable[..., None],
    with_queue: Callable[..., None],
    lines: RecordedLog,
    counted: list[str],
) -> None:
    outside(make)
    with_queue(make)
    batch = event("due_events")
    number = batch["Records"][0]["dynamodb"]["SequenceNumber"]
    assert handler_of("due_events")(batch, Context()) == {"batchItemFailures": [{"itemIdentifier": number}]}
    line = check_line(lines, counted, make())
    assert (line["order_id"], line["sequence_number"]) == (vars(make()).get("order_id", SAMPLE_ORDER), number)


@pytest.mark.parametrize("function", ["timers", "due_events"])
def test_a_function_without_its_queue_fails_and_logs_the_cause(
    function: str, outside: Callable[..., None], lines: RecordedLog, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside(Exception)
    monkeypatch.delenv("PAYLATCH_TIMER_QUEUE", raising=False)
    wiring.timers.cache_clear()
    answer = handler_of(function)(event({"timers": "timer"}.get(function, function)), Context())
    assert len(answer["batchItemFailures"]) == 1
    assert lines.only["cause"] == "KeyError: 'PAYLATCH_TIMER_QUEUE'"
    assert counted == ["UnexpectedError"]


ODD: list[Any] = [
    None,
    [],
    {},
    {"requestContext": None},
    {"pathParameters": None},
    {"headers": None},
    {"headers": {"content-type": None, "idempotency-key": None, "if-match": None}},
    {"body": {"not": "text"}},
    {"body": "%%%", "isBase64Encoded": True},
    {"body": "\ud800"},
    {"requestContext": {"http": {"method": "POST"}}},
]


@pytest.mark.parametrize("name", HTTP)
@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize("whole", [True, False], ids=["of another shape", "alone"])
def test_an_event_of_another_shape_is_answered_and_logged_once_where_it_is_our_fault(
    name: str,
    odd: Any,
    whole: bool,
    gateway: ScriptedGateway,
    outside: Callable[..., None],
    lines: RecordedLog,
    counted: list[str],
) -> None:
    outside(lambda: errors.OrderNotFound(SAMPLE_ORDER))
    filled = {**sent(name, gateway), **odd} if whole and isinstance(odd, dict) else odd

    answer = handler_of(FUNCTIONS[name])(filled, Context())

    assert answer["statusCode"] in (200, 400, 401, 403, 404, 415, 428, 500)
    if answer["statusCode"] != 200:
        code = json.loads(answer["body"])["code"]
        assert code == "no-such-route" or lines.only["code"] == code
    assert (answer["statusCode"] == 500) == (Metric.UNEXPECTED_ERROR.value in counted)


@pytest.mark.parametrize("odd", [None, {}, {"Records": None}, {"Records": [{}]}, {"Records": [{"dynamodb": {}}]}])
@pytest.mark.parametrize("function", ["order_events", "due_events", "timers", "webhooks"])
def test_a_batch_of_another_shape_comes_again_whole(
    function: str, odd: Any, outside: Callable[..., None], lines: RecordedLog, counted: list[str]
) -> None:
    outside(Exception)
    with pytest.raises((LookupError, TypeError)):
        handler_of(function)(odd, Context())
    assert lines.only["code"] == "internal-error"
    assert counted == ["UnexpectedError"]


def test_a_record_of_another_shape_stops_the_batch_where_it_stands(
    outside: Callable[..., None], lines: RecordedLog, counted: list[str]
) -> None:
    outside(Exception)
    answer = handler_of("order_events")({"Records": [{"dynamodb": {"SequenceNumber": "7"}}]}, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    assert lines.only["sequence_number"] == "7"


def test_an_answer_that_cannot_be_sent_is_a_problem(
    gateway: ScriptedGateway, outside: Callable[..., None], lines: RecordedLog, counted: list[str]
) -> None:
    gateway.acknowledge = lambda: Acknowledgement("\ud800")  # type: ignore[method-assign]
    gateway.gateway_events = ()
    outside(Exception)
    answer = handler_of("gateway_callbacks")(sent("gateway_callback", gateway), Context())
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (500, "internal-error")
    assert lines.only["gateway"] == "sandbox"


def test_a_contract_that_cannot_be_read_is_a_problem(
    outside: Callable[..., None], lines: RecordedLog, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside(Exception)
    handler_of.cache_clear()
    monkeypatch.setattr(Path, "with_name", lambda path, name: path / name)
    answer = handler_of("orders")(event("openapi"), Context())
    assert (answer["statusCode"], lines.only["code"]) == (500, "internal-error")


@pytest.mark.parametrize("name", [name for name in HTTP if name != "openapi"])
def test_a_function_without_its_settings_answers_and_logs_the_cause(
    name: str, gateway: ScriptedGateway, lines: RecordedLog, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAYLATCH_TABLE", raising=False)
    monkeypatch.setenv("PAYLATCH_PAGES_URL", "https://pages.shop.test")
    monkeypatch.setattr(wiring, "make_ports", wiring.ports_from_environment)
    wiring.ports.cache_clear()
    answer = handler_of(FUNCTIONS[name])(sent(name, gateway), Context())
    assert (answer["statusCode"], lines.only["cause"]) == (500, "KeyError: 'PAYLATCH_TABLE'")
    assert counted == ["UnexpectedError"]


def test_metrics_that_cannot_be_written_change_no_answer(
    gateway: ScriptedGateway, outside: Callable[..., None], lines: RecordedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise ValueError("no namespace")

    outside(lambda: errors.OrderNotFound(SAMPLE_ORDER))
    monkeypatch.setattr(observability.metrics, "flush_metrics", fail)
    answer = handler_of("orders")(sent("order_read", gateway), Context())
    assert answer["statusCode"] == 404
    assert [line.getMessage() for line in lines.seen] == ["order-not-found", "metrics-not-written"]


@pytest.mark.parametrize("secret", [{"api_key": "sk_test_1"}, {"api_key": "sk_test_1", "webhook_secrets": []}])
def test_a_callback_that_our_own_secret_cannot_verify_rings(
    secret: dict[str, object],
    clock: SettableClock,
    outside: Callable[..., None],
    lines: RecordedLog,
    counted: list[str],
) -> None:
    gateways = FixedGateways({"stripe": StripeGateway(lambda: secret, clock)})
    outside(Exception, gateways=gateways)
    filled = http_event("gateway_callback", body=b"{}")
    filled["pathParameters"]["gateway"] = "stripe"
    answer = handler_of("gateway_callbacks")(filled, Context())
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (503, "gateway-unavailable")
    assert counted == ["GatewayMisconfigured"]
    assert (lines.only["gateway"], lines.only["cause"]) == ("stripe", "the secret has no webhook_secrets")


def test_a_path_that_holds_anything_else_than_ids_is_not_logged(
    gateway: ScriptedGateway, outside: Callable[..., None], lines: RecordedLog, counted: list[str]
) -> None:
    outside(Exception)
    filled = sent("gateway_callback", gateway)
    filled["pathParameters"] = {"gateway": "jane@shop.example", "order_id": "Jane Doe", "attempt_id": "sk_live_1"}
    assert handler_of("gateway_callbacks")(filled, Context())["statusCode"] == 401
    assert "order_id" not in lines.only
    assert "attempt_id" not in lines.only
    assert "jane" not in json.dumps(lines.only, default=str)
