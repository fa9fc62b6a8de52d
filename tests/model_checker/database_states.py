"""The database as numbered states: the effect of a call in a state is computed once and kept.

The calls themselves are made on the real in-memory store.
"""

import pickle
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from paylatch.domain.clauses import VERSION_CHECK
from paylatch.domain.guards import Document
from paylatch.domain.order import Order
from paylatch.domain.timestamps import as_milliseconds
from paylatch.domain.transitions import NewOrder, Transition, WriteContext, create
from paylatch.ports import Applied, DueSource, Rejected
from tests.invariants import InvariantViolated, expect
from tests.model_checker.actors import BUYER, CONTENT, ORDER, PLACED, SELLER
from tests.model_checker.guard_completeness import check_guard
from tests.model_checker.history_promises import check_history_erased, check_page, check_stream
from tests.model_checker.money_invariants import check_money
from tests.model_checker.scripted_ports import NOON, Call, Raised
from tests.model_checker.spec_limits import KEPT_ATTEMPTS, MOST_LIVE_LINKS
from tests.model_checker.state_invariants import check_content, check_visible
from tests.model_checker.streamed_store import Stream, StreamedStore
from tests.model_checker.transition_invariants import check_change, check_creation

LATER = NOON + timedelta(seconds=1)
_CONSISTENT = "a read shows the order as it is"


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """One state: the head's document, the contents by id, and the order that the head describes, if there is one."""

    number: int
    document: dict[str, Any]
    contents: Mapping[tuple[str, str], Any]
    found: Order | None
    stream: Stream

    @property
    def order(self) -> Order:
        """The order, where there is one. Raises `InvariantViolated`."""
        if self.found is None:
            raise InvariantViolated("I9 one order", "there is no order")
        return self.found


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect and the answer of a call. `applied` names the transition that took effect by this very call."""

    after: int
    key: object
    seen: object
    applied: str | None = None


class DatabaseStates:
    """All states of the database that were met, by number. `unplaced` has no order yet, the `first` a new one."""

    def __init__(self) -> None:
        self.states: list[DatabaseState] = []
        self._numbers: dict[object, int] = {}
        self._effects: dict[tuple[int, int], Effect] = {}
        self._calls: dict[bytes, int] = {}
        self.unplaced = self._number(StreamedStore(Stream()), None)
        self.first = self._placed(Stream())

    def followed(self, state: int) -> int:
        """The same state, from which on the stream of the order's events is followed: it has no order, or a new one."""
        if self.states[state].found is not None:
            return self._placed(Stream(()))
        return self._number(StreamedStore(Stream(())), None)

    def _placed(self, stream: Stream) -> int:
        store = StreamedStore(stream)
        draft = NewOrder(
            order_id=ORDER,
            reference=PLACED.reference,
            buyer_id=BUYER.subject,
            seller_id=SELLER.subject,
            content_id="original",
            total=CONTENT.total,
            currency="EUR",
            fingerprint=PLACED.fingerprint,
        )
        store.put_content(ORDER, "original", CONTENT)
        store.apply(ORDER, create(draft, WriteContext("created", NOON, SELLER.subject)))
        return self._number(store, None)

    def call_number(self, call: Call) -> int:
        """Equal calls have one number, so that processes share the computed effect."""
        return self._calls.setdefault(pickle.dumps((call.method, call.args)), len(self._calls))

    def effect(self, state: int, call: Call, call_number: int) -> Effect:
        """The effect of this call in this state. Raises `InvariantViolated`."""
        effect = self._effects.get((state, call_number))
        if effect is None:
            effect = self._effects[state, call_number] = self._make(self.states[state], call)
        return effect

    def with_many_attempts(self, state: int, *, links: bool) -> int:
        """The same order after as many more cancelled attempts as leave no room for the next one.

        `links`: one too many whose links are still live.
        """
        store = store_at(self.states[state])
        document = dict(store.heads[ORDER])
        known = next(iter(document["past_attempts"].values()), None)
        if known is None:
            raise InvariantViolated("what is given back can be edited and paid", "an order was not given back at once")
        given_up = {name: value for name, value in known.items() if links or name != "check_at"}
        given_up["since"] = as_milliseconds(LATER)
        more = {f"{number:08d}": given_up for number in range(1, MOST_LIVE_LINKS if links else KEPT_ATTEMPTS)}
        store.heads[ORDER] = document | {
            "past_attempts": document["past_attempts"] | more,
            "attempts_made": document["attempts_made"] + len(more),
        }
        return self._number(store, None)

    def expired(self, state: int) -> int:
        """The same state without the content that an edit replaced, where it is there; else the state itself."""
        before = self.states[state]
        replaced = (ORDER, before.found.previous_content_id or "") if before.found else ("", "")
        if replaced not in before.contents:
            return state
        store = store_at(before)
        del store.contents[replaced]
        return self._number(store, before)

    def _make(self, before: DatabaseState, call: Call) -> Effect:
        store = store_at(before)
        try:
            response = getattr(store, call.method)(*call.args)
        except LookupError as error:
            expect(call.method == "read_content", "no crash", f"{call.method} met {error!r}")
            return Effect(before.number, "gone", Raised(lambda: LookupError("the content is gone")))
        except Exception as error:
            raise InvariantViolated("no crash", f"{call.method} met {error!r}") from error
        after = self._number(store, before)
        match call.method:
            case "apply":
                return self._apply_effect(before, self.states[after], call.args[1], response)
            case "read_head":
                found = self.states[after].found if call.args == (ORDER,) else None
                expect(response == found, _CONSISTENT, f"reading the order gives {response}, and it is {found}")
                return Effect(after, ("head", after), found)
            case "read_history":
                check_page(before.stream, call.args[1:], response)
                return Effect(after, (call.method, pickle.dumps(response)), response)
            case "due":
                ids = ids_in(response)
                return Effect(after, ids, ids)
            case _:
                return Effect(after, (call.method, pickle.dumps(response)), response)

    def _apply_effect(
        self, before: DatabaseState, after: DatabaseState, transition: Transition, response: object
    ) -> Effect:
        applied = transition.name if after.number != before.number else None
        if applied:
            _check_applied(before, after, transition)
        if before.found is not None:
            _check_answered(before.found, transition, response)
        seen = response if response == Rejected(None) else type(response)(after.order)  # type: ignore[call-arg]
        return Effect(after.number, (isinstance(response, Applied), after.number, applied), seen, applied)

    def _number(self, store: StreamedStore, before: DatabaseState | None) -> int:
        document, stream = store.heads.get(ORDER, {}), store.stream
        if before and _is_unchanged(before, document, store, stream):
            return before.number
        key = (frozen(document), frozen(store.contents), stream.key)
        if key not in self._numbers:
            expect(store.heads.keys() <= {ORDER}, "I9 one order", f"one key made the orders {sorted(store.heads)}")
            state = DatabaseState(len(self.states), document, dict(store.contents), store.read_head(ORDER), stream)
            # First, so that a state that violates an invariant does so at each visit.
            _check_numbered(state)
            self._numbers[key] = state.number
            self.states.append(state)
        return self._numbers[key]


