"""Return URLs: one strict grammar, the stack's origins, and both ids at the end of the query."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.document import document as openapi_document
from paylatch.domain.return_address import ADDRESS_PATTERN, fault_in_address, leads_to, origin_of, with_ids

ORDER_ID, ATTEMPT_ID = "D7KY3NPF3FM5GY6V", "D7KY3NPF3FM5GY6V_GGAQ3T7D"
IDS = f"order_id={ORDER_ID}&attempt_id={ATTEMPT_ID}"
TAKEN = [
    "https://shop.example",
    "https://shop.example/",
    "http://localhost:5173/thanks",
    "http://127.0.0.1:65535/",
    "https://xn--bcher-kva.example/danke?lang=de&x=%C3%BC#top",
    "https://Shop.Example:443/a//b;c=1/@home?next=/a?b",
    "https://shop.example?x",
    "https://shop.example/#/thanks",
]
REFUSED = [
    "",
    "shop.example",
    "//shop.example/",
    "HTTPS://shop.example/",
    "ftp://shop.example/",
    "javascript:alert(1)",
    "https:/shop.example",
    "https:///thanks",
    "https://user@shop.example/",
    "https://user:secret@shop.example/",
    "https://shop.example@evil.example/",
    "https://@shop.example/",
    "https://evil.example\\@shop.example/",
    "https://shop.example\\.evil.example/",
    "https:\\\\shop.example/",
    "https://shop.example/a\\b",
    "https://shop.example:/",
    "https://shop.example:0/",
    "https://shop.example:080/",
    "https://shop.example:65536/",
    "https://shop.example:99999/",
    "https://shop.example:port/",
    "https://shop.example:80:80/",
    "https://-shop.example/",
    "https://shop-.example/",
    "https://shop..example/",
    "https://shop.example./",
    "https://.example/",
    f"https://{'a' * 64}.example/",
    "https://shop_.example/",
    "https://[::1]/",
    "https://bücher.example/",
    "https://shop.example/ü",
    "https://shop.example/a b",
    "https://shop.example/\t",
    "https://shop.example/\n",
    "https://shop.example\n",
    "https://shop.example/%",
    "https://shop.example/%zz",
    "https://shop.example/{CHECKOUT_SESSION_ID}",
    'https://shop.example/"',
    "https://shop.example/<script>",
    "https://shop.example/?a=[1]",
    "https://shop.example/#a#b",
]
ADDRESSES = st.lists(
    st.sampled_from(
        [
            "http",
            "https",
            ":",
            "//",
            "/",
            "@",
            "\\",
            "a",
            "shop.example",
            ".",
            "-",
            "0",
            "65535",
            "65536",
            "?",
            "#",
            "%41",
        ]
    ),
    max_size=9,
).map("".join)


@pytest.mark.parametrize("address", TAKEN)
def test_an_address_as_rfc_3986_writes_it_is_taken(address: str) -> None:
    assert fault_in_address(address) is None


@pytest.mark.parametrize("address", REFUSED)
def test_what_browsers_might_read_in_another_way_is_refused(address: str) -> None:
    assert fault_in_address(address)


@pytest.mark.parametrize("query", ["order_id=1", "a=b&attempt_id=", "attempt_id", "order%5Fid=1"])
def test_an_address_that_names_an_id_itself_is_refused(query: str) -> None:
    assert "appends" in (fault_in_address(f"https://shop.example/?{query}") or "")


@given(ADDRESSES)
def test_the_published_pattern_takes_what_the_code_takes(address: str) -> None:
    published = openapi_document()["components"]["schemas"]["PaymentRequest"]["properties"]["return_url"]["pattern"]
    assert published == ADDRESS_PATTERN
    assert bool(re.search(published.removesuffix("$") + r"\Z", address)) == (fault_in_address(address) is None)


@given(ADDRESSES)
def test_what_is_taken_has_a_host_and_no_user(address: str) -> None:
    if fault_in_address(address) is None:
        parts = urlsplit(address)
        assert parts.hostname
        assert parts.username is parts.password is None
        assert parts.port is None or 1 <= parts.port <= 65535


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Shop.Example:443/thanks", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://shop.example:443/", "http://shop.example:443"),
        ("https://shop.example?a=https://other.example", "https://shop.example"),
        ("https://shop.example#a", "https://shop.example"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(address: str, origin: str) -> None:
    assert origin_of(address) == origin


def test_an_address_leads_to_one_of_the_origins_or_there_are_none() -> None:
    origins = ["https://shop.example", "http://localhost:5173"]
    assert leads_to(origins, "https://shop.example/a")
    assert leads_to(origins, "http://LOCALHOST:5173/a")
    for other in ("http://shop.example/", "https://shop.example:8443/", "https://shop.example.evil/", "https://a.b/"):
        assert not leads_to(origins, other)
        assert leads_to([], other)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("https://shop.example", f"https://shop.example?{IDS}"),
        ("https://shop.example/thanks", f"https://shop.example/thanks?{IDS}"),
        ("https://shop.example/?a=%20+&b", f"https://shop.example/?a=%20+&b&{IDS}"),
        ("https://shop.example/?", f"https://shop.example/?{IDS}"),
        ("https://shop.example/?a&", f"https://shop.example/?a&{IDS}"),
        ("https://shop.example/#/thanks?a=b", f"https://shop.example/?{IDS}#/thanks?a=b"),
    ],
)
def test_both_ids_stand_at_the_end_of_the_query_and_the_rest_as_it_was_written(given: str, sent: str) -> None:
    assert with_ids(given, ORDER_ID, ATTEMPT_ID) == sent


@pytest.mark.parametrize("address", TAKEN)
def test_the_address_with_ids_is_still_an_address_with_both(address: str) -> None:
    sent = with_ids(address, ORDER_ID, ATTEMPT_ID)
    assert re.search(ADDRESS_PATTERN, sent)
    assert parse_qsl(urlsplit(sent).query)[-2:] == [("order_id", ORDER_ID), ("attempt_id", ATTEMPT_ID)]
