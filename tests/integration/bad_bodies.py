"""Bodies that can never succeed, and the field that the answer must name."""

import json
from typing import Any

from tests.lambda_events import sample_body

LINE = {"sku": "tea-01", "name": "Green tea", "quantity": 2, "unit_price": 1250}
OFF = {"sku": "off", "name": "Coupon", "quantity": 1, "unit_price": -2501, "kind": "discount"}
ADDRESS = sample_body("order_create")["shipping_address"]


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in sample_body("order_create").items() if key != name}


def order(**fields: Any) -> dict[str, Any]:
    return sample_body("order_create") | fields


def line(**fields: Any) -> dict[str, Any]:
    return order(lines=[LINE | fields])


def address(**fields: Any) -> dict[str, Any]:
    return order(shipping_address=ADDRESS | fields)


ORDERS: dict[str, tuple[Any, str]] = {
    **{f"no {name}": (without(name), name) for name in ("reference", "buyer_id", "seller_id", "currency", "lines")},
    "unknown field": (order(total=1), "total"),
    "unknown field in a line": (line(discount=1), "lines.0.discount"),
    "unknown field in the address": (address(planet="Earth"), "shipping_address.planet"),
    "reference is a number": (order(reference=1), "reference"),
    "reference is empty": (order(reference=""), "reference"),
    "reference is blank": (order(reference="  "), "reference"),
    "reference is too long": (order(reference="x" * 65), "reference"),
    "reference has a control character": (order(reference="a\x00b"), "reference"),
    "buyer is null": (order(buyer_id=None), "buyer_id"),
    "buyer has a line break": (order(buyer_id="a\nb"), "buyer_id"),
    "currency is unknown": (order(currency="EUX"), "currency"),
    "currency is in lower case": (order(currency="eur"), "currency"),
    "currency is no text": (order(currency=978), "currency"),
    "lines is an object": (order(lines={}), "lines"),
    "no lines": (order(lines=[]), "lines"),
    "too many lines": (order(lines=[LINE] * 201), "lines"),
    "a line is null": (order(lines=[None]), "lines.0"),
    "quantity is zero": (line(quantity=0), "lines.0.quantity"),
    "quantity is negative": (line(quantity=-1), "lines.0.quantity"),
    "quantity is too large": (line(quantity=1_000_001), "lines.0.quantity"),
    "quantity is a fraction": (line(quantity=1.5), "lines.0.quantity"),
    "quantity is a float": (line(quantity=2.0), "lines.0.quantity"),
    "quantity is text": (line(quantity="2"), "lines.0.quantity"),
    "quantity is true": (line(quantity=True), "lines.0.quantity"),
    "price is negative": (line(unit_price=-1), "lines.0.unit_price"),
    "price is too large": (line(unit_price=10**15 + 1), "lines.0.unit_price"),
    "price is enormous": (line(unit_price=10**30), "lines.0.unit_price"),
    "name is missing": (order(lines=[{"sku": "a", "quantity": 1, "unit_price": 1}]), "lines.0.name"),
    "name is too long": (line(name="x" * 201), "lines.0.name"),
    "price of shipping is negative": (line(unit_price=-1, kind="shipping"), "lines.0.unit_price"),
    "discount is positive": (line(unit_price=1, kind="discount"), "lines.0.unit_price"),
    "discount is enormous": (line(unit_price=-(10**15) - 1, kind="discount"), "lines.0.unit_price"),
    "costs less than nothing": (order(lines=[LINE, OFF]), "lines"),
    "the same line twice": (order(lines=[LINE, OFF, {**LINE, "quantity": 3}]), "lines.2"),
    "kind is unknown": (line(kind="gift"), "lines.0.kind"),
    "kind is null": (line(kind=None), "lines.0.kind"),
    "kind is a number": (line(kind=1), "lines.0.kind"),
    "fixed is a number": (line(fixed=1), "lines.0.fixed"),
    "fixed is text": (line(fixed="true"), "lines.0.fixed"),
    "most is zero": (line(max_quantity=0), "lines.0.max_quantity"),
    "most is too large": (line(max_quantity=1_000_001), "lines.0.max_quantity"),
    "buyer_may is text": (order(buyer_may="note"), "buyer_may"),
    "buyer_may has an unknown word": (order(buyer_may=["note", "prices"]), "buyer_may.1"),
    "buyer_may has a number": (order(buyer_may=[1]), "buyer_may.0"),
    "payable is text": (order(payable="no"), "payable"),
    "pay_by has no offset": (order(pay_by="2027-01-01T00:00:00"), "pay_by"),
    "pay_by has an offset of 99 minutes": (order(pay_by="2026-12-31T23:59:59+00:99"), "pay_by"),
    "pay_by is no day": (order(pay_by="2027-02-30T00:00:00Z"), "pay_by"),
    "pay_by is past": (order(pay_by="2020-01-01T00:00:00Z"), "pay_by"),
    "pay_by is too far ahead": (order(pay_by="2036-01-01T00:00:00Z"), "pay_by"),
    "pay_by is a number": (order(pay_by=1), "pay_by"),
    "late_money is unknown": (order(late_money="keep"), "late_money"),
    "buyer_may has too many": (order(buyer_may=["note"] * 5), "buyer_may"),
    "costs too much together": (line(quantity=2, unit_price=10**15), "lines"),
    "country is no code": (address(country="gb"), "shipping_address.country"),
    "recipient is missing": (order(shipping_address={"country": "GB", "line1": "1"}), "shipping_address.recipient"),
    "city is blank": (address(city="\u3000"), "shipping_address.city"),
    "address is text": (order(shipping_address="12 St James Square"), "shipping_address"),
    "note is too long": (order(note="x" * 2001), "note"),
    "note is a number": (order(note=7), "note"),
    "note has a NUL": (order(note="a\x00"), "note"),
    "email has no place": (order(email="ada"), "email"),
    "email has two places": (order(email="ada@example.com@example.org"), "email"),
    "email has a machine's name": (order(email="ada@localhost"), "email"),
    "email has a name beside it": (order(email="Ada <ada@example.com>"), "email"),
    "email has two dots together": (order(email="ada..ek@example.com"), "email"),
    "email has a line break": (order(email="ada@example.com\nbcc: eve@example.com"), "email"),
    "email is too long": (order(email="a" * 243 + "@example.com"), "email"),
    "email is a list": (order(email=["ada@example.com"]), "email"),
    "locale has an underscore": (order(locale="sv_SE"), "locale"),
    "locale is a language's name": (order(locale="Swedish"), "locale"),
    "locale is a number": (order(locale=46), "locale"),
    "billing address without a country": (
        order(billing_address={"recipient": "A", "line1": "1"}),
        "billing_address.country",
    ),
    "unknown field in the billing address": (order(billing_address=ADDRESS | {"vat": "1"}), "billing_address.vat"),
    "metadata is a list": (order(metadata=["web"]), "metadata"),
    "metadata has a number": (order(metadata={"channel": 7}), "metadata.channel"),
    "metadata has an object": (order(metadata={"channel": {"a": "b"}}), "metadata.channel"),
    "metadata has a null": (order(metadata={"channel": None}), "metadata.channel"),
    "metadata has a long text": (order(metadata={"channel": "x" * 501}), "metadata.channel"),
    "metadata has a NUL": (order(metadata={"channel": "\x00"}), "metadata.channel"),
    "metadata has a long name": (order(metadata={"x" * 41: "web"}), f"metadata.{'x' * 39}…"),
    "metadata has an empty name": (order(metadata={"": "web"}), "metadata."),
    "metadata has a blank name": (order(metadata={"\u3000": "web"}), "metadata.\u3000"),
    "metadata has too many": (order(metadata={str(n): "" for n in range(21)}), "metadata"),
    "note turns the text around": (order(note="\u202eliat"), "note"),
}

