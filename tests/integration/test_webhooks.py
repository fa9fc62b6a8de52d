"""Each event reaches the operator's receiver, signed; what is not acknowledged comes again, and nothing goes astray."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import boto3
import moto
import pytest

from paylatch.domain.webhook_errors import WebhookNotDelivered
from paylatch.domain.webhooks import MOST_TRIES, WAITS, Webhook, webhook_of
from paylatch.runtime import gateway_secrets, webhook_queue, webhook_wiring, wiring
from paylatch.webhooks import connections as webhook_connections
from paylatch.webhooks.sender import WebhookSender
from tests.api.handlers import Context, handler_of
from tests.conftest import REGION
from tests.fakes.loopback_server import LoopbackServer
from tests.fakes.recorded_log import RecordedLog, recorded_log
from tests.integration.webhook_receiver import KEY, NEXT_KEY, WebhookReceiver
from tests.lambda_events import event

SAMPLE: dict[str, Any] = event("webhooks")
DETAIL: dict[str, Any] = json.loads(SAMPLE["Records"][0]["body"])["detail"]
WEBHOOK = webhook_of(DETAIL)


def now() -> datetime:
    # The library holds the signature's time against the system's clock.
    return datetime.now(UTC)


@pytest.fixture
def lines() -> Iterator[RecordedLog]:
    with recorded_log() as recorded:
        yield recorded


@pytest.fixture
def receiver() -> WebhookReceiver:
    return WebhookReceiver()


@pytest.fixture
def server(receiver: WebhookReceiver) -> Iterator[LoopbackServer]:
    with LoopbackServer(receiver.answer) as server:
        yield server


def sender(server: LoopbackServer, **other: Any) -> WebhookSender:
    settings: dict[str, Any] = {"url": f"{server.url}/hooks?shop=1", "secret": lambda: {"key": KEY}, "local": True}
    settings["report"] = pytest.fail
    return WebhookSender(now=now, seconds=(0.5, 0.2), **settings | other)


def refusal(sent_by: WebhookSender, webhook: Webhook = WEBHOOK) -> str:
    with pytest.raises(WebhookNotDelivered) as refused:
        sent_by.send(webhook)
    return str(refused.value)


def test_a_receiver_verifies_a_webhook_with_the_library_s_own_verify(
    server: LoopbackServer, receiver: WebhookReceiver
) -> None:
    sender(server).send(WEBHOOK)

    assert receiver.taken == [
        ("evt_Q89683FB7M1E9QR4_2", {"type": "OrderLocked", "timestamp": DETAIL["at"], "data": DETAIL})
    ]
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/hooks", {"shop": "1"})
    assert asked.headers["host"] == server.url.removeprefix("http://")
    assert asked.headers["content-type"] == "application/json"


def test_text_of_any_language_is_signed_as_it_is_sent(server: LoopbackServer, receiver: WebhookReceiver) -> None:
    sender(server).send(webhook_of({**DETAIL, "reference": "Чай № 7 🫖"}))

    ((_, content),) = receiver.taken
    assert content["data"]["reference"] == "Чай № 7 🫖"


def test_a_receiver_with_another_key_takes_nothing(server: LoopbackServer, receiver: WebhookReceiver) -> None:
    receiver.key = NEXT_KEY

    assert refusal(sender(server)) == "the receiver answered 401"
    assert receiver.taken == []


def test_during_a_rotation_both_keys_sign(server: LoopbackServer, receiver: WebhookReceiver) -> None:
    rotating = sender(server, secret=lambda: {"key": NEXT_KEY, "previous_key": KEY})
    rotating.send(WEBHOOK)
    receiver.key = NEXT_KEY
    rotating.send(WEBHOOK)

    assert len(receiver.taken) == 2


def test_a_previous_key_that_cannot_sign_stops_no_webhook_and_is_reported(
    server: LoopbackServer, receiver: WebhookReceiver
) -> None:
    faults: list[str] = []
    sender(server, secret=lambda: {"key": KEY, "previous_key": "whsec_typo"}, report=faults.append).send(WEBHOOK)

    assert len(receiver.taken) == 1
    assert faults == ["'previous_key' does not have 24 to 64 bytes"]


@pytest.mark.parametrize("status", [300, 302, 307, 308, 400, 404, 410, 429, 500, 503])
def test_every_other_answer_than_a_success_is_a_failed_try(
    server: LoopbackServer, receiver: WebhookReceiver, status: int
) -> None:
    receiver.statuses = [status]

    assert refusal(sender(server)) == f"the receiver answered {status}"
    assert receiver.taken == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: LoopbackServer, receiver: WebhookReceiver, status: int) -> None:
    receiver.statuses, receiver.location = [status], lambda: f"{server.url}/elsewhere"

    refusal(sender(server))
    assert [asked.path for asked in server.asked] == ["/hooks"]


def test_a_receiver_that_does_not_answer_in_time_is_a_failed_try(
    server: LoopbackServer, receiver: WebhookReceiver
) -> None:
    server.stalls = lambda asked: True

    assert "timed out" in refusal(sender(server))
    assert [webhook_id for webhook_id, _ in receiver.taken] == [WEBHOOK.webhook_id], "its answer was lost"


def test_a_receiver_that_answers_a_byte_now_and_then_is_a_failed_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_connections, "LONGEST_SECONDS", 0.3)

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            for byte in b"HTTP/1.1 200 OK" + 100 * b".":
                connection.send(bytes([byte]))
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=drip, args=[listening], daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        begun = time.monotonic()
        slow = WebhookSender(
            url=url, secret=lambda: {"key": KEY}, now=now, report=print, local=True, seconds=(0.5, 0.2)
        )

        assert "aborted" in refusal(slow)
        assert time.monotonic() - begun < 2


def test_a_webhook_whose_answer_was_lost_comes_again_with_the_same_id_and_body(
    server: LoopbackServer, receiver: WebhookReceiver
) -> None:
    server.stalls = lambda asked: len(server.asked) == 1
    refusal(sender(server))
    sender(server).send(WEBHOOK)

    first, second = server.asked
    assert first.body == second.body
    assert receiver.taken[0] == receiver.taken[1]


def test_nobody_listening_is_a_failed_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"

        assert "refused" in refusal(
            WebhookSender(url=url, secret=lambda: {"key": KEY}, now=now, report=print, local=True)
        )


def test_a_stack_that_is_not_for_development_sends_nothing_to_its_own_machine(server: LoopbackServer) -> None:
    assert refusal(sender(server, local=False)) == "the URL is not https"
    url = server.url.replace("http://", "https://")
    assert refusal(sender(server, local=False, url=url)) == "127.0.0.1 has an address that is not public: 127.0.0.1"
    assert server.asked == []


def test_the_address_is_looked_up_and_checked_at_each_send(server: LoopbackServer) -> None:
    addresses = iter([["127.0.0.1"], ["169.254.169.254"]])
    moving = sender(server, resolve=lambda host, port: next(addresses))
    moving.send(WEBHOOK)

    assert refusal(moving) == "127.0.0.1 has an address that is not public: 169.254.169.254"
    assert len(server.asked) == 1


def test_the_connection_goes_to_the_address_that_was_checked(server: LoopbackServer, receiver: WebhookReceiver) -> None:
    url = server.url.replace("127.0.0.1", "receiver.invalid")
    sender(server, url=url, resolve=lambda host, port: ["127.0.0.1"]).send(WEBHOOK)

    (asked,) = server.asked
    assert asked.headers["host"] == url.removeprefix("http://")


@pytest.mark.parametrize("secret", [{}, {"key": "short"}, {"api_key": KEY}])
def test_without_a_usable_key_nothing_is_sent(server: LoopbackServer, secret: dict[str, str]) -> None:
    assert "key" in refusal(sender(server, secret=lambda: secret))
    assert server.asked == []


@dataclass
class Deployed:
    """The function's queue and secret on moto."""

    queue: str
    sqs: Any
    secrets: Any

    def run(self, *records: dict[str, Any]) -> list[str]:
        """Hand the function these records; the ids of those that failed."""
        outcome = handler_of("webhooks")({"Records": [*records]}, Context())
        return [failure["itemIdentifier"] for failure in outcome["batchItemFailures"]]

    def receive(self, tries: int = 1, **detail: Any) -> dict[str, Any]:
        """A record as the function gets it, of a message that is in the queue."""
        body = json.dumps({**json.loads(SAMPLE["Records"][0]["body"]), "detail": {**DETAIL, **detail}})
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=body)
        (message,) = self.sqs.receive_message(QueueUrl=self.queue, AttributeNames=["All"])["Messages"]
        record = deepcopy(SAMPLE["Records"][0])
        attributes = {**record["attributes"], "ApproximateReceiveCount": str(tries)}
        changed = {"body": body, "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"]}
        return {**record, **changed, "attributes": attributes}


