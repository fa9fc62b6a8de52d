"""The database as numbered states: every call that was made once in a state is known for ever.

The calls themselves are made on the real in-memory store.
"""

import pickle
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from paylatch.domain import guards
from paylatch.domain.moments import as_milliseconds
from paylatch.domain.order import Order
from paylatch.domain.transitions import NewOrder, Stamp, Transition, create
from paylatch.ports import Applied, DueSource, Rejected
from paylatch.store.memory import MemoryOrderStore
from tests.explorer.agreed_limits import KEPT_ATTEMPTS, MOST_LIVE_LINKS
from tests.explorer.guards_bite import check_guard
from tests.explorer.money_promises import check_money
from tests.explorer.people import BUYER, CONTENT, ORDER, SELLER
from tests.explorer.promises import Broken, check_change, expect
from tests.explorer.standing import check_content, check_visible
from tests.explorer.suspended import NOON, Call

LATER = NOON + timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Database:
    """One state: the head's document, the contents by id, and the order that the head describes."""

    number: int
    document: dict[str, Any]
    contents: Mapping[tuple[str, str], Any]
    order: Order


@dataclass(frozen=True, slots=True)
class Effect:
    """What a call did and answered. `applied` names the transition that took effect by this very call."""

    after: int
    key: object
    seen: object
    applied: str | None = None


class Databases:
    """All states of the database that were met, by number; the first is a new order."""

    def __init__(self) -> None:
        self.states: list[Database] = []
        self._numbers: dict[object, int] = {}
        self._effects: dict[tuple[int, int], Effect] = {}
        self._calls: dict[bytes, int] = {}
        store = MemoryOrderStore()
        draft = NewOrder(
            order_id=ORDER,
            reference="demo-1",
            buyer_id=BUYER.subject,
            seller_id=SELLER.subject,
            content_id="original",
            total=CONTENT.total,
            currency="EUR",
            fingerprint="order",
        )
        store.put_content(ORDER, "original", CONTENT)
        store.apply(ORDER, create(draft, Stamp("created", NOON, SELLER.subject)))
        self.first = self._number(store, None)

    def call_number(self, call: Call) -> int:
        """Equal calls have one number, so that what one process learnt of a call serves the others."""
        return self._calls.setdefault(pickle.dumps((call.method, call.args)), len(self._calls))

    def effect(self, state: int, call: Call, call_number: int) -> Effect:
        """What this call does in this state. Raises `Broken` where it breaks a promise."""
        effect = self._effects.get((state, call_number))
        if effect is None:
            effect = self._effects[state, call_number] = self._make(self.states[state], call)
        return effect

    def crowded(self, state: int, *, links: bool) -> int:
        """The same order after so many more attempts, all given up, that the next one is one too many.

        `links`: one too many whose links are still live.
        """
        store = store_at(self.states[state])
        document = dict(store.heads[ORDER])
        known = next(iter(document["past_attempts"].values()), None)
        if known is None:
            raise Broken("what is given back can be edited and paid", "an order was not given back at once")
        given_up = {name: value for name, value in known.items() if links or name != "check_at"}
        given_up["since"] = as_milliseconds(LATER)
        more = {f"{number:08d}": given_up for number in range(1, MOST_LIVE_LINKS if links else KEPT_ATTEMPTS)}
        store.heads[ORDER] = document | {
            "past_attempts": document["past_attempts"] | more,
            "attempts_made": document["attempts_made"] + len(more),
        }
        return self._number(store, None)

    def _make(self, before: Database, call: Call) -> Effect:
        store = store_at(before)
        try:
            answer = getattr(store, call.method)(*call.args)
        except Exception as error:
            raise Broken("no crash", f"{call.method} met {error!r}") from error
        after = self._number(store, before)
        match call.method:
            case "apply":
                return self._apply_effect(before, self.states[after], call.args[1], answer)
            case "read_head":
                return Effect(after, ("head", after), self.states[after].order if answer else None)
            case "due":
                ids = ids_in(answer)
                return Effect(after, ids, ids)
            case _:
                return Effect(after, (call.method, pickle.dumps(answer)), answer)

    def _apply_effect(self, before: Database, after: Database, transition: Transition, answer: object) -> Effect:
        applied = transition.name if after.number != before.number else None
        if applied:
            check_change(before.order, after.order, transition)
            check_money(before.order, after.order, transition)
            check_guard(transition, before.document)
        own = before.order.last_event.write_id == transition.event.write_id
        expect(isinstance(answer, Applied) or not own, "I7 truthful answers", "a write that was made counts as refused")
        as_read = guards.version_is(before.order.version) in transition.guard
        refused = as_read and isinstance(answer, Rejected)
        expect(
            not refused, "what was planned can be done", f"{transition.name} was refused by the order it was made for"
        )
        seen = answer if answer == Rejected(None) else type(answer)(after.order)  # type: ignore[call-arg]
        return Effect(after.number, (isinstance(answer, Applied), after.number, applied), seen, applied)

    def _number(self, store: MemoryOrderStore, before: Database | None) -> int:
        document = store.heads[ORDER]
        if before and document is before.document and store.contents == before.contents:
            return before.number
        key = (frozen(document), frozen(store.contents))
        if key not in self._numbers:
            order = store.read_head(ORDER)
            if order is None or len(store.heads) != 1:
                raise AssertionError("the order is gone")
            state = Database(len(self.states), document, dict(store.contents), order)
            # First, so that a state which breaks a promise does so each time it is met.
            check_content(order, state.contents)
            check_visible(order, document)
            self._numbers[key] = state.number
            self.states.append(state)
        return self._numbers[key]


def store_at(state: Database) -> MemoryOrderStore:
    """A real in-memory store in that state."""
    store = MemoryOrderStore()
    store.heads = {ORDER: state.document}
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