def _is_unchanged(before: DatabaseState, document: Document, store: StreamedStore, stream: Stream) -> bool:
    same = document is before.document or not (document or before.document)
    return same and store.contents == before.contents and stream == before.stream


def _check_numbered(state: DatabaseState) -> None:
    if state.found is not None:
        check_content(state.found, state.contents)
        check_visible(state.found, state.document)
    check_stream(state.stream)


def _check_applied(before: DatabaseState, after: DatabaseState, transition: Transition) -> None:
    if before.found is None:
        check_creation(after.order, transition)
        check_guard(transition, after.document)
        return
    check_change(before.found, after.order, transition)
    check_money(before.found, after.order, transition)
    check_guard(transition, before.document)


def _check_answered(before: Order, transition: Transition, response: object) -> None:
    own = before.last_event.write_id == transition.event.write_id
    expect(isinstance(response, Applied) or not own, "I7 truthful answers", "a write that was made counts as refused")
    as_read = VERSION_CHECK.clause({"version": before.version}) in transition.guard
    refused = as_read and isinstance(response, Rejected)
    expect(
        not refused, "what was planned can be written", f"{transition.name} was refused by the order it was made for"
    )


def check_erased(state: DatabaseState) -> None:
    """Once everybody has ended, without a fault, an erased order has one content and no text that people wrote."""
    if state.found is None or state.found.erased_at is None:
        return
    ids = [content_id for _, content_id in state.contents]
    expect(ids == [state.found.content_id], "erased for good", f"an erased order has the contents {ids}")
    check_history_erased(state.stream)


def store_at(state: DatabaseState) -> StreamedStore:
    """A real in-memory store in that state."""
    store = StreamedStore(state.stream)
    store.heads = {ORDER: state.document} if state.document else {}
    store.contents = dict(state.contents)
    return store


def ids_in(sources: tuple[DueSource, ...]) -> tuple[str, ...]:
    """What is due, in all parts of an index."""
    return tuple(order_id for source in sources for order_id in source.read())


def frozen(value: object) -> object:
    """A value that equals another's exactly when the documents do."""
    if isinstance(value, Mapping):
        return frozenset((name, frozen(inner)) for name, inner in value.items())
    if isinstance(value, Set):
        return frozenset(value)
    if isinstance(value, list):
        return tuple(frozen(inner) for inner in value)
    return value
