"""Every reachable head satisfies the invariants; the closure reports each planted violation."""

from dataclasses import dataclass
from functools import cache
from itertools import permutations

import pytest

from paylatch.domain.documents import order_from_document
from paylatch.domain.transitions import STATE_TABLE, Transition
from tests.closure import state_invariants
from tests.closure.closure import Closure, ClosureResult
from tests.closure.configuration import ATTEMPTS, Configuration
from tests.closure.normal_form import (
    Head,
    Names,
    Symmetry,
    key_of,
    packed,
    renamed,
    unpacked,
    without_history,
)
from tests.closure.runs import LATE
from tests.closure.transition_invariants import STATUSES
from tests.closure.use_case_writes import same_times, writes
from tests.closure.weakenings import Weakening

ONE = Configuration(name="one attempt", attempts=1, contents=1, payments=1, refused=True, returns=True)
# `make closure` closes three attempts.
TWO = Configuration(name="two attempts", attempts=2, contents=1, payments=1)
UNPAID = Configuration(name="two attempts, unpaid", attempts=2, contents=1, payments=0)
DISPUTED = Configuration(name="a dispute", attempts=1, contents=1, payments=1, disputes=1)
BOUNDED = Configuration(name="small bounds", attempts=4, contents=1, payments=0, bounds=True)
ALONE = Configuration(name="guards alone", attempts=1, contents=2, payments=1, refused=True, guards_alone=True)
FREE = Configuration(name="a free order", attempts=1, contents=1, payments=1, free=True, refused=True)
REFUNDS = Configuration(name="refunds", attempts=1, contents=1, payments=1, requested=2)
BY_HAND = Configuration(name="refunds by hand", attempts=0, contents=1, payments=0, requested=1)
TERMS = Configuration(name="payment terms", attempts=1, contents=1, payments=1, terms=True)
FREE_TERMS = Configuration(name="terms of a free order", attempts=1, contents=1, payments=0, terms=True, free=True)
LINKS = Configuration(name="payment links", attempts=1, contents=1, payments=0, free=True, links=True)
ERASED = Configuration(name="erasures", attempts=0, contents=1, payments=0, requested=1, erased=True)
ERASED_LINK = Configuration(name="an erased link", attempts=0, contents=1, payments=0, links=True, erased=True)
QUICK = (REFUNDS, BY_HAND, ONE, UNPAID, DISPUTED, BOUNDED, ALONE, FREE, LATE, FREE_TERMS, LINKS, ERASED, ERASED_LINK)
NO_PLACE = "payments.* missing or payments.*.place equals"
SAMPLES = 6
# The first heads are those that most orders pass through.
FIRST = 12
PLANTED = (
    # The dropped part, the configuration that shows it, and the invariant violated.
    (Weakening("settle", "total equals", True), ONE, state_invariants.I3),
    (Weakening("settle", "attempt.id equals", True), TWO, state_invariants.I6),
    (Weakening("lock", "past_attempts.* missing", True), ONE, state_invariants.LAW_2_ONCE),
    (Weakening("lock", "evicted_attempts lacks", True), BOUNDED, state_invariants.LAW_2_ONCE),
    (Weakening("lock", "attempts_made less_than", True), BOUNDED, state_invariants.I9),
    (Weakening("lock", "buyer_id equals", True), ALONE, state_invariants.ACCESS),
    (Weakening("lock", "total greater_than", True), FREE, state_invariants.ACCESS),
    (Weakening("settle_free", "total equals", True), ALONE, state_invariants.ACCESS),
    (Weakening("settle_free", "buyer_id equals", True), FREE, state_invariants.ACCESS),
    (Weakening("settle_free", "version equals", True), FREE, state_invariants.LAW_2),
    (Weakening("settle_free", "Increment attempts_made", False), FREE, state_invariants.I9),
    (Weakening("record_session", "attempt.status equals", True), ONE, state_invariants.LAW_1),
    (Weakening("owe_refund", NO_PLACE, True), ALONE, state_invariants.I4),
    (Weakening("refunded", "Set payments.*.returned", False), ONE, state_invariants.I4),
    (Weakening("request_refund", "version equals", True), REFUNDS, state_invariants.LAW_2),
    (Weakening("request_refund", "Set follow_up_at", False), REFUNDS, state_invariants.I4),
    (Weakening("refund_manually", "Set payments.*.returned", False), BY_HAND, state_invariants.I4),
    (Weakening("dispute_opened", "Set attention_at", False), DISPUTED, state_invariants.I4),
    (Weakening("release", "Remove attempt", False), ONE, state_invariants.I1),
    (Weakening("settle", "Set payments.*", False), ONE, state_invariants.I10),
    (Weakening("release", "version equals", True), ONE, state_invariants.LAW_2),
    (Weakening("end_links", "Remove follow_up_at", False), ONE, state_invariants.I4),
    (Weakening("quarantine", "Set attention_at", False), ONE, state_invariants.I5),
    # Law 2: the edit was refused and its writer removed the content; then the edit's first try arrives, and holds.
    (Weakening("edit", "version equals", True), LATE, state_invariants.LAW_3),
    (Weakening("release_and_edit", "version equals", True), LATE, state_invariants.LAW_3),
    (Weakening("release_and_edit", "buyer_id equals", True), ALONE, state_invariants.ACCESS),
    (Weakening("release_and_edit", "Remove attempt", False), ONE, state_invariants.I2),
    (Weakening("release_and_edit", "Set revision", False), ALONE, state_invariants.I2),
    (Weakening("edit", "Set past_attempts.*.edit", False), ONE, state_invariants.I7),
    (Weakening("lock", "payable missing or payable equals", True), FREE_TERMS, state_invariants.ACCESS),
    (Weakening("lock", "pay_by missing or pay_by greater_than", True), FREE_TERMS, state_invariants.ACCESS),
    (Weakening("settle_free", "payable missing or payable equals", True), FREE_TERMS, state_invariants.ACCESS),
    (Weakening("settle_free", "pay_by missing or pay_by greater_than", True), FREE_TERMS, state_invariants.ACCESS),
    (Weakening("settle", "pay_by missing", True), TERMS, state_invariants.I4),
    (Weakening("expire_order", "version equals", True), FREE_TERMS, state_invariants.LAW_2),
    (Weakening("hand_over", "version equals", True), FREE_TERMS, state_invariants.LAW_2),
    (Weakening("hand_over", "Set buyer_id", False), FREE_TERMS, state_invariants.ACCESS),
    (Weakening("issue_link", "version equals", True), LINKS, state_invariants.LAW_2),
    (Weakening("erase", "version equals", True), ERASED, state_invariants.LAW_2),
    (Weakening("erase", "Set erased_at", False), ERASED, state_invariants.ERASED),
    (Weakening("erase", "Remove link_id", False), ERASED_LINK, state_invariants.ERASED),
    (Weakening("erase", "Set refunds.*.reason", False), ERASED, state_invariants.ERASED),
    # The guard by which a renewed link locks nothing and pays for nothing.
    (Weakening("lock", "link_id equals", True), LINKS, state_invariants.ACCESS),
    (Weakening("settle_free", "link_id equals", True), LINKS, state_invariants.ACCESS),
    *(
        (Weakening(name, "Remove follow_up_at", False), FREE_TERMS, state_invariants.I4)
        for name in ("await_release", "mark_processing", "cancel_order", "expire_order", "settle_free", "edit")
    ),
    (Weakening("settle_manually", "Remove follow_up_at", False), FREE_TERMS, state_invariants.I4),
    (Weakening("release", "Set follow_up_at", False), FREE_TERMS, state_invariants.I4),
)


