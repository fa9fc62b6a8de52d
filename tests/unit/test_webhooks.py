"""A webhook's content, signature, waits and destination."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

import pytest

from paylatch.domain.webhooks import MOST_TRIES, WAITS, redelivery_wait, webhook_of
from paylatch.webhooks.destinations import Destination, DestinationRefused, destination_of, resolved_addresses
from paylatch.webhooks.signature import SecretUnusable, keys_of, signed_headers
from tests.orders_table import template
from tests.unit.test_events_page import EVENT

URL = "https://shop.example.com/webhooks?of=paylatch"
PUBLIC = "93.184.215.14"
QUEUE = template()["Resources"]["WebhookQueue"]["Properties"]


def at(*addresses: str) -> Any:
    """A resolver that gives these addresses for every host."""
    return lambda host, port: addresses


def test_a_webhook_carries_the_event_with_its_seq() -> None:
    webhook = webhook_of(EVENT["detail"])

    assert json.loads(webhook.body) == {
        "type": "OrderPaid",
        "timestamp": EVENT["detail"]["at"],
        "data": EVENT["detail"],
    }
    assert webhook.webhook_id == "evt_D7KY3NPF3FM5GY6V_9"


def test_an_event_that_comes_again_is_the_same_webhook() -> None:
    assert webhook_of(json.loads(json.dumps(EVENT["detail"]))) == webhook_of(EVENT["detail"])


@pytest.mark.parametrize(
    "change", [{"order_id": "../x"}, {"order_id": None}, {"seq": "9"}, {"seq": True}, {"at": 7}, {"type": None}]
)
def test_what_is_not_an_event_of_an_order_becomes_no_webhook(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not an event"):
        webhook_of({**EVENT["detail"], **change})


def test_the_tries_grow_apart_and_last_three_days() -> None:
    assert list(WAITS) == sorted(WAITS)
    assert timedelta(days=3) <= sum(WAITS, timedelta(0)) < timedelta(days=3, hours=6)
    assert [redelivery_wait(tries) for tries in (1, 2, MOST_TRIES - 1)] == [WAITS[0], WAITS[1], WAITS[-1]]


def test_the_last_try_waits_for_nothing_so_that_the_queue_gives_the_message_up() -> None:
    assert redelivery_wait(MOST_TRIES) == redelivery_wait(MOST_TRIES + 1) == timedelta(0)
    assert QUEUE["RedrivePolicy"]["maxReceiveCount"] == MOST_TRIES


def test_sqs_can_hide_a_message_so_long_and_keeps_it_longer_than_its_tries() -> None:
    assert max(WAITS) < timedelta(hours=12)
    assert timedelta(seconds=QUEUE["MessageRetentionPeriod"]) > sum(WAITS, timedelta(0))


def test_the_alarm_rings_for_a_single_webhook_that_is_not_taken() -> None:
    alarm = template()["Resources"]["WebhooksFailing"]["Properties"]
    period, watched = timedelta(seconds=alarm["Period"]), alarm["Period"] * alarm["EvaluationPeriods"]
    tries = [timedelta(0), *accumulate(WAITS)]
    within = [at for at in tries if at + period < timedelta(seconds=watched)]
    # However the first try lies in its period.
    least = min(len({(at + timedelta(seconds=offset)) // period for at in within}) for offset in range(alarm["Period"]))

    assert least >= alarm["DatapointsToAlarm"]


def test_the_signature_is_that_of_the_specification() -> None:
    key = keys_of({"key": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}).signing
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
        key,
    )

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


@pytest.mark.parametrize(
    ("secret", "fault"),
    [
        ({}, "no 'key'"),
        ({"key": ""}, "no 'key'"),
        ({"previous_key": b64encode(b"k" * 32).decode()}, "no 'key'"),
        ({"key": "not Base64!"}, "'key' is not Base64"),
        ({"key": "ключ"}, "'key' is not Base64"),
        ({"key": b64encode(b"k" * 23).decode()}, "'key' does not have 24 to 64 bytes"),
        ({"key": b64encode(b"k" * 65).decode()}, "'key' does not have 24 to 64 bytes"),
        ({"key": 12}, "'key' "),
    ],
)
def test_a_secret_that_cannot_sign_is_named_by_its_field_and_not_shown(secret: dict[str, Any], fault: str) -> None:
    with pytest.raises(SecretUnusable, match=fault) as refused:
        keys_of(secret)
    assert not any(str(value) in str(refused.value) for value in secret.values() if value)


@pytest.mark.parametrize("previous", ["short", "not Base64!", 12, b64encode(b"k" * 65).decode()])
def test_a_previous_key_that_cannot_sign_is_named_and_the_present_one_signs(previous: object) -> None:
    key = b64encode(b"k" * 32).decode()
    keys = keys_of({"key": key, "previous_key": previous})
    assert keys.signing == keys_of({"key": key}).signing
    assert "'previous_key'" in keys.fault
    assert str(previous) not in keys.fault.replace("'previous_key' is not Base64", "")


def test_a_generated_key_signs_with_and_without_the_prefix() -> None:
    generated = "a1" * (
        template()["Resources"]["WebhookSecret"]["Properties"]["GenerateSecretString"]["PasswordLength"] // 2
    )

    assert keys_of({"key": generated}) == keys_of({"key": f"whsec_{generated}"})


PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::",
    "::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2002:7f00:1::",
    "fec0::1",
    "feff::1",
    "::7f00:1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_webhook_goes_to_an_address_that_is_not_public(address: str) -> None:
    with pytest.raises(DestinationRefused, match="not public"):
        destination_of(URL, at(address))


@pytest.mark.parametrize("address", [address for address in PRIVATE if not address.startswith(("127.", "::1"))])
def test_a_stack_for_development_reaches_its_own_machine_and_nothing_else_that_is_private(address: str) -> None:
    if address not in ("2002:7f00:1::", "::1"):
        with pytest.raises(DestinationRefused, match="not public"):
            destination_of(URL, at(address), local=True)


def test_one_private_address_among_several_is_enough_to_refuse() -> None:
    with pytest.raises(DestinationRefused, match=r"not public: 10\.0\.0\.8"):
        destination_of(URL, at(PUBLIC, "10.0.0.8"))


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_a_public_address_is_connected_to_as_it_was_checked(address: str) -> None:
    expected = Destination("https", address, 443, "shop.example.com", "shop.example.com", "/webhooks?of=paylatch")

    assert destination_of(URL, at(address)) == expected


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://shop.example.com/", "not https"),
        ("ftp://shop.example.com/", "not https"),
        ("shop.example.com", "no host"),
        ("https:///webhooks", "no host"),
        ("https://user:secret@shop.example.com/", "no host, or a user"),
        ("https://shop.example.com:port/", "URL is none"),
        ("https://shop.example.com:99999/", "URL is none"),
        ("https://[::1/", "URL is none"),
        ("https://łódź.example/webhooks", "not ASCII"),
        ("https://exämple.com/webhooks", "not ASCII"),
    ],
)
def test_a_url_that_is_not_a_plain_https_address_is_refused(url: str, fault: str) -> None:
    with pytest.raises(DestinationRefused, match=fault):
        destination_of(url, at(PUBLIC))


def test_a_literal_private_address_in_the_url_is_refused() -> None:
    for host in ("127.0.0.1", "[::1]", "2130706433", "0x7f.1"):
        with pytest.raises(DestinationRefused, match="not public"):
            destination_of(f"https://{host}/", resolved_addresses)


@pytest.mark.parametrize("found", [[], ["no address"]])
def test_a_host_without_an_address_is_refused(found: list[str]) -> None:
    with pytest.raises(DestinationRefused):
        destination_of(URL, at(*found))


def test_a_host_that_cannot_be_looked_up_is_refused() -> None:
    def fails(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(DestinationRefused, match="cannot be looked up"):
        destination_of(URL, fails)
