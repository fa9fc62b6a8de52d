"""A payer with a payment link: what the page shows and does, and that nothing is paid twice or wrongly."""

from datetime import timedelta

import pytest

from paylatch.domain.errors import Misconfigured, OutcomeUnknown, Refused, Transient
from paylatch.ports import VoidAnswer, VoidKind
from tests.integration.pay_pages import Tab, leads_to_gateway, pay_link, sent
from tests.integration.shop import PAGES_URL, TTL, Shop

pytestmark = pytest.mark.usefixtures("pay_page_settings")


def sessions(shop: Shop) -> int:
    """The number of sessions that are payable at the gateway."""
    return len(set(shop.gateway.opened) - shop.gateway.closed)


def test_the_page_shows_what_is_owed_and_has_no_effect(shop: Shop, order_id: str, path: str) -> None:
    before = shop.head(order_id)
    tab = Tab.opened(path)
    assert (tab.response.status, tab.state) == (200, "owed")
    assert "Green tea" in tab.html
    assert shop.head(order_id) == before
    assert not shop.gateway.asked


def test_pay_locks_the_order_and_leads_to_the_gateway(shop: Shop, order_id: str, path: str) -> None:
    assert leads_to_gateway(Tab.opened(path).pay())
    order = shop.head(order_id)
    assert (order.status.value, order.attempts_made) == ("in_payment", 1)
    assert order.last_event.type == "PaymentOpened"
    (request,) = shop.gateway.opened.values()
    assert request.return_url == f"{PAGES_URL}{path}?order_id={order_id}&attempt_id={request.attempt_id}"
    assert request.callback_url.startswith("https://api.test/gateways/sandbox/")


def test_who_paid_by_the_link_is_named_as_such_in_the_event(shop: Shop, order_id: str, path: str) -> None:
    shop.gateway.answer_with("open", OutcomeUnknown("sandbox", "timed out"))
    Tab.opened(path).pay()
    event = shop.head(order_id).last_event
    assert (event.type, event.actor, event.role) == ("OrderLocked", "link", "payment_link")


def test_a_double_click_is_one_payment(shop: Shop, path: str) -> None:
    tab = Tab.opened(path)
    assert tab.pay().headers["location"] == tab.pay().headers["location"]
    assert sessions(shop) == 1


def test_two_tabs_are_one_payment(shop: Shop, path: str) -> None:
    one, other = Tab.opened(path), Tab.opened(path)
    assert one.pay().headers["location"] == other.pay().headers["location"]
    assert sessions(shop) == 1


def test_back_from_the_gateway_the_old_form_leads_to_the_same_payment(shop: Shop, path: str) -> None:
    tab = Tab.opened(path)
    first = tab.pay()
    # The browser's back button shows the page as it was.
    assert tab.pay().headers["location"] == first.headers["location"]
    assert sessions(shop) == 1


def test_on_another_device_the_payment_is_shown_and_no_second_one_is_offered(shop: Shop, path: str) -> None:
    Tab.opened(path).pay()
    phone = Tab.opened(path)
    assert phone.state == "being_paid"
    with pytest.raises(LookupError):
        phone.form("pay", "agree")


def test_phone_and_laptop_at_once_are_never_two_payable_sessions(shop: Shop, order_id: str, path: str) -> None:
    phone, laptop = Tab.opened(path), Tab.opened(path)
    phone.pay()
    Tab.opened(path).stop()
    assert not leads_to_gateway(laptop.pay()), "its key is that of the stopped payment"
    laptop.reload()
    assert leads_to_gateway(laptop.pay())
    assert not leads_to_gateway(phone.pay())
    assert (sessions(shop), shop.head(order_id).attempts_made) == (1, 2)


