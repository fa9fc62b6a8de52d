"""The payment page as a browser meets it: its answers to wrong links, forms and methods, its headers, its files."""

import json
import re

import pytest

from tests.api.handlers import sent_response
from tests.integration.pay_pages import Tab, leads_to_gateway, page_event, pay_link, sent
from tests.integration.shop import Shop
from tests.lambda_events import SELLER

pytestmark = pytest.mark.usefixtures("pay_page_settings")
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


def test_a_payer_back_at_a_renewed_link_is_shown_what_anybody_is_shown_whose_address_names_a_payment(
    shop: Shop, order_id: str, path: str
) -> None:
    Tab.opened(path).pay()
    attempt = shop.head(order_id).attempt
    assert attempt is not None
    pay_link(shop, order_id, renew=True)
    asked = len(shop.gateway.asked)
    link_id, back = path.rpartition("/")[2], f"order_id={order_id}&attempt_id={attempt.attempt_id}"
    answers = [
        sent("GET", address, query)
        for address, query in (
            (path, back),
            (path, f"attempt_id={order_id}_00000000"),
            (f"/pay/{order_id}/{WRONG}", back),
            (f"/pay/7777777777777777/{link_id}", "attempt_id=7777777777777777_00000000"),
        )
    ]
    assert {answer.status for answer in answers} == {404}
    assert len({(answer.content, tuple(answer.headers.items())) for answer in answers}) == 1
    assert b"your payment is not lost" in answers[0].content
    assert len(shop.gateway.asked) == asked


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


@pytest.mark.parametrize("folder", ["/checkout", "/pay", "/a/b"])
def test_pages_below_a_path_of_a_domain_are_found_whether_or_not_the_path_arrives(
    shop: Shop, path: str, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYLATCH_PAGES_URL", f"https://shop.test{folder}")
    for arriving in (f"{folder}{path}", path):
        tab = Tab.opened(arriving)
        assert (tab.response.status, tab.state) == (200, "owed")
        (name,) = re.findall(r'href="\.\./\.\./(assets/page-[^"]+\.css)"', tab.html)
        assert sent("GET", f"{arriving.removesuffix(path)}/{name}").status == 200
        assert sent("GET", f"{arriving}/state").status == 200
    assert sent("GET", f"/other{path}").status == 404
    answer = Tab.opened(f"{folder}{path}").pay()
    assert leads_to_gateway(answer)
    (request,) = shop.gateway.opened.values()
    assert request.return_url.startswith(f"https://shop.test{folder}{path}?")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused_with_those_that_there_are(path: str, method: str) -> None:
    answer = sent(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_script_s_address_refuses_them_too(path: str, method: str) -> None:
    answer = sent(method, f"{path}/state")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert json.loads(answer.content)["status"] == 405


def test_head_of_what_is_not_there_has_no_body_either(path: str) -> None:
    for wrong in ("/pay/x/y", f"{path[:-1]}/state", f"{path}/none"):
        answer = sent("HEAD", wrong)
        assert (answer.status, answer.content) == (404, b"")


@pytest.mark.parametrize("part", ["", "/state"])
def test_settings_that_cannot_be_read_give_a_page_too(path: str, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYLATCH_DEFAULT_LOCK", "a quarter of an hour")
    answer = sent("GET", "/pay/x/y")
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert sent("POST", f"{path}{part}", form="action=refund").status in (400, 405)


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