PAYMENTS: dict[str, tuple[Any, str]] = {
    "no return_url": ({}, "return_url"),
    "unknown field": ({"return_url": "https://shop.test/", "amount": 1}, "amount"),
    "return_url is no address": ({"return_url": "shop"}, "return_url"),
    "return_url is a script": ({"return_url": "javascript:alert(1)"}, "return_url"),
    "return_url has no host": ({"return_url": "https:///thanks"}, "return_url"),
    "return_url has a line break": ({"return_url": "https://shop.test/\r\nSet-Cookie: a=b"}, "return_url"),
    "return_url names a user": ({"return_url": "https://shop.test@evil.test/"}, "return_url"),
    "return_url has a backslash": ({"return_url": "https://evil.test\\@shop.test/"}, "return_url"),
    "return_url has no port": ({"return_url": "https://shop.test:0/"}, "return_url"),
    "return_url has a port beyond all": ({"return_url": "https://shop.test:65536/"}, "return_url"),
    "return_url names the attempt": ({"return_url": "https://shop.test/?attempt_id=1"}, "return_url"),
    "return_url is too long": ({"return_url": "https://shop.test/" + "x" * 512}, "return_url"),
    "expires_in is too short": ({"return_url": "https://shop.test/", "expires_in": 59}, "expires_in"),
    "expires_in is too long": ({"return_url": "https://shop.test/", "expires_in": 86_401}, "expires_in"),
    "expires_in is text": ({"return_url": "https://shop.test/", "expires_in": "900"}, "expires_in"),
    "expires_in is true": ({"return_url": "https://shop.test/", "expires_in": True}, "expires_in"),
    "gateway is no name": ({"return_url": "https://shop.test/", "gateway": "../x"}, "gateway"),
    "gateway is not configured": ({"return_url": "https://shop.test/", "gateway": "payu"}, "gateway"),
}

