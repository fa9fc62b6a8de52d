"""One head for all heads that differ only in names, counts and times that no transition depends on."""

import marshal
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import blake2b
from itertools import permutations, product
from typing import Any

from paylatch.domain.ids import attempt_suffix, derived_manual_attempt_id, derived_refund_id
from paylatch.domain.limits import wait_after
from paylatch.domain.timestamps import as_text
from tests.closure.configuration import NOW, ORDER_ID, UNKNOWN_ATTEMPT, Configuration
from tests.closure.plan import WRITE_CONTEXT

Head = dict[str, Any]
Leaf = tuple[Any, ...]
Names = Mapping[str, str]
VERSION = 7
EVENT = {"write_id": "-", "type": "-", "at": "2026-11-24T12:00:00.000Z", "actor": WRITE_CONTEXT.actor}
GONE = "gone"
# Attributes that no move changes, which is checked, and those left out above: they do not distinguish heads.
_SAME_FOR_ALL = frozenset({"format", "order_id", "reference", "seller_id", "created_at", "version", "last_event"})
_LATER_EACH_TIME = frozenset(as_text(NOW + wait_after(tries)) for tries in range(2))
_SOON = min(_LATER_EACH_TIME)
_PAST = {"declined": "cancelled", "timed_out": "cancelled"}


def without_history(head: Head, number_revisions: bool = True) -> Head:
    """The head, changed in place, without its history and counts; revisions keep only their order."""
    head["version"] = VERSION
    head["last_event"] = EVENT
    if head.get("previous_content_id") != GONE:
        head.pop("previous_content_id", None)
    # When and why an order ended; no transition depends on it.
    head.pop("paid_at", None)
    head.pop("cancelled", None)
    if "checks" in head.get("attempt", {}):
        head["attempt"]["checks"] = 1
    for past in head["past_attempts"].values():
        past["status"] = _PAST.get(past["status"], past["status"])
        past.pop("session", None)
        # By which a repeated request is recognised; no transition depends on it.
        past.pop("edit", None)
    _without_tries(head)
    if number_revisions:
        _number_revisions(head)
    return head


def _without_tries(head: Head) -> None:
    for payment in head["payments"].values():
        if "tries" in payment:
            payment["tries"] = 0
            payment["next_at"] = _SOON
    for refund in head["refunds"].values():
        refund["tries"] = 0
        refund.pop("failed_try", None)
        refund["reason"] = "-"
        if refund["status"] == "refunded":
            refund["next_at"] = refund["since"]
    # A claim's next query comes later each time; like the earliest time of all, it counts as one time.
    if head.get("follow_up_at", "") in _LATER_EACH_TIME:
        head["follow_up_at"] = _SOON


def _number_revisions(head: Head) -> None:
    holders = [head, *head["past_attempts"].values()]
    numbers = {revision: number for number, revision in enumerate(sorted({at["revision"] for at in holders}), 1)}
    for at in holders:
        at["revision"] = numbers[at["revision"]]


def key_of(head: Head, also: int = 0) -> bytes:
    """The key that identifies a head: 16 bytes."""
    return blake2b(marshal.dumps((also, _in_order(head)), 2), digest_size=16).digest()


def packed(head: Head) -> bytes:
    """The head as bytes, small enough to keep millions."""
    return marshal.dumps(head, 2)


def unpacked(form: bytes) -> Head:
    """The head that was packed."""
    head: Head = marshal.loads(form)
    return head


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return [(name, _in_order(value[name])) for name in sorted(value) if name not in _SAME_FOR_ALL]
    return sorted(value) if isinstance(value, set) else value


def _leaves(value: Mapping[str, Any], path: Leaf) -> Iterator[Leaf]:
    for name, inner in value.items():
        if name in _SAME_FOR_ALL:
            continue
        if isinstance(inner, dict):
            yield (*path, name, "")
            yield from _leaves(inner, (*path, name))
        elif isinstance(inner, set):
            yield from ((*path, name, text) for text in inner)
        else:
            yield (*path, name, str(inner))


