"""Guards and changes are data, read alike by both interpreters."""

from typing import Any

import pytest

from paylatch.domain.caller import Caller, Role
from paylatch.domain.changes import AddTo, Increment, Remove, Set, changed
from paylatch.domain.clauses import ATTEMPT_HOLDS_IT, ATTEMPT_IS_NOT_EVICTED, CALLER_OWNS_IT, VERSION_CHECK
from paylatch.domain.currencies import CURRENCIES, NO_CURRENCY
from paylatch.domain.guards import broken_clauses, look_up

ORDER = {"version": 3, "buyer_id": "b", "seller_id": "s", "past_attempts": {"A": {"status": "cancelled"}}}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("version",), 3),
        (("past_attempts", "A", "status"), "cancelled"),
        (("past_attempts", "B"), None),
        (("version", "x"), None),
    ],
)
def test_a_path_leads_to_a_value_or_to_nothing(path: tuple[str, ...], found: Any) -> None:
    assert look_up(ORDER, path) == found


OWNERS = [
    ({Role.BUYER}, "b", True),
    ({Role.SELLER}, "s", True),
    ({Role.BUYER, Role.SELLER}, "s", True),
    ({Role.SERVICE}, "anybody", True),
    ({Role.BUYER}, "s", False),
    ({Role.SELLER}, "b", False),
    ({Role.OPERATOR}, "b", False),
    ({Role.OPERATOR}, "anybody", False),
]


@pytest.mark.parametrize(("roles", "subject", "owns"), OWNERS)
def test_the_write_s_condition_agrees_with_the_caller(roles: set[Role], subject: str, owns: bool) -> None:
    caller = Caller(subject, frozenset(roles))
    clause = CALLER_OWNS_IT.clause({"caller": caller})
    assert clause.holds(ORDER) == owns == caller.owns("b", "s")
    assert not clause.holds({"payment_status": "pending_payment"}) or roles == {Role.OPERATOR}


def test_broken_clauses_are_named() -> None:
    guard = (
        VERSION_CHECK.clause({"version": 3}),
        VERSION_CHECK.clause({"version": 4}),
        ATTEMPT_HOLDS_IT.clause({"attempt_id": "A"}),
    )
    assert [clause.description for clause in broken_clauses(guard, ORDER)] == [
        "version check",
        "this attempt holds the order",
    ]


def test_changes_make_a_new_document_and_the_old_one_stays_as_it_was() -> None:
    document = {"a": 1, "b": {"c": 2}, "n": 7}
    after = changed(document, (Set(("a",), 9), Set(("b", "d"), 1), Increment(("n",)), Remove(("b", "c"))))
    assert after == {"a": 9, "b": {"d": 1}, "n": 8}
    assert document == {"a": 1, "b": {"c": 2}, "n": 7}
    assert changed(after, (Remove(("not there",)),)) == after


def test_texts_are_added_to_a_set_that_need_not_be_there_yet() -> None:
    first = changed({}, (AddTo(("s",), ("a", "b")),))
    assert first == {"s": {"a", "b"}}
    assert changed(first, (AddTo(("s",), ("b", "c")),)) == {"s": {"a", "b", "c"}}
    assert first == {"s": {"a", "b"}}


@pytest.mark.parametrize(("document", "holds"), [({}, True), ({"evicted_attempts": {"7H3K9M2Q"}}, False)])
def test_a_set_that_is_not_there_lacks_everything(document: dict[str, Any], holds: bool) -> None:
    assert ATTEMPT_IS_NOT_EVICTED.clause({"attempt_id": "D7KY3NPF3FM5GY6V_7H3K9M2Q"}).holds(document) == holds
    assert ATTEMPT_IS_NOT_EVICTED.clause({"attempt_id": "D7KY3NPF3FM5GY6V_00000000"}).holds(document)


def test_what_is_put_is_a_copy() -> None:
    value = {"x": {"y": 1}}
    after = changed({}, (Set(("a",), value),))
    after["a"]["x"]["y"] = 2
    assert value == {"x": {"y": 1}}


def test_currencies_know_their_minor_units() -> None:
    known = {"EUR": 2, "CNY": 2, "PLN": 2, "JPY": 0, "KRW": 0, "BHD": 3}
    assert {code: CURRENCIES[code] for code in known} == known
    assert all(len(code) == 3 and code.isupper() and places in (0, 2, 3) for code, places in CURRENCIES.items())
    assert not {NO_CURRENCY, "XTS", "XAU", "HRK"} & set(CURRENCIES), "no tests, metals or money of the past"
