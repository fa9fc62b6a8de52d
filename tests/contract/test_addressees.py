"""Authenticity is no address: a genuine callback for somebody else pays, ends and returns nothing here."""

import pytest

from paylatch.domain.errors import CallbackRejected
from paylatch.ports import Gateway, NoticeKind
from tests.contract.benches import BENCHES
from tests.contract.benches.bench import Bench, Heard
from tests.orders_table import ROOT

ROWS = [
    (name, notice, addressee)
    for name, kind in BENCHES.items()
    for notice in kind.notices
    for addressee in kind.addressees
    if kind.names(addressee, notice)
]
PAGE = (ROOT / "docs" / "gateways.md").read_text()


@pytest.mark.parametrize(("driver", "notice", "addressee"), ROWS, indirect=["driver"])
def test_a_genuine_callback_for_somebody_else_is_none_of_ours(driver: Bench, notice: str, addressee: str) -> None:
    genuine = driver.tell(notice, driver.opened())
    assert driver.gateway.parse_callback(genuine)
    misaddressed = driver.readdressed(genuine, addressee)
    if driver.addressees[addressee] is Heard.REJECTION:
        with pytest.raises(CallbackRejected):
            driver.gateway.parse_callback(misaddressed)
        return
    # One that names the payment only says nothing of whose it is: the gateway is asked.
    assert [heard.attempt_id for heard in driver.gateway.parse_callback(misaddressed)] in ([], [""])


@pytest.mark.parametrize(("driver", "notice", "addressee"), ROWS, indirect=["driver"])
def test_only_disputes_and_returned_money_may_leave_the_attempt_to_be_asked_for(
    driver: Bench, notice: str, addressee: str
) -> None:
    (heard,) = driver.gateway.parse_callback(driver.tell(notice, driver.opened()))
    assert heard.attempt_id or heard.kind in (NoticeKind.DISPUTED, NoticeKind.MONEY_RETURNED)


@pytest.mark.parametrize(("name", "addressee"), sorted({(name, addressee) for name, _, addressee in ROWS}))
def test_the_page_on_gateways_tells_of_every_other_addressee(name: str, addressee: str) -> None:
    outcome = BENCHES[name].addressees[addressee].value
    assert any(addressee in line and outcome in line for line in PAGE.splitlines() if line.startswith("|"))


def test_capabilities_tell_which_gateways_tell_of_disputes(driver: Bench) -> None:
    gateway: Gateway = driver.gateway
    assert gateway.capabilities.tells_of_disputes == (NoticeKind.DISPUTED in driver.notices.values())