@pytest.fixture
def deployed(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    for name, value in {
        "AWS_DEFAULT_REGION": REGION,
        "PAYLATCH_WEBHOOK_URL": f"{server.url}/hooks",
        "PAYLATCH_WEBHOOK_LOCAL": "true",
        "PAYLATCH_WEBHOOK_SECRETS": "paylatch/shop/",
    }.items():
        monkeypatch.setenv(name, value)
    # The function has no table.
    for name in ("AWS_ENDPOINT_URL", "PAYLATCH_TABLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(wiring, "make_ports", wiring.ports_from_environment)
    made_once = (wiring.ports, webhook_wiring.webhook_sender, webhook_queue._client, gateway_secrets._client)
    for made in made_once:
        made.cache_clear()
    with moto.mock_aws():
        sqs, secrets = boto3.client("sqs", region_name=REGION), boto3.client("secretsmanager", region_name=REGION)
        queue = sqs.create_queue(QueueName="webhooks")["QueueUrl"]
        secrets.create_secret(Name="paylatch/shop/webhooks", SecretString=json.dumps({"key": KEY}))
        monkeypatch.setenv("PAYLATCH_WEBHOOK_QUEUE", queue)
        yield Deployed(queue, sqs, secrets)
    for made in made_once:
        made.cache_clear()


@pytest.fixture
def hidden_for(deployed: Deployed) -> list[int]:
    """The seconds for which the function hides each message that failed."""
    seconds: list[int] = []
    webhook_queue._client().meta.events.register(
        "provide-client-params.sqs.ChangeMessageVisibility",
        lambda params, **_: seconds.append(params["VisibilityTimeout"]),
    )
    return seconds


def test_the_function_sends_each_event_of_its_batch(deployed: Deployed, receiver: WebhookReceiver) -> None:
    assert deployed.run(*(deployed.receive(seq=seq) for seq in (2, 3, 4))) == []
    assert sorted(content["data"]["seq"] for _, content in receiver.taken) == [2, 3, 4]


def test_a_failed_try_fails_its_own_message_alone_and_names_the_order(
    deployed: Deployed, receiver: WebhookReceiver, hidden_for: list[int], lines: RecordedLog
) -> None:
    receiver.statuses = [500]
    record = deployed.receive()

    assert deployed.run(record) == [record["messageId"]]
    assert deployed.run(deployed.receive(seq=3)) == []
    assert hidden_for == [WAITS[0].total_seconds()]
    (line,) = [vars(record) for record in lines.seen if record.getMessage() == "WebhookFailed"]
    assert (line["order_id"], line["cause"]) == ("Q89683FB7M1E9QR4", "the receiver answered 500")


@pytest.mark.parametrize("tries", range(1, MOST_TRIES))
def test_each_failed_try_waits_longer(
    deployed: Deployed, receiver: WebhookReceiver, hidden_for: list[int], tries: int
) -> None:
    receiver.statuses = [503]
    deployed.run(deployed.receive(tries))

    assert hidden_for == [WAITS[tries - 1].total_seconds()]


def test_after_the_last_try_the_message_is_at_once_a_dead_letter(
    deployed: Deployed, receiver: WebhookReceiver, hidden_for: list[int]
) -> None:
    receiver.statuses = [503]
    deployed.run(deployed.receive(MOST_TRIES))

    assert hidden_for == [0]


def test_what_cannot_be_hidden_comes_again_all_the_same(
    deployed: Deployed, receiver: WebhookReceiver, lines: RecordedLog
) -> None:
    receiver.statuses = [503]
    record = {**deployed.receive(), "receiptHandle": "gone"}

    assert deployed.run(record) == [record["messageId"]]
    assert "WebhookFailed" in [record.getMessage() for record in lines.seen]


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"detail": 7}', '{"detail": {"seq": 1}}', "[" * 5000])
def test_a_message_that_is_no_event_fails_alone(deployed: Deployed, receiver: WebhookReceiver, body: str) -> None:
    odd = {**deployed.receive(), "messageId": "odd", "body": body}

    assert deployed.run(odd, deployed.receive(seq=3)) == ["odd"]
    assert len(receiver.taken) == 1


def test_an_unreadable_secret_is_a_failed_try_and_a_corrected_one_is_used_within_seconds(
    deployed: Deployed, receiver: WebhookReceiver, hidden_for: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.secrets.put_secret_value(SecretId="paylatch/shop/webhooks", SecretString='"a text"')
    record = deployed.receive()

    assert deployed.run(record) == [record["messageId"]]
    deployed.secrets.put_secret_value(SecretId="paylatch/shop/webhooks", SecretString=json.dumps({"key": KEY}))
    monkeypatch.setattr(gateway_secrets, "REFRESHED_WITHIN", 0 * gateway_secrets.REFRESHED_WITHIN)
    webhook_wiring.webhook_sender.cache_clear()
    assert deployed.run(record) == []
