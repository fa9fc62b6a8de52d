"""A head stays small after any number of attempts: the bounds, and where they do not hold."""

from dataclasses import replace

import pytest

from paylatch.domain.attempt_edit import AttemptEdit
from paylatch.domain.refund_request import LONGEST_REFUND_REASON, MOST_REQUESTED_REFUNDS
from paylatch.domain.stored_records import record_document
from paylatch.domain.transitions.attempt_changes import KEPT_ATTEMPTS, MOST_ATTEMPTS, MOST_LIVE_LINKS
from paylatch.store.items import item_of
from tests.integration.item_size import size_of
from tests.orders_table import ROOT
from tests.storage.long_lives import KILOBYTE, Life, Texts, stored_size

PAGE = (ROOT / "docs" / "data.md").read_text()
PERSON = "3f2a9d1c-77aa-4c1e-9d2f-0123456789ab"
SHORT = Texts(
    person=PERSON,
    reference="2026-100123",
    gateway="sandbox",
    return_url="https://shop.example/checkout/thanks",
    session="cs_" + "a" * 16,
    pay_url="https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/pay/cs_" + "a" * 16,
)
MEDIUM = replace(SHORT, pay_url="https://" + "a" * 192)
PAYU = replace(SHORT, gateway="payu", session="W" * 27, pay_url="https://secure.payu.com/pay/?token=" + "a" * 230)
ALIPAY = replace(
    SHORT, gateway="alipay", session="x" * 25, pay_url="https://openapi.alipay.com/gateway.do?" + "a" * 900
)
STRIPE = replace(
    SHORT,
    gateway="stripe",
    session="cs_live_" + "a" * 58,
    pay_url="https://checkout.stripe.com/c/pay/cs_live_" + "a" * 1100,
)
# What the contract allows at most: 64 characters of four bytes, an address of 512; and a link of 2,048.
LARGEST = replace(
    STRIPE,
    person="\U0001f600" * 64,
    reference="\U0001f600" * 64,
    return_url="https://" + "a" * 504,
    pay_url="https://" + "a" * 2040,
)
GATEWAYS = {"short": SHORT, "200 bytes": MEDIUM, "payu": PAYU, "alipay": ALIPAY, "stripe": STRIPE}


def first(texts: Texts) -> Life:
    """An order at its first attempt."""
    life = Life(texts)
    life.open()
    return life


def hundredth(texts: Texts) -> Life:
    """An order at its last attempt."""
    life = Life(texts)
    life.try_and_give_up(MOST_ATTEMPTS - 1)
    life.open()
    return life


def to_lock_and_open(life: Life) -> int:
    return life.units["lock"] + life.units["record_session"]


@pytest.mark.parametrize(("link", "units"), [("short", 2), ("200 bytes", 2), ("payu", 3), ("alipay", 3), ("stripe", 3)])
def test_the_first_attempt_costs_two_write_units_and_three_with_a_long_link(link: str, units: int) -> None:
    assert to_lock_and_open(first(GATEWAYS[link])) == units


def test_the_hundredth_attempt_costs_six_write_units_with_a_short_link() -> None:
    assert to_lock_and_open(hundredth(SHORT)) == 6


@pytest.mark.parametrize(("link", "units"), [("200 bytes", 7), ("payu", 7), ("alipay", 7), ("stripe", 9)])
def test_with_a_longer_link_or_session_the_hundredth_costs_more(link: str, units: int) -> None:
    """Ten past attempts with their sessions, and the suffixes of 89, leave no more room below three kilobytes."""
    assert to_lock_and_open(hundredth(GATEWAYS[link])) == units


@pytest.mark.parametrize(("link", "units"), [("short", 1), ("200 bytes", 1), ("payu", 2), ("alipay", 2), ("stripe", 2)])
def test_a_settlement_costs_one_write_unit_and_two_with_a_long_link(link: str, units: int) -> None:
    life = first(GATEWAYS[link])
    life.settle()
    assert life.units["settle"] == units


def test_a_settlement_of_the_hundredth_attempt_costs_three_write_units_with_a_short_link() -> None:
    life = hundredth(SHORT)
    life.settle()
    assert life.units["settle"] == 3


def test_the_end_of_all_links_costs_the_write_units_of_one_write() -> None:
    life = Life(SHORT)
    life.leave_links(MOST_LIVE_LINKS)
    life.end_links()
    assert (life.units["end_links"], life.order.live_links) == (3, 0)


@pytest.mark.parametrize("link", ["short", "200 bytes", "payu", "alipay"])
def test_a_head_with_eleven_attempts_and_all_evicted_ones_has_at_most_four_kilobytes(link: str) -> None:
    life = hundredth(GATEWAYS[link])
    assert (len(life.order.past_attempts), len(life.order.evicted_attempt_ids)) == (KEPT_ATTEMPTS, 89)
    assert stored_size(life.head) <= 4 * KILOBYTE


def test_stripes_links_and_the_largest_texts_exceed_four_kilobytes_by_so_much_and_no_more() -> None:
    assert 4 * KILOBYTE < stored_size(hundredth(STRIPE).head) <= 5 * KILOBYTE
    assert 4 * KILOBYTE < stored_size(hundredth(LARGEST).head) <= 7 * KILOBYTE


@pytest.mark.parametrize("link", GATEWAYS)
def test_a_settled_order_keeps_no_link(link: str) -> None:
    life = first(GATEWAYS[link])
    life.settle()
    assert not {"pay_url", "return_url"} & set(life.head["attempt"])


def test_the_page_about_data_has_the_size_of_the_most_refunds_with_the_longest_reasons() -> None:
    sizes = []
    for reason in ("x" * LONGEST_REFUND_REASON, "\U0001f600" * LONGEST_REFUND_REASON):
        life = first(SHORT)
        life.settle()
        life.request_refunds(MOST_REQUESTED_REFUNDS, reason)
        sizes.append(stored_size(life.head))
    assert "{:,} bytes, and {:,}".format(*sizes) in PAGE


@pytest.mark.parametrize("from_revision", [None, 1])
def test_the_page_about_data_has_the_size_of_a_kept_edit(from_revision: int | None) -> None:
    edit = AttemptEdit("9YX7W5VT3SRQ", 1, from_revision)
    assert f"{size_of(item_of({'edit': record_document(edit)}))} bytes" in PAGE


@pytest.mark.parametrize("texts", [*GATEWAYS.values(), LARGEST], ids=[*GATEWAYS, "largest"])
def test_the_page_about_data_has_the_measured_numbers(texts: Texts) -> None:
    rows = [line for line in PAGE.splitlines() if f"({len(texts.pay_url)}, {len(texts.session)})" in line]
    early, late = first(texts), hundredth(texts)
    size, opened = stored_size(late.head), (to_lock_and_open(early), to_lock_and_open(late))
    early.settle()
    late.settle()
    documented = (opened[0], early.units["settle"], opened[1], late.units["settle"], f"{size:,}")
    now = [cell.rpartition("→")[2].strip() for cell in rows[0].split("|")[2:-1]]
    assert now == [str(each) for each in documented]
