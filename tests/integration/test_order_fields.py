"""E-mail address, locale, billing address and metadata of an order: who edits them, and what gateways get of them."""

import json
from typing import Any

import pytest

from paylatch.domain.errors import Refused, StoreUnavailable
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from tests.api.handler_transport import client_of as caller
from tests.integration.dynamodb_tap import Tap
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, SELLER, SERVICE, sample_body
from tests.orders_table import client_of

ADDRESS = sample_body("order_create")["shipping_address"]
BILLING = {**ADDRESS, "recipient": "Analytical Engines Ltd", "line1": "1 Dorset Street"}
CONTACT = {"email": "ada@example.com", "locale": "sv-SE"}
FIELDS = {**CONTACT, "billing_address": BILLING, "metadata": {"channel": "web", "campaign": ""}}


def heads_and_events(table: TableConnection) -> str:
    items = client_of(table).scan(TableName=table.table)["Items"]
    return json.dumps([item for item in items if not item["sk"]["S"].startswith("CONTENT#")], default=str)


def test_an_order_has_what_it_was_created_with_and_null_for_the_rest(shop: Shop) -> None:
    with_fields, bare = shop.read(shop.create(**FIELDS)).body, shop.read(shop.create()).body
    assert {name: with_fields[name] for name in FIELDS} == FIELDS
    assert {name: bare[name] for name in FIELDS} == dict.fromkeys(FIELDS)


@pytest.mark.parametrize("person", [SELLER, SERVICE], ids=["seller", "service"])
def test_a_seller_and_a_service_edit_them_by_merge_patch(shop: Shop, person: Any) -> None:
    order_id = shop.create(**FIELDS)
    patch = {
        "email": None,
        "locale": "en",
        "billing_address": {"line1": "2"},
        "metadata": {"channel": None, "vip": "1"},
    }
    answer = shop.edit(order_id, 1, person, **patch)
    assert answer.status == 200, answer.body
    assert {name: answer.body[name] for name in FIELDS} == {
        "email": None,
        "locale": "en",
        "billing_address": {**BILLING, "line1": "2"},
        "metadata": {"campaign": "", "vip": "1"},
    }
    nothing = shop.edit(order_id, 2, person, billing_address=None, metadata=None)
    assert (nothing.body["billing_address"], nothing.body["metadata"]) == (None, None)


def test_a_buyer_edits_the_billing_address_alone_and_within_its_country(shop: Shop) -> None:
    order_id = shop.create(**FIELDS, buyer_may=["address"])
    for name, value in {"email": "eve@example.com", "locale": "en", "metadata": {"channel": "x"}}.items():
        answer = shop.edit(order_id, 1, BUYER, **{name: value})
        assert (answer.status, [each["field"] for each in answer.body["errors"]]) == (403, [name])
    refused: list[tuple[Any, str]] = [({"country": "IE"}, "billing_address.country"), (None, "billing_address")]
    for value, field in refused:
        answer = shop.edit(order_id, 1, BUYER, billing_address=value)
        assert (answer.status, [each["field"] for each in answer.body["errors"]]) == (403, [field])
    assert shop.edit(order_id, 1, BUYER, billing_address={"line1": "2"}).status == 200


def test_metadata_has_at_most_twenty_names_after_an_edit_too(shop: Shop) -> None:
    order_id = shop.create(metadata={str(number): "" for number in range(20)})
    answer = shop.edit(order_id, 1, SELLER, metadata={"20": ""})
    assert (answer.status, [each["field"] for each in answer.body["errors"]]) == (400, ["metadata"])
    assert shop.edit(order_id, 1, SELLER, metadata={"20": "", "0": None}).status == 200


def test_the_gateway_gets_the_payers_address_and_language(shop: Shop) -> None:
    order_id = shop.create(**FIELDS)
    attempt_id = shop.pay(order_id).body["attempt_id"]
    opened = shop.gateway.opened[attempt_id]
    assert (opened.email, opened.locale) == ("ada@example.com", "sv-SE")


