"""Ids: derived so that a retried request finds them again, and of a form that every gateway takes."""

import re

from hypothesis import given
from hypothesis import strategies as st

from paylatch.domain.ids import (
    derived_attempt_id,
    derived_order_id,
    fingerprint_of,
    is_order_id,
    order_id_of,
)

WORDS = st.text(min_size=1, max_size=40)


@given(WORDS, WORDS)
def test_an_order_id_is_sixteen_characters_and_the_same_each_time(subject: str, key: str) -> None:
    order_id = derived_order_id(subject, key)
    assert is_order_id(order_id)
    assert order_id == derived_order_id(subject, key)
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{16}", order_id)


@given(WORDS, WORDS)
def test_an_attempt_id_fits_every_gateway_and_leads_back_to_its_order(subject: str, key: str) -> None:
    order_id = derived_order_id(subject, key)
    attempt_id = derived_attempt_id(order_id, subject, key)
    assert re.fullmatch("[0-9A-Za-z_]{1,32}", attempt_id)
    assert order_id_of(attempt_id) == order_id


@given(st.lists(st.tuples(WORDS, WORDS), unique=True, min_size=2, max_size=5))
def test_other_callers_and_other_keys_have_other_ids(pairs: list[tuple[str, str]]) -> None:
    assert len({derived_order_id(*pair) for pair in pairs}) == len(pairs)


def test_where_subject_ends_and_key_begins_matters() -> None:
    assert derived_order_id("ab", "c") != derived_order_id("a", "bc")
    assert derived_order_id("1:a", "b") != derived_order_id("1", "a1:b")


def test_what_is_no_id_of_ours_leads_nowhere() -> None:
    good = "D7KY3NPF3FM5GY6V"
    for text in ("", good, f"{good}_", f"{good}_GGAQ3T7", f"{good}_GGAQ3T7DX", f"{good}-GGAQ3T7D", f"{good}_ggaq3t7d"):
        assert order_id_of(text) is None
    for text in ("", good.lower(), good[:-1], good + "0", good[:-1] + "U", good + "\n"):
        assert not is_order_id(text)


def test_a_fingerprint_tells_requests_apart() -> None:
    assert fingerprint_of("a") == fingerprint_of("a") != fingerprint_of("b")