EDITS: dict[str, tuple[Any, str]] = {
    "unknown field": ({"total": 1}, "total"),
    "unknown field taken away": ({"total": None}, "total"),
    "a field that is not for editing": ({"seller_id": "me"}, "seller_id"),
    "the status": ({"payment_status": "paid"}, "payment_status"),
    "no lines": ({"lines": []}, "lines"),
    "lines taken away": ({"lines": None}, "lines"),
    "quantity is zero": ({"lines": [{**LINE, "quantity": 0}]}, "lines.0.quantity"),
    "kind is unknown": ({"lines": [{**LINE, "kind": "gift"}]}, "lines.0.kind"),
    "buyer_may has an unknown word": ({"buyer_may": ["prices"]}, "buyer_may.0"),
    "address without a street": ({"shipping_address": {"line1": None}}, "shipping_address.line1"),
    "unknown field in the address": ({"shipping_address": {"planet": "Earth"}}, "shipping_address.planet"),
    "note is an object": ({"note": {}}, "note"),
    "email is no address": ({"email": "ada"}, "email"),
    "locale is empty": ({"locale": ""}, "locale"),
    "billing address without a street": ({"billing_address": {"country": "SE"}}, "billing_address.recipient"),
    "metadata has a number": ({"metadata": {"channel": 7}}, "metadata.channel"),
    "metadata has too many": ({"metadata": {str(n): "" for n in range(21)}}, "metadata"),
}

STOPS: dict[str, tuple[Any, str]] = {
    "edit is null": ({"edit": None}, "edit"),
    "edit is a list": ({"edit": []}, "edit"),
    "edit is text": ({"edit": "note"}, "edit"),
    "the edit's fields beside it": ({"note": "x"}, "note"),
    "a field beside the edit": ({"edit": {}, "reason": "x"}, "reason"),
}

RESOLUTIONS: dict[str, tuple[Any, str]] = {
    "no action": ({"reason": "x"}, "action"),
    "no reason": ({"action": "settle"}, "reason"),
    "empty reason": ({"action": "settle", "reason": ""}, "reason"),
    "blank reason": ({"action": "settle", "reason": " \u200b"}, "reason"),
    "unknown action": ({"action": "steal", "reason": "x"}, "action"),
    "unknown field": ({"action": "settle", "reason": "x", "amount": 1}, "amount"),
}

# What is wrong before any field is looked at: text or bytes as sent, and the status of the answer.
RAW: dict[str, tuple[str | bytes, int]] = {
    "empty": ("", 400),
    "no JSON": ("order", 400),
    "cut off": ('{"reference": "1', 400),
    "two documents": ("{} {}", 400),
    "an array": ("[]", 400),
    "text": ('"order"', 400),
    "null": ("null", 400),
    "a number": ("1", 400),
    "NaN": (json.dumps(line(quantity=float("nan"))), 400),
    "Infinity": ('{"reference": Infinity}', 400),
    "a name twice": ('{"reference": "1", "reference": "2"}', 400),
    "a name twice, deep inside": ('{"lines": [{"sku": "a", "sku": "b"}]}', 400),
    "a number of 5,000 digits": ('{"reference": ' + "9" * 5000 + "}", 400),
    "not UTF-8": (b'{"reference": "\xff\xfe"}', 400),
    "a lone surrogate as a value": ('{"reference": "\\ud800"}', 400),
    "a lone surrogate as a name": ('{"\\ud800": 1}', 400),
    "deep arrays": ("[" * 20_000 + "]" * 20_000, 400),
    "deep arrays in a field": ('{"note": ' + "[" * 900 + "]" * 900 + "}", 400),
    "deep objects in a field": ('{"note": ' + '{"a":' * 480 + "1" + "}" * 481, 400),
    "deeper objects in a field": ('{"shipping_address": ' + '{"a":' * 900 + "1" + "}" * 901, 400),
    "one byte over 64 KB": ('{"note": "' + "x" * (64 * 1024 - 11) + '"}', 413),
    "one byte over 64 KB in many-byte characters": ('{"note": "' + "é" * (32 * 1024) + '"}', 413),
    "far over": ("x" * 1_000_000, 413),
    "far over, as bytes": (b"x" * 300_000, 413),
}
