"""A payer with a payment link: what the page shows and does, and that nothing is paid twice or wrongly."""

import json
import re
from datetime import timedelta

import pytest

from paylatch.domain.errors import Misconfigured, OutcomeUnknown, Refused, Transient
from paylatch.ports import VoidAnswer, VoidKind
from tests.api.handlers import sent_response
from tests.integration.pay_pages import API_URL, GATEWAY_URL, Tab, leads_to_gateway, page_event, pay_link, sent
from tests.integration.shop import PAGES_URL, Shop
from tests.lambda_events import SELLER


@pytest.fixture(autouse=True)
def settings(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYLATCH_PUBLIC_URL", API_URL)
    monkeypatch.setenv("PAYLATCH_GATEWAYS", "sandbox")
    monkeypatch.setenv("PAYLATCH_SANDBOX_URL", GATEWAY_URL)


@pytest.fixture
def order_id(shop: Shop) -> str:
    return shop.create()


@pytest.fixture
def path(shop: Shop, order_id: str) -> str:
    return pay_link(shop, order_id)


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


def test_the_same_form_again_completes_what_a_lost_answer_left(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    form = tab.form("pay")
    shop.gateway.answer_with("open", OutcomeUnknown("sandbox", "timed out"))
    tab.post(form)
    assert leads_to_gateway(tab.post(form))
    assert (sessions(shop), shop.head(order_id).attempts_made) == (1, 1)


WRONG = "0" * 26


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_link_a_wrong_order_and_malformed_ids_are_the_same_404(
    shop: Shop, order_id: str, path: str, method: str
) -> None:
    link_id, form = path.rpartition("/")[2], Tab.opened(path).form("pay")
    without_link = shop.create()
    answers = [
        sent(method, wrong, form=form if method == "POST" else None)
        for wrong in (
            f"/pay/{order_id}/{WRONG}",
            f"/pay/7777777777777777/{link_id}",
            f"/pay/{without_link}/{link_id}",
            f"/pay/{order_id}/x",
            f"/pay/x/{link_id}",
            f"/pay/{order_id}/{link_id[:-1]}o",
            f"/pay/{order_id}/%00",
        )
    ]
    assert {answer.status for answer in answers} == {404}
    assert len({(answer.content, tuple(answer.headers.items())) for answer in answers}) == 1
    assert not shop.gateway.opened


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ("", "action"),
        ("action=refund", "action"),
        ("action=pay&action=pay&revision=1&payment_key=link:1:0", "action"),
        ("action=pay&payment_key=link:1:0", "revision"),
        ("action=pay&revision=0&payment_key=link:0:0", "revision"),
        ("action=pay&revision=1e3&payment_key=link:1:0", "revision"),
        ("action=pay&revision=1", "payment_key"),
        ("action=pay&revision=1&payment_key=link:2:0", "payment_key"),
        ("action=pay&revision=1&payment_key=checkout-7f3a", "payment_key"),
        ("action=stop", "attempt_id"),
        ("action=stop&attempt_id=7777777777777777_00000000", "attempt_id"),
        ("action=%ff", "body"),
        ("&".join(f"a{number}=1" for number in range(30)), "body"),
        ("a=" + "x" * 5000, "body"),
    ],
)
def test_a_bad_form_is_a_page_that_names_the_field_and_changes_nothing(
    shop: Shop, order_id: str, path: str, form: str, field: str
) -> None:
    before = shop.head(order_id)
    answer = sent("POST", path, form=form)
    assert answer.status in (400, 413)
    assert field in answer.content.decode()
    assert shop.head(order_id) == before


def test_a_form_that_is_none_is_refused(path: str) -> None:
    event = page_event("POST", path, form='{"action": "pay"}')
    event["headers"]["content-type"] = "application/json"
    assert sent_response("pay_page", event).status == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused_with_those_that_there_are(path: str, method: str) -> None:
    answer = sent(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")


def test_head_is_get_without_a_body_and_asks_no_gateway(shop: Shop, order_id: str, path: str) -> None:
    Tab.opened(path).pay()
    answer = sent("HEAD", path, f"attempt_id={shop.holder(order_id)}")
    assert (answer.status, answer.content) == (200, b"")
    assert "query" not in [call for call, _ in shop.gateway.asked]


def test_every_page_may_be_kept_shown_and_followed_by_nobody_else(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    answers = [tab.response, tab.pay(), sent("GET", "/pay/x/y"), sent("POST", path, form=""), sent("PUT", path)]
    for answer in answers:
        headers = answer.headers
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["x-robots-tag"] == "noindex"
        assert headers["strict-transport-security"].startswith("max-age=")
        assert "set-cookie" not in headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["form-action"] == "'self' https://pay.test"
        assert "unsafe" not in headers["content-security-policy"]


def test_a_gateway_s_page_that_the_policy_does_not_name_is_reached_by_a_link(
    shop: Shop, order_id: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYLATCH_SANDBOX_URL", "https://elsewhere.test")
    tab = Tab.opened(path)
    answer = tab.pay()
    assert answer.headers["location"] == path.rpartition("/")[2]
    tab.reload()
    assert f'href="https://pay.test/{shop.holder(order_id)}"' in tab.html


def test_the_script_is_answered_with_the_state_its_version_and_the_lock_s_end(
    shop: Shop, order_id: str, path: str
) -> None:
    Tab.opened(path).pay()
    answer = sent("GET", f"{path}/state")
    until = shop.head(order_id).locked_until
    assert until is not None
    assert json.loads(answer.content) == {
        "state": "being_paid",
        "version": shop.head(order_id).version,
        "until": until.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    wrong = sent("GET", f"{path[:-1]}{'0' if path[-1] != '0' else '1'}/state")
    assert (wrong.status, wrong.headers["content-type"]) == (404, "application/json")


def test_an_order_that_the_seller_lets_nobody_pay_is_shown_and_not_paid(shop: Shop, order_id: str, path: str) -> None:
    tab = Tab.opened(path)
    form = tab.form("pay")
    shop.edit(order_id, 1, SELLER, payable=False)
    tab.reload()
    assert tab.state == "not_payable"
    assert tab.post({**form, "revision": "2", "payment_key": "link:2:0"}).status == 409
    assert not shop.gateway.opened


def test_the_page_s_files_are_served(shop: Shop, path: str) -> None:
    tab = Tab.opened(path)
    for name in re.findall(r'(?:href|src)="\.\./\.\./(assets/[^"]+)"', tab.html):
        answer = sent("GET", f"/{name}")
        assert (answer.status, answer.headers["x-content-type-options"]) == (200, "nosniff")
    assert sent("GET", "/assets/none.css").status == 404
