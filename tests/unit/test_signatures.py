"""Signatures: a published vector, both edges of the window, rotation, and any input of an outsider."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from paylatch.domain.errors import CallbackRejected, Misconfigured
from paylatch.gateways import signatures
from tests.fakes.provider_signatures import sign_payu, sign_stripe

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BODY = b'{"paid": true}'
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLDER = "whsec_" + "b2xkZXItc2VjcmV0LW9sZGVyLXNlY3JldA=="

Sign = Callable[[str, datetime, bytes], dict[str, str]]
Verify = Callable[[dict[str, str], bytes, list[str], datetime], None]


def sign_standard(secret: str, at: datetime, body: bytes) -> dict[str, str]:
    return signatures.sign_standard_webhook(secret, "msg_1", at, body)


def sign_dated_payu(secret: str, at: datetime, body: bytes) -> dict[str, str]:
    return sign_payu(secret, body, "SHA-256")


def verify_standard(headers: dict[str, str], body: bytes, secrets: list[str], now: datetime) -> None:
    signatures.verify_standard_webhook("sandbox", headers, body, secrets, now)


def verify_stripe(headers: dict[str, str], body: bytes, secrets: list[str], now: datetime) -> None:
    signatures.verify_stripe("stripe", headers, body, secrets, now)


def verify_payu(headers: dict[str, str], body: bytes, secrets: list[str], now: datetime) -> None:
    signatures.verify_payu("payu", headers, body, secrets)


DATED: list[tuple[Sign, Verify]] = [(sign_standard, verify_standard), (sign_stripe, verify_stripe)]
SCHEMES = [*DATED, (sign_dated_payu, verify_payu)]
schemes = pytest.mark.parametrize(("sign", "verify"), SCHEMES, ids=["standard", "stripe", "payu"])
dated = pytest.mark.parametrize(("sign", "verify"), DATED, ids=["standard", "stripe"])


def test_standard_webhooks_agree_with_the_published_vector() -> None:
    headers = signatures.sign_standard_webhook(
        SECRET,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@schemes
def test_a_genuine_message_is_accepted_under_the_current_and_the_previous_secret(sign: Sign, verify: Verify) -> None:
    for secret in (SECRET, OLDER):
        verify(sign(secret, NOW, BODY), BODY, [SECRET, OLDER], NOW)


@schemes
def test_a_changed_body_or_a_retired_secret_is_rejected(sign: Sign, verify: Verify) -> None:
    with pytest.raises(CallbackRejected):
        verify(sign(SECRET, NOW, BODY), BODY + b" ", [SECRET], NOW)
    with pytest.raises(CallbackRejected):
        verify(sign(OLDER, NOW, BODY), BODY, [SECRET], NOW)


@dated
@pytest.mark.parametrize("drift", [timedelta(minutes=5), timedelta(minutes=-5)], ids=["past", "future"])
def test_the_window_has_two_sides(sign: Sign, verify: Verify, drift: timedelta) -> None:
    headers = sign(SECRET, NOW, BODY)
    verify(headers, BODY, [SECRET], NOW + drift)
    with pytest.raises(CallbackRejected):
        verify(headers, BODY, [SECRET], NOW + drift * 1.01)


def test_a_signature_dated_ten_years_ahead_is_rejected() -> None:
    headers = sign_stripe(SECRET, NOW + timedelta(days=3650), BODY)
    with pytest.raises(CallbackRejected):
        verify_stripe(headers, BODY, [SECRET], NOW)


@schemes
def test_an_empty_secret_verifies_nothing(sign: Sign, verify: Verify) -> None:
    forged = {**sign_stripe("", NOW, BODY), **sign_payu("", BODY)}
    for secrets in ([], [""], ["whsec_"], ["not base64 at all"]):
        with pytest.raises(CallbackRejected):
            verify(forged, BODY, secrets, NOW)


def test_an_unusable_secret_cannot_sign() -> None:
    with pytest.raises(Misconfigured):
        signatures.sign_standard_webhook("whsec_", "msg_1", NOW, BODY)


def test_several_signatures_in_one_header_need_one_that_fits() -> None:
    genuine = sign_standard(SECRET, NOW, BODY)
    genuine["webhook-signature"] = f"v1a,xxxx v1,AAAA {genuine['webhook-signature']}"
    verify_standard(genuine, BODY, [SECRET], NOW)
    stripe = sign_stripe(SECRET, NOW, BODY)
    stripe["stripe-signature"] += ",v1=00,v0=11"
    verify_stripe(stripe, BODY, [SECRET], NOW)


def test_the_dot_between_id_and_time_cannot_be_moved() -> None:
    headers = signatures.sign_standard_webhook(SECRET, "msg_1.5", NOW, BODY)
    with pytest.raises(CallbackRejected):
        verify_standard(headers, BODY, [SECRET], NOW)


def test_two_times_are_one_too_many() -> None:
    headers = sign_stripe(SECRET, NOW, BODY)
    headers["stripe-signature"] += f",t={int(NOW.timestamp())}"
    with pytest.raises(CallbackRejected):
        verify_stripe(headers, BODY, [SECRET], NOW)


PAYU_HASHES = {
    "MD5": "md5",
    "SHA": "sha1",
    "SHA1": "sha1",
    "SHA-1": "sha1",
    "SHA256": "sha256",
    "SHA-256": "sha256",
    "md5": "md5",
    "sha-256": "sha256",
}


def payu_signature(algorithm: str) -> str:
    return hashlib.new(PAYU_HASHES[algorithm], BODY + SECRET.encode()).hexdigest()


@pytest.mark.parametrize("algorithm", PAYU_HASHES)
def test_payu_hashes_are_known_by_every_spelling(algorithm: str) -> None:
    header = f"sender=checkout;signature={payu_signature(algorithm)};algorithm={algorithm};content=DOCUMENT"
    verify_payu({"openpayu-signature": header}, BODY, [SECRET], NOW)
    with pytest.raises(CallbackRejected):
        verify_payu({"openpayu-signature": header}, BODY + b" ", [SECRET], NOW)


@pytest.mark.parametrize(
    "header",
    [
        "sender=checkout;signature={};algorithm=MD5;content=DOCUMENT",
        "signature={};algorithm=MD5",
        "algorithm=MD5;signature={}",
        "content=DOCUMENT;algorithm=MD5;signature={};sender=145227",
        " sender = checkout ; signature = {} ; algorithm = MD5 ; content = DOCUMENT ",
        "Sender=checkout;Signature={};Algorithm=MD5;Content=DOCUMENT",
        "SENDER=checkout;SIGNATURE={};ALGORITHM=md5;CONTENT=DOCUMENT;",
        "sender=checkout;signature={};content=DOCUMENT",
        "signature={}",
    ],
)
@pytest.mark.parametrize("name", ["openpayu-signature", "x-openpayu-signature"])
def test_payu_may_order_space_and_write_the_parts_of_its_header_in_any_way(header: str, name: str) -> None:
    for digest in (payu_signature("MD5"), payu_signature("MD5").upper()):
        verify_payu({name: header.format(digest)}, BODY, [SECRET], NOW)
    with pytest.raises(CallbackRejected):
        verify_payu({name: header.format("0" * 32)}, BODY, [SECRET], NOW)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA-512", "SHA-384", "MD5-SHA1", "none", "", "SHA_256", "x" * 9000])
def test_payu_signatures_of_an_algorithm_that_is_not_known_name_it(algorithm: str) -> None:
    header = f"sender=checkout;signature={payu_signature('MD5')};algorithm={algorithm};content=DOCUMENT"
    with pytest.raises(CallbackRejected) as rejected:
        verify_payu({"openpayu-signature": header}, BODY, [SECRET], NOW)
    assert repr(algorithm.upper()[:40]) in rejected.value.cause


def test_a_payu_signature_names_one_algorithm_at_most() -> None:
    header = f"signature={payu_signature('MD5')};algorithm=MD5;algorithm=SHA-256"
    with pytest.raises(CallbackRejected, match="more than one"):
        verify_payu({"openpayu-signature": header}, BODY, [SECRET], NOW)


NASTY = [
    "",
    "t=",
    "v1,",
    "t=1,v1=é",
    "t=\u0661\u0662,v1=0",
    f"t={'9' * 5000},v1=0",
    "\udcff",
    "t=-5,v1=0",
    "v1,\udcff",
    ";=;=;",
]


@schemes
@pytest.mark.parametrize("text", NASTY)
def test_any_input_raises_only_callback_rejected(sign: Sign, verify: Verify, text: str) -> None:
    genuine = sign(SECRET, NOW, BODY)
    for name in genuine:
        with pytest.raises(CallbackRejected):
            verify({**genuine, name: text}, BODY, [SECRET], NOW)
        with pytest.raises(CallbackRejected):
            verify({key: value for key, value in genuine.items() if key != name}, BODY, [SECRET], NOW)
