"""A genuine callback for another addressee pays, ends and returns nothing here. Callbacks of other stacks and shops on
the same account are acknowledged and reported as foreign.
"""

import pytest

from paylatch.domain.errors import CallbackRejected
from paylatch.domain.ids import stack_code
from paylatch.gateways.stack_reference import NotOurs, merchant_reference, read_names, read_reference
from paylatch.ports import FoundAttempt, Gateway, GatewayEvent, GatewayEventKind
from tests.contract.gateway_drivers import GATEWAY_DRIVERS
from tests.contract.gateway_drivers.gateway_driver import ODD_SUMS, CallbackOutcome, GatewayDriver
from tests.orders_table import ROOT

ROWS = [
    (name, gateway_event, addressee)
    for name, kind in GATEWAY_DRIVERS.items()
    for gateway_event in kind.gateway_events
    for addressee in kind.addressees
    if kind.names(addressee, gateway_event)
]
GATEWAY_EVENTS = [
    (name, gateway_event) for name, kind in GATEWAY_DRIVERS.items() for gateway_event in kind.gateway_events
]
PAGE = (ROOT / "docs" / "gateway-behaviour.md").read_text()
ATTEMPT_ID = "0RDER00000000001_8K3V9QZ1"


def rows(event: CallbackOutcome) -> list[tuple[str, str, str]]:
    return [row for row in ROWS if GATEWAY_DRIVERS[row[0]].addressees[row[2]] is event]


def names_payment_only(event: GatewayEvent) -> bool:
    """Whether it does not name the payment's addressee: the gateway is queried then."""
    return event.foreign is None and not event.attempt_id


@pytest.mark.parametrize(("driver", "gateway_event", "addressee"), rows(CallbackOutcome.REJECTED), indirect=["driver"])
def test_a_callback_that_names_another_merchant_is_rejected(
    driver: GatewayDriver, gateway_event: str, addressee: str
) -> None:
    genuine = driver.callback_for(gateway_event, driver.opened())
    assert driver.gateway.parse_callback(genuine)
    with pytest.raises(CallbackRejected):
        driver.gateway.parse_callback(driver.with_addressee(genuine, addressee))


@pytest.mark.parametrize(("driver", "gateway_event", "addressee"), rows(CallbackOutcome.FOREIGN), indirect=["driver"])
def test_a_genuine_callback_for_another_addressee_is_reported_as_foreign(
    driver: GatewayDriver, gateway_event: str, addressee: str
) -> None:
    genuine = driver.callback_for(gateway_event, driver.opened())
    assert driver.gateway.parse_callback(genuine)
    fields = driver.gateway.parse_callback(driver.with_addressee(genuine, addressee))
    # A manual refund that succeeded yields no event: its charge's callback reports it too.
    for event in fields:
        assert names_payment_only(event) or event.kind is GatewayEventKind.FOREIGN
        assert not event.attempt_id


@pytest.mark.parametrize(("driver", "gateway_event"), GATEWAY_EVENTS, indirect=["driver"])
def test_a_callback_of_one_stack_is_foreign_to_another_on_the_account(
    driver: GatewayDriver, gateway_event: str
) -> None:
    callback, other = driver.callback_for(gateway_event, driver.opened()), driver.other_stack()
    (ours,), (event,) = driver.gateway.parse_callback(callback), other.parse_callback(callback)
    if names_payment_only(event):
        payment = event.dispute or event.capture
        assert payment
        assert other.find_attempt(payment.payment_id) is None
        return
    assert event.foreign
    assert "stack" in event.foreign.cause
    payment = ours.dispute or ours.capture
    assert payment is None or event.foreign.payment_id == payment.payment_id


@pytest.mark.parametrize(("driver", "gateway_event", "addressee"), rows(CallbackOutcome.UNNAMED), indirect=["driver"])
def test_a_payment_without_a_stack_is_reported_as_such(
    driver: GatewayDriver, gateway_event: str, addressee: str
) -> None:
    attempt = driver.opened()
    (event,) = driver.gateway.parse_callback(
        driver.with_addressee(driver.callback_for(gateway_event, attempt), addressee)
    )
    assert names_payment_only(event) or (event.attempt_id, event.stack_named) == (attempt.attempt_id, False)