_refund_id = cache(derived_refund_id)
# The attempts by which a person settles a revision; no configuration has more of them.
_MANUAL = tuple(derived_manual_attempt_id(ORDER_ID, revision) for revision in range(1, 21))


class Symmetry:
    """The renamings of attempts and payments, which the product treats alike."""

    def __init__(self, configuration: Configuration) -> None:
        self._groups = (configuration.attempt_ids, configuration.payment_ids, configuration.dispute_ids)
        self._names = frozenset(name for group in self._groups for name in group)
        # A head keeps past attempts under the suffixes of their ids.
        self._whole = {attempt_suffix(attempt_id): attempt_id for attempt_id in configuration.attempt_ids}
        self._refunds = {
            _refund_id(*of): of
            for of in product((*configuration.attempt_ids, UNKNOWN_ATTEMPT, *_MANUAL), configuration.payment_ids)
        }

    def canonical(self, head: Head) -> tuple[Head, Names]:
        """The representative of all renamings of a head, and the names that it uses."""
        leaves: list[Leaf] = [tuple(self._whole.get(part, part) for part in leaf) for leaf in _leaves(head, ())]
        best: tuple[list[Leaf], Names] | None = None
        for names in self._candidates(leaves):
            renamed_leaves = sorted(tuple(names.get(part, part) for part in leaf) for leaf in leaves)
            if best is None or renamed_leaves < best[0]:
                best = (renamed_leaves, names)
        assert best is not None
        names = best[1]
        if all(name == new for name, new in names.items()):
            return head, names
        return renamed(head, names), names

    def _candidates(self, leaves: list[Leaf]) -> Iterator[Names]:
        """The renamings that put names of different use into a fixed order."""
        uses: dict[str, list[Leaf]] = {name: [] for name in self._names}
        for leaf in leaves:
            for part in self._names.intersection(leaf):
                uses[part].append(tuple(self._blanked(each, part) for each in leaf))
        ranked = {name: sorted(found, reverse=True) for name, found in uses.items()}
        for orders in product(*(_orders(group, ranked) for group in self._groups)):
            names = {
                name: new
                for group, order in zip(self._groups, orders, strict=True)
                for name, new in zip(order, group, strict=True)
            }
            yield self.with_derived(names)

    def with_derived(self, names: Names) -> Names:
        """The names and those derived from them: refund ids, and attempts' suffixes."""
        refunds = {
            refund_id: _refund_id(*(names.get(name, name) for name in of)) for refund_id, of in self._refunds.items()
        }
        suffixes = {suffix: attempt_suffix(names.get(each, each)) for suffix, each in self._whole.items()}
        return {**names, **refunds, **suffixes}

    def _blanked(self, part: str, own: str) -> str:
        if part == own:
            return "own"
        return "other" if part in self._names or part in self._refunds else part


def _orders(group: tuple[str, ...], ranked: Mapping[str, list[Leaf]]) -> Iterator[tuple[str, ...]]:
    """The group sorted by use, used names first; names of equal use in every order."""
    alike: dict[tuple[Leaf, ...], list[str]] = {}
    for name in group:
        alike.setdefault(tuple(ranked[name]), []).append(name)
    classes = [alike[use] for use in sorted(alike, reverse=True)]
    # Unused names need no other order.
    choices = [permutations(each) if ranked[each[0]] else iter([tuple(each)]) for each in classes]
    for chosen in product(*choices):
        yield tuple(name for part in chosen for name in part)


def renamed(value: Any, names: Names) -> Any:
    """The value with all names replaced, in keys too."""
    if isinstance(value, dict):
        return {names.get(key, key): renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, set):
        return {names.get(text, text) for text in value}
    return names.get(value, value) if isinstance(value, str) else value


Canonical = Callable[[Head], tuple[Head, Names]]
