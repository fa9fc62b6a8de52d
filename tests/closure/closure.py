"""All reachable heads under all transitions: breadth first, so that the first violation has the shortest sequence."""

import gc
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from paylatch.domain.changes import changed
from paylatch.domain.documents import order_from_document
from paylatch.domain.guards import broken_clauses
from paylatch.domain.order import Order
from paylatch.domain.transitions import Transition
from tests.closure import state_invariants
from tests.closure.configuration import Configuration, small_bounds
from tests.closure.normal_form import (
    GONE,
    VERSION,
    Head,
    Symmetry,
    key_of,
    packed,
    unpacked,
    without_history,
)
from tests.closure.plan import Plan
from tests.closure.plans import blind_plans, create, plans_from
from tests.closure.transition_invariants import check_move
from tests.invariants import InvariantViolated, expect

Weakening = Callable[[Transition], Transition]
Visit = Callable[[Head], None]
# The attributes that blind plans are indexed by.
_SORTED_BY = (("payment_status",), ("attempt", "id"))
MOST_EDITS = 2
NONE_LATE = -1


def as_it_is(transition: Transition) -> Transition:
    """The transition as the product makes it."""
    return transition


@dataclass(slots=True)
class ClosureResult:
    """The result of one closure: a `violation` with its shortest sequence, or all heads."""

    configuration: Configuration
    heads: int = 0
    moves: int = 0
    seconds: float = 0.0
    violation: InvariantViolated | None = None
    sequence: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """A plan that a head lets through, and the head that it makes: not yet normalised."""

    plan: Plan
    after: Head
    late: bool = False


class _Found:
    """The heads found so far, each with the move that led to it first."""

    def __init__(self, result: ClosureResult) -> None:
        self._result = result
        self._raw: set[bytes] = set()
        self._seen: set[bytes] = set()
        self._parents = array("q")
        self._numbers = array("q")

    def is_raw(self, key: bytes) -> bool:
        """Whether this head was not made before, before it is normalised."""
        if key in self._raw or key in self._seen:
            return False
        self._raw.add(key)
        return True

    def is_new(self, key: bytes, parent: int, number: int) -> bool:
        """Whether it is a new head; then the move of that number from its parent is kept."""
        if key in self._seen:
            return False
        self._seen.add(key)
        self._parents.append(parent)
        self._numbers.append(number)
        self._result.heads += 1
        return True

    def path_to(self, index: int) -> Iterator[int]:
        """The numbers of the moves to a head, the last one first."""
        while index > 0:
            yield self._numbers[index]
            index = self._parents[index]