@pytest.mark.parametrize(
    ("driver", "gateway_event", "addressee"),
    rows(CallbackOutcome.FOREIGN) + rows(CallbackOutcome.UNNAMED),
    indirect=["driver"],
)
def test_the_payments_of_others_may_be_of_any_shape(driver: GatewayDriver, gateway_event: str, addressee: str) -> None:
    callback = driver.with_addressee(driver.callback_for(gateway_event, driver.opened()), addressee)
    for _ in ODD_SUMS:
        for event in driver.gateway.parse_callback(driver.misshapen(callback)):
            assert event.foreign or names_payment_only(event) or not event.stack_named


@pytest.mark.parametrize(("driver", "gateway_event", "addressee"), ROWS, indirect=["driver"])
def test_only_disputes_and_returned_money_may_leave_the_attempt_to_be_asked_for(
    driver: GatewayDriver, gateway_event: str, addressee: str
) -> None:
    (event,) = driver.gateway.parse_callback(driver.callback_for(gateway_event, driver.opened()))
    assert event.attempt_id or event.kind in (GatewayEventKind.DISPUTED, GatewayEventKind.MONEY_RETURNED)


def test_the_attempt_of_another_stacks_payment_is_not_found(driver: GatewayDriver) -> None:
    attempt = driver.paid()
    capture = driver.gateway.query(attempt).capture
    assert capture
    assert driver.gateway.find_attempt(capture.payment_id) == FoundAttempt(attempt.attempt_id)
    assert driver.other_stack().find_attempt(capture.payment_id) is None


def test_two_stacks_with_one_attempt_id_have_two_sessions(driver: GatewayDriver) -> None:
    if driver.name == "sandbox":
        pytest.skip("each stack has a sandbox of its own")
    request = driver.request()
    ours, theirs = driver.gateway.open(request), driver.other_stack().open(request)
    assert ours.pay_url != theirs.pay_url


def test_a_session_of_another_stack_is_not_taken_for_one_whose_opening_was_not_answered(driver: GatewayDriver) -> None:
    if driver.name in ("sandbox", "alipay"):
        pytest.skip("it has no search")
    request = driver.request()
    driver.other_stack().open(request)
    assert driver.gateway.query(driver.attempt(request)).state == "unknown"


def test_a_reference_names_attempt_and_stack_within_every_gateways_field() -> None:
    references = {merchant_reference(ATTEMPT_ID, stack) for stack in ("paylatch", "paylatch-staging", "a" * 128)}
    assert len(references) == 3
    for reference in references:
        assert len(reference) <= 32
        assert reference.replace("_", "").isalnum()
        assert reference.isascii()
    assert read_reference(merchant_reference(ATTEMPT_ID, "shop"), "shop") == FoundAttempt(ATTEMPT_ID)


@pytest.mark.parametrize(
    "reference",
    [
        *(None, 7, "", "cart_123", "till_7", ATTEMPT_ID.lower(), f"{ATTEMPT_ID}_", f"{ATTEMPT_ID}x"),
        *(f"{ATTEMPT_ID}_{stack_code('other')}", f"{ATTEMPT_ID}_{stack_code('shop')}0", f"x{ATTEMPT_ID}"),
    ],
)
def test_a_reference_of_any_other_form_is_foreign(reference: object) -> None:
    with pytest.raises(NotOurs):
        read_reference(reference, "shop")


@pytest.mark.parametrize("named", ["shop-2", "SHOP", " shop", 7, ["shop"], {"stack": "shop"}])
def test_only_the_very_name_of_the_stack_is_its_name(named: object) -> None:
    with pytest.raises(NotOurs, match="stack"):
        read_names(ATTEMPT_ID, named, "shop")


@pytest.mark.parametrize("named", [None, ""])
def test_a_reference_without_a_stack_names_none(named: object) -> None:
    assert read_names(ATTEMPT_ID, named, "shop") == FoundAttempt(ATTEMPT_ID, stack_named=False)
    assert read_reference(ATTEMPT_ID, "shop") == FoundAttempt(ATTEMPT_ID, stack_named=False)


@pytest.mark.parametrize(("name", "addressee"), sorted({(name, addressee) for name, _, addressee in ROWS}))
def test_the_page_about_gateway_behaviour_lists_every_other_addressee(name: str, addressee: str) -> None:
    outcome = GATEWAY_DRIVERS[name].addressees[addressee].value
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.lower().startswith(f"| {name} |")]
    assert any(addressee in row[3] and outcome in row[4] for row in rows if len(row) == 5)


def test_capabilities_say_which_gateways_report_disputes(driver: GatewayDriver) -> None:
    gateway: Gateway = driver.gateway
    assert gateway.capabilities.reports_disputes == (GatewayEventKind.DISPUTED in driver.gateway_events.values())