@dataclass(frozen=True, slots=True)
class Closed:
    """One closure, its heads and the names of the transitions that were tried."""

    result: ClosureResult
    heads: list[bytes]
    planned: set[str]


@cache
def closed(configuration: Configuration) -> Closed:
    """The closure of the product as it is; several tests look at one."""
    heads: list[bytes] = []
    planned: set[str] = set()

    def noted(transition: Transition) -> Transition:
        planned.add(transition.name)
        return transition

    result = Closure(configuration, noted, lambda head: heads.append(packed(head))).run()
    return Closed(result, heads, planned)


def heads_of(configuration: Configuration) -> list[Head]:
    return [unpacked(head) for head in closed(configuration).heads]


@pytest.mark.parametrize("configuration", QUICK, ids=lambda configuration: configuration.name)
def test_every_reachable_head_keeps_the_invariants(configuration: Configuration) -> None:
    result = closed(configuration).result
    assert result.violation is None, (str(result.violation), result.sequence)


def test_every_transition_of_the_table_is_planned() -> None:
    planned = set().union(*(closed(configuration).planned for configuration in QUICK))
    assert planned == set(STATE_TABLE), "tests/closure/plans.py: a function in `BLIND` or `FROM_A_HEAD`"
    assert set(STATUSES) == set(STATE_TABLE) - {"create"}