class Closure:
    """One closure; `weakening` makes the transitions that are tried of those that the product makes.

    `visit` gets each head once.
    """

    def __init__(
        self, configuration: Configuration, weakening: Weakening = as_it_is, visit: Visit = lambda _: None
    ) -> None:
        self.configuration = configuration
        self._run_order = visit
        self._weakening = weakening
        self._symmetry = Symmetry(configuration)
        with small_bounds(configuration):
            self._blind = [self._weakened(plan) for plan in blind_plans(configuration)]
        self._sorted: dict[tuple[object, ...], list[Plan]] = {}
        self._late: list[Plan] = []
        self._late_numbers: dict[str, int] = {}
        # The plan being tried, for the report of a violation.
        self._last = ""

    def run(self, most: int | None = None) -> ClosureResult:
        """Run the closure; stop at the first violation, or after that many heads."""
        with small_bounds(self.configuration):
            return self._run(most)

    def _run(self, most: int | None) -> ClosureResult:
        result = ClosureResult(self.configuration)
        since = time.process_time()
        collecting = gc.isenabled()
        gc.disable()
        try:
            self._close(result, most)
        finally:
            result.seconds = time.process_time() - since
            if collecting:
                gc.enable()
        return result

    def first(self) -> Head:
        """The head of a new order."""
        head = changed({}, self._weakening(create().transition).changes)
        state_invariants.check_head(_read(head), head)
        return without_history(head)

    def moves(self, head: Head, order: Order) -> Iterator[PlannedMove]:
        """Every move from a head."""
        for plan in self._plans(head, order):
            if not broken_clauses(plan.transition.guard, head):
                yield PlannedMove(plan, changed(head, plan.transition.changes))

    def following(self, head: Head, late: int) -> Iterator[tuple[PlannedMove | str, Head, int]]:
        """Every checked move from a head, with the head that it leads to; in a fixed order."""
        order = order_from_document(head)
        for move in self.moves(head, order):
            yield move, self._checked(head, order, move), late
        if self.configuration.late:
            yield from self._with_late(head, order, late)

    def _close(self, result: ClosureResult, most: int | None) -> None:
        found = _Found(result)
        try:
            layer = [(0, packed(self.first()), NONE_LATE)]
        except InvariantViolated as violation:
            result.violation, result.sequence = violation, ["create"]
            return
        found.is_new(key_of(unpacked(layer[0][1]), NONE_LATE), -1, -1)
        while layer and (most is None or result.heads < most):
            next_layer: list[tuple[int, bytes, int]] = []
            for index, form, late in layer:
                head, number = unpacked(form), -1
                self._run_order(head)
                try:
                    for number, (_, after, late_after) in enumerate(self.following(head, late)):
                        result.moves += 1
                        if found.is_raw(key_of(after, late_after)):
                            after = self._canonical(after)
                            if found.is_new(key_of(after, late_after), index, number):
                                next_layer.append((result.heads - 1, packed(after), late_after))
                except InvariantViolated as violation:
                    result.violation = violation
                    result.sequence = self._sequence(found, index, number + 1)
                    return
            layer = next_layer

    def _canonical(self, head: Head) -> Head:
        return head if self.configuration.late else self._symmetry.canonical(head)[0]

    def _checked(self, head: Head, order: Order, move: PlannedMove) -> Head:
        """The head that a move leads to. Raises `InvariantViolated`."""
        transition = move.plan.transition
        self._last = _line(move)
        expect(
            bool(broken_clauses(transition.guard, move.after)),
            state_invariants.LAW_1,
            f"{move.plan.description}, twice",
        )
        after = _read(move.after)
        check_move(order, move.plan, after)
        state_invariants.check_head(after, move.after)
        return without_history(move.after, not self.configuration.late)

    def _plans(self, head: Head, order: Order) -> Iterator[Plan]:
        yield from self._blind_at(head)
        for plan in plans_from(order, self.configuration):
            plan = self._weakened(plan)
            self._last = f"a plan: {plan.description}"
            if not self.configuration.late:
                state_invariants.check_plan(plan, VERSION)
            if plan.transition.name not in ("edit", "release_and_edit") or self._may_edit(order):
                yield plan

    def _may_edit(self, order: Order) -> bool:
        return not self.configuration.late or order.revision <= MOST_EDITS

    def _weakened(self, plan: Plan) -> Plan:
        transition = self._weakening(plan.transition)
        if transition is plan.transition:
            return plan
        return replace(plan, transition=transition)

    def _blind_at(self, head: Head) -> list[Plan]:
        """The blind plans whose clauses on status and holder this head satisfies."""
        part, holder = {name: head[name] for name in ("payment_status",) if name in head}, head.get("attempt")
        if holder is not None:
            part["attempt"] = {"id": holder["id"]}
        key = (part.get("payment_status"), holder and holder["id"])
        if key not in self._sorted:
            self._sorted[key] = [plan for plan in self._blind if _may_hold(plan.transition, part)]
        return self._sorted[key]

    def _with_late(self, head: Head, order: Order, late: int) -> Iterator[tuple[PlannedMove | str, Head, int]]:
        if late != NONE_LATE:
            plan = self._late[late]
            if not broken_clauses(plan.transition.guard, head):
                move = PlannedMove(plan, _content_removed(head, changed(head, plan.transition.changes)), late=True)
                yield move, self._checked(head, order, move), NONE_LATE
            return
        for plan in self._plans(head, order):
            if not plan.blind and not state_invariants.carries_version(plan.transition, VERSION):
                yield f"{plan.description}: sent, not arrived yet", head, self._late_number(plan)

    def _late_number(self, plan: Plan) -> int:
        key = repr(plan.transition)
        if key not in self._late_numbers:
            self._late_numbers[key] = len(self._late)
            self._late.append(plan)
        return self._late_numbers[key]

    def _sequence(self, found: "_Found", index: int, last: int) -> list[str]:
        """The moves to a head and one more, described with the names of a run without renamings."""
        path = [last, *found.path_to(index)]
        head, late, description = self.first(), NONE_LATE, []
        own = {name: name for name in (*self.configuration.attempt_ids, *self.configuration.payment_ids)}
        for number in reversed(path):
            line, after, late = self._described_move(head, late, number)
            description.append(_with_names(line, own))
            if after is None:
                break
            if not self.configuration.late:
                after, names = self._symmetry.canonical(after)
                own = {names[name]: given for name, given in own.items()}
            head = after
        return description

    def _described_move(self, head: Head, late: int, number: int) -> tuple[str, Head | None, int]:
        """The move of that number from a head; without a head where an invariant is violated."""
        self._last = ""
        try:
            for seen, (move, after, late_after) in enumerate(self.following(head, late)):
                if seen == number:
                    return _line(move), after, late_after
        except InvariantViolated:
            pass
        return self._last, None, late


def _read(head: Head) -> Order:
    try:
        return order_from_document(head)
    except Exception as error:
        raise InvariantViolated(state_invariants.I10, repr(error)) from error


def _line(move: PlannedMove | str) -> str:
    if isinstance(move, str):
        return move
    return f"{move.plan.description}: arrives late" if move.late else move.plan.description


def _with_names(line: str, names: dict[str, str]) -> str:
    return " ".join(
        names.get(word.rstrip(":,"), word.rstrip(":,")) + word[len(word.rstrip(":,")) :] for word in line.split(" ")
    )


def _content_removed(head: Head, after: Head) -> Head:
    """A late edit names content that its writer removed after the edit was refused."""
    if after["content_id"] != head["content_id"] or after["revision"] != head["revision"]:
        after["content_id"] = GONE
    return after


def _may_hold(transition: Transition, part: Head) -> bool:
    """Whether the clauses on status and holder alone hold."""
    return all(
        clause.holds(part)
        for clause in transition.guard
        if all(comparison.path in _SORTED_BY for comparison in clause.any_of)
    )