def test_the_gateway_gets_what_the_revision_says_that_is_paid(shop: Shop) -> None:
    order_id = shop.create(**FIELDS)
    shop.edit(order_id, 1, SELLER, email=None)
    first = shop.pay(order_id, "first").body["attempt_id"]
    assert (shop.gateway.opened[first].email, shop.gateway.opened[first].locale) == (None, "sv-SE")
    shop.stop_and_change(order_id, first, 2, SELLER, locale=None)
    second = shop.pay(order_id, "second").body["attempt_id"]
    assert (shop.gateway.opened[second].email, shop.gateway.opened[second].locale) == (None, None)
    shop.stop_and_change(order_id, second, 3, SELLER, **CONTACT)
    third = shop.pay(order_id, "third").body["attempt_id"]
    assert (shop.gateway.opened[third].email, shop.gateway.opened[third].locale) == ("ada@example.com", "sv-SE")


def test_a_payment_reads_the_content_only_where_it_has_something_for_the_gateway(
    shop: Shop, orders_table: TableConnection
) -> None:
    bare = shop.create(billing_address=BILLING, metadata={"channel": "web"})
    with_contact = shop.create(**CONTACT)
    without_it_again = shop.create(**CONTACT)
    shop.edit(without_it_again, 1, SELLER, email=None, locale=None)
    sent = {}
    for order_id in (bare, with_contact, without_it_again):
        with Tap(orders_table).attached() as tap:
            assert shop.pay(order_id, order_id).status == 201
        sent[order_id] = tap.sent
    assert sent[bare] == sent[without_it_again] == ["UpdateItem"] * 2
    assert sent[with_contact] == ["UpdateItem", "GetItem", "UpdateItem"]


def test_a_head_without_contact_is_stored_as_before(shop: Shop, orders_table: TableConnection) -> None:
    shop.create(billing_address=BILLING, metadata={"channel": "web"})
    assert "has_contact" not in heads_and_events(orders_table)


def test_the_same_key_completes_a_payment_whose_content_could_not_be_read(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.create(**FIELDS)

    def unavailable(*_: object) -> None:
        raise StoreUnavailable("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(DynamoOrderStore, "read_content", unavailable)
        assert shop.pay(order_id).code == "store-unavailable"
    assert shop.gateway.opened == {}
    again = shop.pay(order_id)
    assert again.status == 201
    assert shop.gateway.opened[again.body["attempt_id"]].email == "ada@example.com"


def test_a_gateway_that_repeats_the_payers_address_in_its_refusal_is_not_quoted(
    shop: Shop, orders_table: TableConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    order_id = shop.create(**FIELDS)
    shop.gateway.answer_with("open", Refused("sandbox", "Invalid email address: ada@example.com is not known"))
    answer = shop.pay(order_id, person=SELLER)
    assert answer.status == 502
    assert (shop.head(order_id).last_event.detail or {})["cause"] == "Invalid email address: … is not known"
    for text in (heads_and_events(orders_table), capsys.readouterr().out, json.dumps(answer.body)):
        assert "ada@" not in text


def test_metadata_without_a_name_is_the_same_request_as_none(shop: Shop) -> None:
    body = sample_body("order_create")
    first = caller(SERVICE).create_order(body, "key").body["order_id"]
    again = caller(SERVICE).create_order(body | {"metadata": {}}, "key")
    assert (again.status, again.body["order_id"]) == (201, first)


def test_metadata_without_a_name_is_none(shop: Shop) -> None:
    order_id = shop.create(metadata={})
    assert shop.read(order_id).body["metadata"] is None
    shop.edit(order_id, 1, SELLER, metadata={"channel": "web"})
    assert shop.edit(order_id, 2, SELLER, metadata={"channel": None}).body["metadata"] is None


def test_no_personal_field_is_in_the_head_an_event_or_the_log(
    shop: Shop, orders_table: TableConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    order_id = shop.create(**FIELDS)
    shop.edit(order_id, 1, SELLER, email="eve@example.com")
    shop.edit(order_id, 2, SELLER, email="no address")
    attempt_id = shop.pay(order_id).body["attempt_id"]
    shop.stop_and_change(order_id, attempt_id, 2, SELLER, billing_address={"line1": "9 Dorset Street"})
    printed = capsys.readouterr()
    for text in (heads_and_events(orders_table), printed.out, printed.err):
        for personal in ("ada@", "eve@", "Dorset", "Analytical", "campaign"):
            assert personal not in text