@pytest.mark.parametrize(
    ("weakening", "where", "invariant"), PLANTED, ids=[weakening.name for weakening, _, _ in PLANTED]
)
def test_a_transition_without_one_part_violates_an_invariant(
    weakening: Weakening, where: Configuration, invariant: str
) -> None:
    assert str(Closure(where, weakening).run().violation).startswith(invariant)


def test_the_sequence_to_a_violation_is_the_shortest_and_uses_one_set_of_names() -> None:
    """Law 4: without the clause, `settle` would take money a second time that already has its place."""
    without = Weakening("settle", NO_PLACE, True)
    again = Weakening("settle", "payments.* missing", True)
    result = Closure(TWO, lambda transition: again(without(transition))).run()
    assert str(result.violation).startswith(state_invariants.I4)
    first, second = (name for name in ATTEMPTS[:2])
    assert result.sequence == [
        f"lock by {first} at sandbox",
        "owe_refund by pay-1, 2500 EUR for D7KY3NPF3FM5GY6V_0ZZZZZZZ at sandbox",
        f"settle by pay-1, 2500 EUR for {first} at sandbox",
    ]
    assert second not in " ".join(result.sequence)


def unreduced() -> set[bytes]:
    """The heads of `UNPAID`, closed without renamings, each by the key of its representative."""

    class Unreduced(Closure):
        def _canonical(self, head: Head) -> Head:
            return head

    heads: list[Head] = []
    assert Unreduced(UNPAID, visit=heads.append).run().violation is None
    symmetry = Symmetry(UNPAID)
    return {key_of(symmetry.canonical(head)[0]) for head in heads}


def test_the_reduction_by_symmetry_loses_no_head_and_adds_none() -> None:
    assert unreduced() == {key_of(head) for head in heads_of(UNPAID)}


def test_renamed_heads_have_one_form() -> None:
    symmetry, heads = Symmetry(UNPAID), heads_of(UNPAID)
    for head in heads[:: len(heads) // SAMPLES]:
        for names in _renamings(UNPAID):
            assert key_of(symmetry.canonical(renamed(head, names))[0]) == key_of(head)


def _renamings(configuration: Configuration) -> list[Names]:
    symmetry = Symmetry(configuration)
    attempts, payments = configuration.attempt_ids, configuration.payment_ids
    return [
        symmetry.with_derived(dict(zip((*attempts, *payments), (*first, *second), strict=True)))
        for first in permutations(attempts)
        for second in permutations(payments)
    ]


@pytest.mark.parametrize(
    "configuration",
    [
        Configuration(name="corrected sums", attempts=1, contents=2, payments=1),
        ONE,
        FREE_TERMS,
        DISPUTED,
        REFUNDS,
        BY_HAND,
        ERASED,
    ],
    ids=lambda configuration: configuration.name,
)
def test_what_the_use_cases_write_is_among_the_moves(configuration: Configuration) -> None:
    heads = heads_of(configuration)
    closure = Closure(configuration)
    for head in (*heads[:FIRST], *heads[FIRST :: len(heads) // SAMPLES]):
        order = order_from_document(head)
        moves = {key_of(same_times(without_history(move.after))) for move in closure.moves(head, order)}
        for transition, after in writes(head, order, configuration):
            assert key_of(same_times(without_history(after))) in moves, (transition, order)
