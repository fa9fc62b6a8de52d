"""Edge cases of Alipay, known from reports of other integrations."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest

from paylatch.domain.errors import CallbackRejected, Misconfigured, OutcomeUnknown, RateLimited, Refused
from paylatch.domain.payment import Capture
from paylatch.gateways.alipay.money import from_yuan, to_yuan
from paylatch.gateways.fields import Malformed
from paylatch.ports import Callback, ForeignPayment, GatewayEventKind, RefundState, VoidKind
from tests.attempts import LOCK
from tests.contract.gateway_drivers.alipay_driver import AlipayDriver
from tests.contract.gateway_drivers.gateway_driver import MISSING
from tests.fakes.fake_alipay import key_pair
from tests.fakes.loopback_server import Reply


@pytest.fixture
def alipay() -> Iterator[AlipayDriver]:
    with AlipayDriver() as driver:
        yield driver


@pytest.fixture(params=["UTC", "America/New_York", "Pacific/Kiritimati"])
def machine_zone(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("machine_zone")
def test_times_are_beijings_whatever_the_machines_zone(alipay: AlipayDriver) -> None:
    attempt = alipay.opened()
    parameters = dict(parse_qsl(urlsplit(attempt.pay_url or "").query))
    shanghai = ZoneInfo("Asia/Shanghai")
    write_context = datetime.fromisoformat(parameters["timestamp"]).replace(tzinfo=shanghai)
    assert write_context == alipay.clock.now()
    assert f'"time_expire":"{attempt.deadline.astimezone(shanghai):%Y-%m-%d %H:%M:%S}"' in parameters["biz_content"]
    callback = alipay.callback_for("TRADE_SUCCESS", attempt)
    assert alipay.gateway.parse_callback(callback)


def test_opening_makes_no_call(alipay: AlipayDriver) -> None:
    alipay.opened()
    assert alipay.server.asked == []


def test_a_link_that_was_not_scanned_cannot_be_voided_until_it_expires(alipay: AlipayDriver) -> None:
    attempt = alipay.opened()
    assert alipay.gateway.void(attempt).until == attempt.deadline
    alipay.peer.scan(attempt.pay_url or "")
    assert alipay.gateway.void(attempt).kind is VoidKind.VOIDED
    alipay.clock.advance(LOCK)
    assert alipay.gateway.void(alipay.attempt(alipay.request())).kind is VoidKind.NOT_VOIDABLE


@pytest.mark.parametrize("change", [{"app_id": "2021000000000002"}, {"seller_id": "2088000000000002"}])
def test_genuine_notifications_for_others_are_rejected(alipay: AlipayDriver, change: dict[str, str]) -> None:
    trade = {**alipay.peer.scan(alipay.opened().pay_url or ""), "trade_status": "TRADE_SUCCESS"}
    with pytest.raises(CallbackRejected):
        alipay.gateway.parse_callback(alipay.peer.notification(trade, **change))


def test_sign_and_sign_type_are_left_out_of_what_is_verified_and_nothing_else_is(alipay: AlipayDriver) -> None:
    callback = alipay.callback_for("TRADE_SUCCESS", alipay.opened())
    pairs = parse_qsl(callback.body.decode(), keep_blank_values=True)
    alipay.gateway.parse_callback(Callback({}, urlencode(pairs[::-1]).encode()))
    for added in (("extra", ""), ("extra", "1"), ("total_amount", "0.01")):
        with pytest.raises(CallbackRejected):
            alipay.gateway.parse_callback(Callback({}, urlencode([*pairs, added]).encode()))
    for removed in range(len(pairs)):
        kept = pairs[:removed] + pairs[removed + 1 :]
        with pytest.raises(CallbackRejected):
            alipay.gateway.parse_callback(Callback({}, urlencode(kept).encode()))


def test_an_older_signature_algorithm_is_not_accepted(alipay: AlipayDriver) -> None:
    callback = alipay.callback_for("TRADE_SUCCESS", alipay.opened())
    with pytest.raises(CallbackRejected):
        alipay.gateway.parse_callback(
            replace(callback, body=callback.body.replace(b"sign_type=RSA2", b"sign_type=RSA"))
        )


def test_an_empty_parameter_that_alipay_signed_stays_signed(alipay: AlipayDriver) -> None:
    trade = {**alipay.peer.scan(alipay.opened().pay_url or ""), "trade_status": "TRADE_SUCCESS"}
    assert alipay.gateway.parse_callback(alipay.peer.notification(trade, body=""))


@pytest.mark.parametrize("amount", ["12.340", "1e3", "-1.00", "12,34", "", "١٢", "0x10", " 12.34", "12."])
def test_amounts_are_exact_or_rejected(alipay: AlipayDriver, amount: str) -> None:
    trade = {**alipay.peer.scan(alipay.opened().pay_url or ""), "trade_status": "TRADE_SUCCESS"}
    with pytest.raises(CallbackRejected):
        alipay.gateway.parse_callback(alipay.peer.notification({**trade, "total_amount": amount}))


def test_yuan_and_fen() -> None:
    for fen in (0, 1, 10, 100, 1234, 9007199254740993):
        assert from_yuan({"": to_yuan(fen)[-15:]}, "") == int(to_yuan(fen)[-15:].replace(".", ""))
    assert from_yuan({"": "88.8"}, "") == 8880
    assert from_yuan({"": "88"}, "") == 8800
    with pytest.raises(Malformed):
        from_yuan({"": 88.88}, "")


def test_a_callback_of_an_unpaid_trade_yields_no_event(alipay: AlipayDriver) -> None:
    trade = alipay.peer.scan(alipay.opened().pay_url or "")
    for reference in (trade["out_trade_no"], "till_7"):
        unpaid = alipay.peer.notification({**trade, "out_trade_no": reference})
        assert alipay.gateway.parse_callback(unpaid) == ()


def test_a_trade_of_another_shop_is_foreign_and_reported_with_its_money(alipay: AlipayDriver) -> None:
    trade = alipay.peer.scan(alipay.opened().pay_url or "")
    foreign = {**trade, "trade_status": "TRADE_SUCCESS", "out_trade_no": "till_7"}
    (event,) = alipay.gateway.parse_callback(alipay.peer.notification(foreign))
    cause = "its reference is no attempt id"
    assert event.foreign == ForeignPayment("TRADE_SUCCESS", cause, trade["trade_no"], "12.34", "CNY")


def test_an_unsigned_response_is_rejected(alipay: AlipayDriver) -> None:
    attempt = alipay.opened()
    alipay.peer.signs_answers = False
    with pytest.raises(OutcomeUnknown):
        alipay.gateway.void(attempt)


def test_a_response_signed_by_another_key_is_rejected(alipay: AlipayDriver) -> None:
    attempt = alipay.opened()
    alipay.secret["alipay_public_keys"] = [key_pair("somebody-else")[1]]
    with pytest.raises(Misconfigured):
        alipay.gateway.void(attempt)


def test_a_response_to_another_request_is_rejected(alipay: AlipayDriver) -> None:
    attempt = alipay.attempt_in("scanned")
    alipay.gateway.void(attempt)
    answered = alipay.server.asked[-1]
    recorded = alipay.peer.answer(answered)
    alipay.server.answers = lambda asked: recorded
    with pytest.raises(OutcomeUnknown):
        alipay.gateway.query(attempt)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff\xfe{}", b'{"sign":"x"}', b'{"alipay_trade_close_response":1}'])
def test_garbled_answers_leave_the_outcome_unknown(alipay: AlipayDriver, body: bytes) -> None:
    attempt = alipay.opened()
    alipay.server.answers = lambda asked: Reply(200, body)
    with pytest.raises(OutcomeUnknown):
        alipay.gateway.void(attempt)


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (("40004", "ACQ.SYSTEM_ERROR"), OutcomeUnknown),
        (("20000", "isp.unknow-error"), OutcomeUnknown),
        (("20001", "aop.invalid-auth-token"), Misconfigured),
        (("40002", "isv.invalid-app-id"), Misconfigured),
        (("40002", "isv.invalid-parameter"), Refused),
        (("40005", "isv.app-call-limited"), RateLimited),
        (("40006", "isv.insufficient-isv-permissions"), Misconfigured),
    ],
)
def test_failures_fall_into_their_classes(
    alipay: AlipayDriver, problem: tuple[str, str], error: type[Exception]
) -> None:
    attempt = alipay.attempt_in("scanned")
    alipay.peer.problems["alipay.trade.close"] = problem
    with pytest.raises(error):
        alipay.gateway.void(attempt)


def test_other_currencies_are_refused(alipay: AlipayDriver) -> None:
    with pytest.raises(Refused):
        alipay.gateway.open(replace(alipay.request(), currency="EUR"))


def test_a_refund_made_by_hand_is_a_refund_and_a_refused_one_is_not(alipay: AlipayDriver) -> None:
    attempt = alipay.paid()
    capture = alipay.gateway.query(attempt).capture
    assert capture
    refund = alipay.refund_of(attempt, capture)
    assert len(refund.refund_id) <= 64
    alipay.peer.problems["alipay.trade.refund"] = ("40004", "ACQ.TRADE_STATUS_ERROR")
    with pytest.raises(Refused):
        alipay.gateway.refund(refund)
    alipay.peer.trade_of(attempt.attempt_id)["trade_status"] = "TRADE_CLOSED"
    assert alipay.gateway.refund(refund) is RefundState.DONE


def test_a_partial_refund_as_first_notification_of_a_trade_is_not_a_payment(alipay: AlipayDriver) -> None:
    attempt = alipay.opened()
    (event,) = alipay.gateway.parse_callback(alipay.callback_for("TRADE_SUCCESS, refunded in part", attempt))
    assert event.kind is GatewayEventKind.MONEY_RETURNED
    trade_no = alipay.peer.trade_of(attempt.attempt_id)["trade_no"]
    assert event.capture == Capture(trade_no, attempt.amount, "CNY", returned=200)


@pytest.mark.parametrize("name", ["", "HZ01RF001", "0RDER00000000099_R0123456789AB", "0RDER00000000001_8K3V9QZ1"])
def test_a_refund_under_a_name_that_is_not_ours_is_returned_money(alipay: AlipayDriver, name: str) -> None:
    callback = alipay.callback_for("TRADE_CLOSED, refunded", alipay.opened())
    (event,) = alipay.gateway.parse_callback(alipay.changed(callback, {"out_biz_no": name}))
    assert event.kind is GatewayEventKind.MONEY_RETURNED


@pytest.mark.parametrize("fee", ["-1.00", "1e3", "many"])
def test_a_refunded_amount_that_cannot_be_read_is_rejected(alipay: AlipayDriver, fee: str) -> None:
    callback = alipay.callback_for("TRADE_SUCCESS, refunded in part", alipay.opened())
    with pytest.raises(CallbackRejected):
        alipay.gateway.parse_callback(alipay.changed(callback, {"refund_fee": fee}))


def test_a_refund_that_names_no_amounts_is_returned_money_all_the_same(alipay: AlipayDriver) -> None:
    callback = alipay.callback_for("TRADE_CLOSED, refunded by hand", alipay.opened())
    bare = alipay.changed(callback, {"refund_fee": MISSING, "total_amount": MISSING})
    (event,) = alipay.gateway.parse_callback(bare)
    assert event.kind is GatewayEventKind.MONEY_RETURNED
    assert event.capture
    assert (event.capture.amount, event.capture.returned) == (0, 0)


def test_a_trade_that_was_closed_unpaid_holds_nothing(alipay: AlipayDriver) -> None:
    attempt = alipay.attempt_in("voided")
    assert alipay.gateway.query_payment(alipay.peer.trade_of(attempt.attempt_id)["trade_no"]) is None


def test_keys_may_come_with_pem_armour(alipay: AlipayDriver) -> None:
    private, public = key_pair("shop")[0], key_pair("alipay")[1]
    lines = "\n".join(private[place : place + 64] for place in range(0, len(private), 64))
    alipay.secret["private_key"] = f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n"
    alipay.secret["alipay_public_keys"] = [f"-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----"]
    assert alipay.gateway.void(alipay.attempt_in("scanned")).kind is VoidKind.VOIDED


def test_a_key_that_cannot_be_read_is_misconfigured(alipay: AlipayDriver) -> None:
    alipay.secret["private_key"] = "bm90IGEga2V5"
    with pytest.raises(Misconfigured):
        alipay.opened()


@pytest.mark.parametrize("addressee", ["app_id", "seller_id"])
@pytest.mark.parametrize("value", [MISSING, ""], ids=["missing", "empty"])
def test_a_notification_without_addressee_is_rejected(alipay: AlipayDriver, addressee: str, value: object) -> None:
    genuine = alipay.callback_for("TRADE_SUCCESS", alipay.opened())
    with pytest.raises(CallbackRejected):
        alipay.gateway.parse_callback(alipay.changed(genuine, {addressee: value}))


# A sentence whose second bytes in GBK are those of a backslash, a brace and a pipe.
CHINESE = "臷誠|交易誠乗亊"
DECLARED = {
    "text/html;charset=GBK": "gbk",
    "text/html; charset=gbk": "gbk",
    'application/json; charset="GB2312"': "gbk",
    "text/html;charset=gb18030": "gb18030",
    "text/html": "gbk",
    None: "gbk",
    "application/json;charset=UTF-8": "utf-8",
    "application/json": "utf-8",
}


@pytest.mark.parametrize("declared", DECLARED)
def test_an_answer_counts_in_the_charset_that_it_was_signed_in(alipay: AlipayDriver, declared: str | None) -> None:
    attempt = alipay.paid()
    alipay.peer.trade_of(attempt.attempt_id)["subject"] = CHINESE
    expected = alipay.gateway.query(attempt)
    alipay.peer.answers_in = (declared, DECLARED[declared])
    assert alipay.gateway.query(attempt) == expected


def test_a_refusal_in_gbk_is_understood(alipay: AlipayDriver) -> None:
    attempt = alipay.opened()
    alipay.peer.answers_in = ("text/html;charset=GBK", "gbk")
    assert alipay.gateway.void(attempt).kind is VoidKind.NOT_VOIDABLE
    alipay.peer.signs_answers = False
    alipay.secret["private_key"] = key_pair("somebody-else")[0]
    with pytest.raises(Misconfigured):
        alipay.gateway.void(attempt)


@pytest.mark.parametrize(
    ("declared", "written", "named"),
    [
        ("text/html;charset=big5", "gbk", "big5"),
        ("text/html;charset=utf-7", "gbk", "utf-7"),
        ("text/html;charset=rot13", "utf-8", "rot13"),
        ("text/html;charset=utf-8", "gbk", "utf-8"),
        ("text/html;charset=GBK", "utf-8", "gbk"),
    ],
)
def test_an_answer_in_no_charset_that_it_could_be_in_leaves_the_outcome_unknown(
    alipay: AlipayDriver, declared: str, written: str, named: str
) -> None:
    attempt = alipay.paid()
    alipay.peer.trade_of(attempt.attempt_id)["subject"] = "单"
    alipay.peer.answers_in = (declared, written)
    with pytest.raises(OutcomeUnknown, match=named):
        alipay.gateway.query(attempt)


def told_in(alipay: AlipayDriver, codec: str, content_type: str | None, **changes: str) -> Callback:
    trade = {**alipay.peer.scan(alipay.opened().pay_url or ""), "trade_status": "TRADE_SUCCESS"}
    utf8 = alipay.peer.notification(trade, subject=CHINESE, **changes)
    parameters = dict(parse_qsl(utf8.body.decode(), keep_blank_values=True))
    kept = {name: value for name, value in parameters.items() if name not in ("sign", "sign_type")}
    callback = alipay.peer.signed(kept, codec=codec)
    return replace(callback, headers={"content-type": content_type} if content_type else {})


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("codec", "content_type", "changes"),
    [
        ("gbk", FORM, {"charset": "GBK"}),
        ("gbk", FORM, {"charset": "gb2312"}),
        ("gb18030", FORM, {"charset": "GB18030"}),
        ("gbk", f"{FORM}; charset=GBK", {}),
        ("gbk", f"{FORM}; charset=UTF-8", {"charset": "GBK"}),
        ("utf-8", None, {}),
        ("utf-8", FORM, {"charset": "utf-8"}),
        ("utf-8", FORM, {"charset": ""}),
    ],
)
def test_a_notification_counts_in_the_charset_that_it_was_signed_in(
    alipay: AlipayDriver, codec: str, content_type: str | None, changes: dict[str, str]
) -> None:
    callback = told_in(alipay, codec, content_type, **changes)
    (event,) = alipay.gateway.parse_callback(callback)
    assert event.kind is GatewayEventKind.PAID
    with pytest.raises(CallbackRejected):
        alipay.gateway.parse_callback(replace(callback, body=callback.body.replace(b"12.34", b"12.35")))


@pytest.mark.parametrize(
    ("codec", "charset", "named"),
    [("gbk", "big5", "big5"), ("gbk", "utf-8", "utf-8"), ("gbk", "x" * 999, "x" * 40), ("utf-8", "rot13", "rot13")],
)
def test_a_notification_in_no_charset_that_it_could_be_in_is_rejected_and_named(
    alipay: AlipayDriver, codec: str, charset: str, named: str
) -> None:
    with pytest.raises(CallbackRejected, match=named) as rejected:
        alipay.gateway.parse_callback(told_in(alipay, codec, FORM, charset=charset))
    assert len(rejected.value.cause) < 100