def test_a_key_that_was_used_ahead_of_its_time_keeps_nobody_from_paying(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    tab.post({**tab.form("pay"), "payment_key": "link:1:1"})
    tab.reload()
    tab.stop()
    tab.reload()
    assert leads_to_gateway(tab.pay())
    tab.reload()
    tab.stop()
    assert leads_to_gateway(Tab.opened(pay_link(shop, order_id, renew=True)).pay())
    assert (sessions(shop), shop.head(order_id).attempts_made) == (1, 3)


def test_an_old_form_leads_to_no_gateway_once_the_time_is_over(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    assert leads_to_gateway(tab.pay())
    shop.clock.advance(TTL)
    answer = tab.pay()
    assert (answer.status, answer.headers["location"]) == (303, path.rpartition("/")[2])
    tab.reload()
    assert tab.state == "stopping"


def test_a_link_opened_after_an_edit_shows_the_new_total(shop: Shop, order_id: str, path: str) -> None:
    shop.edit_to_three_packets(order_id, 1)
    tab = Tab.opened(path)
    assert tab.form("pay")["revision"] == "2"
    tab.pay()
    (request,) = shop.gateway.opened.values()
    assert request.amount == 3750


def test_an_edit_since_the_page_was_loaded_is_shown_and_must_be_agreed_to(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    shop.edit_to_three_packets(order_id, 1)
    answer = tab.pay()
    assert (answer.status, tab.state) == (409, "changed")
    assert not shop.gateway.opened
    assert "25.00" in tab.html
    assert "37.50" in tab.html
    assert tab.form("agree")["revision"] == "2"
    assert leads_to_gateway(tab.pay())
    (request,) = shop.gateway.opened.values()
    assert request.amount == 3750


def test_a_renewed_link_in_an_open_tab_pays_nothing(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    pay_link(shop, order_id, renew=True)
    before = shop.head(order_id)
    assert tab.pay().status == 404
    assert (shop.head(order_id), sessions(shop)) == (before, 0)


def test_a_payment_whose_answer_was_lost_goes_on_though_the_link_was_renewed_meanwhile(
    shop: Shop, order_id: str, path: str
) -> None:
    tab = Tab.opened(path)
    first = tab.pay()
    pay_link(shop, order_id, renew=True)
    assert tab.pay().headers["location"] == first.headers["location"]
    assert sessions(shop) == 1


def test_a_renewed_link_in_an_open_tab_stops_nothing(shop: Shop, order_id: str, path: str) -> None:
    Tab.opened(path).pay()
    tab = Tab.opened(path)
    pay_link(shop, order_id, renew=True)
    assert tab.stop().status == 404
    assert shop.status(order_id) == "in_payment"


def test_stop_gives_the_order_back_and_the_page_offers_it_again(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    tab.pay()
    tab.reload()
    answer = tab.stop()
    assert (answer.status, answer.headers["location"]) == (303, path.rpartition("/")[2])
    assert shop.status(order_id) == "pending_payment"
    tab.reload()
    assert tab.state == "owed"
    assert leads_to_gateway(tab.pay())
    assert shop.head(order_id).attempts_made == 2


def test_a_payment_that_the_shop_began_is_stopped_too(shop: Shop, order_id: str, path: str) -> None:
    shop.pay(order_id)
    assert Tab.opened(path).stop().status == 303
    assert shop.status(order_id) == "pending_payment"


def test_a_stop_that_the_gateway_does_not_confirm_leaves_the_order_locked(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    tab.pay()
    tab.reload()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    assert tab.stop().status == 303
    tab.reload()
    assert (tab.state, shop.status(order_id)) == ("stopping", "releasing")


def test_a_stop_after_the_money_came_says_so(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    tab.pay()
    tab.reload()
    shop.gateway.capture_payment(shop.holder(order_id))
    assert tab.stop().status == 409
    assert (tab.state, shop.status(order_id)) == ("just_paid", "paid")


def test_a_stop_of_a_payment_that_is_with_the_bank_claims_no_success(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    tab.pay()
    tab.reload()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.PROCESSING))
    assert (tab.stop().status, tab.state) == (409, "processing")
    assert "already with the bank" in tab.html
    assert "succeeded" not in tab.html


def test_a_stop_of_a_payment_that_is_under_review_claims_no_success(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    tab.pay()
    tab.reload()
    form = tab.form("stop")
    shop.money(shop.holder(order_id), amount=1)
    assert (tab.post(form).status, tab.state) == (409, "under_review")
    assert "succeeded" not in tab.html


def test_the_payer_who_comes_back_before_the_callback_sees_that_it_is_paid(
    shop: Shop, order_id: str, path: str
) -> None:
    Tab.opened(path).pay()
    attempt_id = shop.holder(order_id)
    shop.gateway.capture_payment(attempt_id)
    tab = Tab.opened(path, f"order_id={order_id}&attempt_id={attempt_id}")
    assert (tab.response.status, tab.state) == (200, "just_paid")
    assert shop.status(order_id) == "paid"


def test_the_gateway_is_asked_once_in_five_seconds_however_often_the_page_is_loaded(
    shop: Shop, order_id: str, path: str
) -> None:
    Tab.opened(path).pay()
    query = f"attempt_id={shop.holder(order_id)}"
    for _ in range(3):
        Tab.opened(path, query)
    assert [call for call, _ in shop.gateway.asked].count("query") == 1
    shop.clock.advance(timedelta(seconds=6))
    sent("GET", f"{path}/state", query)
    assert [call for call, _ in shop.gateway.asked].count("query") == 2


def test_without_the_gateway_s_word_nothing_is_called_paid(shop: Shop, order_id: str, path: str) -> None:
    Tab.opened(path).pay()
    attempt_id = shop.holder(order_id)
    shop.gateway.answer_with("query", OutcomeUnknown("sandbox", "timed out"))
    tab = Tab.opened(path, f"attempt_id={attempt_id}")
    assert (tab.response.status, tab.state) == (200, "being_paid")
    assert shop.metrics.failed[-1][1]["attempt_id"] == attempt_id


def test_a_reload_of_the_form_after_payment_pays_nothing_more(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    tab.pay()
    shop.money(shop.holder(order_id))
    answer = tab.pay()
    assert (answer.status, leads_to_gateway(answer)) == (303, False)
    tab.reload()
    assert (tab.state, shop.head(order_id).attempts_made) == ("just_paid", 1)


def test_an_order_that_costs_nothing_is_confirmed_without_a_gateway(shop: Shop) -> None:
    order_id = shop.create(lines=[{"sku": "gift", "name": "Gift", "quantity": 1, "unit_price": 0}])
    answer = Tab.opened(pay_link(shop, order_id)).pay()
    assert (answer.status, leads_to_gateway(answer)) == (303, False)
    assert shop.status(order_id) == "paid"


@pytest.mark.parametrize(
    ("error", "status", "locked"),
    [
        (Refused("sandbox", "no"), 409, False),
        (Transient("sandbox", "connection refused"), 503, True),
        (OutcomeUnknown("sandbox", "timed out"), 503, True),
        (Misconfigured("sandbox", "bad key"), 503, True),
    ],
)
def test_each_error_of_the_gateway_gives_a_page_that_leads_on(
    shop: Shop, order_id: str, path: str, error: Exception, status: int, locked: bool
) -> None:
    tab = Tab.opened(path)
    shop.gateway.answer_with("open", error)
    assert tab.pay().status == status
    assert (tab.state in ("opening", "being_paid"), shop.head(order_id).locked) == (locked, locked)
    assert tab.response.headers["content-type"].startswith("text/html")
    assert shop.metrics.failed[-1][1]["order_id"] == order_id
    tab.reload()
    tab.form("stop" if locked else "pay")


@pytest.mark.parametrize(
    "error", [Refused("sandbox", "no"), Transient("sandbox", "connection refused"), Misconfigured("sandbox", "bad key")]
)
def test_a_gateway_that_refuses_to_say_what_became_of_a_payment_is_not_shown_as_refusing_the_payment(
    shop: Shop, order_id: str, path: str, error: Exception
) -> None:
    tab = Tab.opened(path)
    tab.pay()
    shop.gateway.answer_with("query", error)
    answer = tab.post({"action": "recheck", "attempt_id": shop.holder(order_id)})
    assert (answer.status, tab.state) == (503, "being_paid")
    assert "did not accept" not in tab.html
    assert "try again in a moment" in tab.html


def test_an_edit_of_what_the_page_does_not_show_is_agreed_to_in_true_words(
    shop: Shop, order_id: str, path: str
) -> None:
    tab = Tab.opened(path)
    shop.edit(order_id, 1, note="Ring twice.")
    assert (tab.pay().status, tab.state) == (409, "changed")
    assert "Lines and total are as you saw them." in tab.html
    assert "Ring twice." not in tab.html
    assert leads_to_gateway(tab.pay())


def test_the_same_form_again_completes_what_a_lost_answer_left(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    form = tab.form("pay")
    shop.gateway.answer_with("open", OutcomeUnknown("sandbox", "timed out"))
    tab.post(form)
    assert leads_to_gateway(tab.post(form))
    assert (sessions(shop), shop.head(order_id).attempts_made) == (1, 1)
