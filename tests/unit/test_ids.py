"""Ids: derived so that a retried request gets the same ones, and of a form that every gateway accepts."""

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylatch.domain.ids import (
    derived_attempt_id,
    derived_content_id,
    derived_order_id,
    derived_refund_id,
    fingerprint_of,
    is_order_id,
    order_id_of,
)
from paylatch.runtime.wiring import RandomIdGenerator

WORDS = st.text(min_size=1, max_size=40)


@given(WORDS, WORDS)
def test_an_order_id_is_sixteen_characters_and_the_same_each_time(subject: str, key: str) -> None:
    order_id = derived_order_id(subject, key)
    assert is_order_id(order_id)
    assert order_id == derived_order_id(subject, key)
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{16}", order_id)


@given(WORDS, WORDS)
def test_an_attempt_id_fits_every_gateway_and_names_its_order(subject: str, key: str) -> None:
    order_id = derived_order_id(subject, key)
    attempt_id = derived_attempt_id(order_id, subject, key)
    assert re.fullmatch("[0-9A-Za-z_]{1,32}", attempt_id)
    assert order_id_of(attempt_id) == order_id


ORDER_A, ORDER_B = "0K3VJ8Q5ZB6T1W2X", "0K3VJ8Q5ZB6T1W2Y"
# Each makes one id, or fingerprint, of several texts.
DERIVED: dict[str, Callable[..., str]] = {
    "order": derived_order_id,
    "attempt": derived_attempt_id,
    "attempt of one order": lambda *parts: derived_attempt_id(ORDER_A, *parts),
    "refund": derived_refund_id,
    "refund of one order": lambda attempt, payment: derived_refund_id(f"{ORDER_A}_{attempt}", payment),
    "fingerprint": fingerprint_of,
}
PARTS = {"attempt": 3}
# Near each other: few letters, signs that separate parts elsewhere, both cases, forms of a letter that look alike.
NEAR = st.text(st.sampled_from("aAbB1:_#,\u00e9e\u0301\u212b\u00c5 \x00\u6c34"), max_size=6)


def same_text_cut_elsewhere(parts: int) -> st.SearchStrategy[list[tuple[str, ...]]]:
    """Several ways to cut one text into so many parts."""

    def cuts(text: str) -> st.SearchStrategy[list[tuple[str, ...]]]:
        places = st.lists(st.integers(0, len(text)), min_size=parts - 1, max_size=parts - 1).map(sorted)
        return st.lists(places.map(lambda at: cut(text, at)), min_size=2, max_size=4)

    return st.text(st.sampled_from("a1:"), max_size=12).flatmap(cuts)


def cut(text: str, places: list[int]) -> tuple[str, ...]:
    return tuple(text[start:end] for start, end in pairwise([0, *places, len(text)]))


@pytest.mark.parametrize("kind", DERIVED)
@given(data=st.data())
def test_other_callers_keys_and_payments_have_other_ids(kind: str, data: st.DataObject) -> None:
    parts = PARTS.get(kind, 2)
    inputs = data.draw(same_text_cut_elsewhere(parts) | st.lists(st.tuples(*[NEAR] * parts), min_size=2, max_size=4))
    assert len({DERIVED[kind](*each) for each in inputs}) == len(set(inputs))


@given(first=st.lists(NEAR, max_size=4), second=st.lists(NEAR, max_size=4))
def test_fingerprints_of_two_requests_are_equal_only_where_these_are(first: list[str], second: list[str]) -> None:
    assert (fingerprint_of(*first) == fingerprint_of(*second)) == (first == second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("1:a", "b"), ("1", "a1:b")),
        (("", "ab"), ("ab", "")),
        (("a", "b"), ("b", "a")),
        (("a", "key"), ("a", "KEY")),
        (("a", "key"), ("a", "key ")),
        (("a", unicodedata.normalize("NFC", "\u00e9")), ("a", unicodedata.normalize("NFD", "\u00e9"))),
    ],
)
@pytest.mark.parametrize("kind", ["order", "attempt of one order", "refund of one order", "fingerprint"])
def test_what_looks_alike_is_distinguished(kind: str, one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert DERIVED[kind](*one) != DERIVED[kind](*other)


@given(WORDS, WORDS)
def test_the_same_key_at_two_orders_makes_two_attempts(subject: str, key: str) -> None:
    first, second = (derived_attempt_id(order, subject, key) for order in (ORDER_A, ORDER_B))
    assert first[len(ORDER_A) :] != second[len(ORDER_B) :]


def test_content_is_put_under_an_id_of_eighty_random_bits() -> None:
    ids = [RandomIdGenerator().new_id(16) for _ in range(1000)]
    assert len(set(ids)) == len(ids)
    assert all(is_order_id(each) for each in ids)
    # Each of 32 letters stands somewhere at each place.
    assert all(len({each[place] for each in ids}) == 32 for place in range(16))


def test_an_invalid_id_has_no_order() -> None:
    good = "D7KY3NPF3FM5GY6V"
    for text in ("", good, f"{good}_", f"{good}_GGAQ3T7", f"{good}_GGAQ3T7DX", f"{good}-GGAQ3T7D", f"{good}_ggaq3t7d"):
        assert order_id_of(text) is None
    for text in ("", good.lower(), good[:-1], good + "0", good[:-1] + "U", good + "\n"):
        assert not is_order_id(text)


def test_a_fingerprint_distinguishes_requests() -> None:
    assert fingerprint_of("a") == fingerprint_of("a") != fingerprint_of("b")


def test_requests_whose_fingerprints_collide_have_contents_of_their_own() -> None:
    """I2, I3: else one's total would be asked for the other's lines."""
    first, second = (derived_content_id("0" * 16, "COLLIDES0000", lines) for lines in ("two", "three"))
    assert first != second
