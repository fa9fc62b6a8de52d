"""What each kind of caller can do with an order in each state, tried at the real handlers.

    python -m tests.desk_actions

writes them to `web/tests/order/actions.json`. The order desk offers these and no others: its tests read the file.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

from local.api_client import ApiClient, ApiResponse
from paylatch.domain.payment import RefundStatus
from tests.api.handler_transport import client_of
from tests.desk_orders import STATES, memory_shop
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, OPERATOR, SELLER, SERVICE, Person

FILE = Path(__file__).parents[1] / "web" / "tests" / "order" / "actions.json"
Document = Mapping[str, Any]
Try = Callable[[ApiClient, Document], ApiResponse]
_BOTH = "its seller, an operator too"
VIEWERS = {
    "its buyer": BUYER,
    "its seller": SELLER,
    "a service": SERVICE,
    "an operator": OPERATOR,
    _BOTH: Person(SELLER.subject, "operator seller"),
    "its buyer, an operator too": Person(BUYER.subject, "operator buyer"),
    "an operator who bought it": Person(BUYER.subject, "operator"),
}
# Neither made nor given up.
_OPEN = (RefundStatus.DUE, RefundStatus.REFUSED)
# What of an order decides about its actions; further members of the answer change nothing.
_DECISIVE = (
    *("buyer_id", "seller_id", "payment_status", "total", "currency", "payment"),
    *("unapplied", "refunds", "refunded", "disputes"),
)
WHY = "The gateway closed our account."
_NOTE: Document = {"note": "Ring three times."}


def cases() -> list[dict[str, Any]]:
    """Each order, and for each caller the names of the actions that do something."""
    return [_case(state) for state in STATES]


def _case(state: str) -> dict[str, Any]:
    made = {four_eyes: list(_callers(state, four_eyes=four_eyes)) for four_eyes in (True, False)}
    with memory_shop() as shop:
        order = client_of(OPERATOR).read_order(STATES[state](shop)).expect(200)
    shown = {name: order[name] for name in _DECISIVE}
    return {"state": state, "order": shown, "callers": made[True] + made[False]}


def _callers(state: str, *, four_eyes: bool) -> Iterator[dict[str, Any]]:
    with memory_shop(four_eyes=four_eyes) as shop:
        order_id = STATES[state](shop)
        # Without four eyes only who sells the order and operates may do more.
        for name, person in VIEWERS.items() if four_eyes else [(_BOTH, VIEWERS[_BOTH])]:
            who = {"caller": name, "subject": person.subject, "roles": person.role.split(), "four_eyes": four_eyes}
            yield {**who, "actions": _possible(shop, order_id, client_of(person))}


def _possible(shop: Shop, order_id: str, client: ApiClient) -> list[str]:
    order = client.read_order(order_id).expect(200)
    return sorted(name for name, act in _tries(order).items() if _does_something(shop, partial(act, client, order)))


def _tries(order: Document) -> dict[str, Try]:
    """The actions that the order's answer has the ids for, by their names."""
    order_id: str = order["order_id"]
    return {
        "edit": lambda client, order: client.edit_order(order_id, _NOTE, order["revision"]),
        "settle": lambda client, order: client.settle_manually(order_id, order["total"]),
        "refund": lambda client, _: client.refund(order_id, "return-9"),
        "pay_link": lambda client, _: client.pay_link(order_id),
        "cancel": lambda client, _: client.cancel_order(order_id),
        **_tries_of_holder(order_id, order["payment"] or {}, order["revision"]),
        **{f"recheck {name}": _recheck(order_id, name) for name in _asked_about(order)},
        **{f"write_off {name}": _write_off(order_id, name) for name in _open_refunds(order)},
    }


def _tries_of_holder(order_id: str, payment: Document, revision: int) -> dict[str, Try]:
    if not payment:
        return {}
    attempt_id: str = payment["attempt_id"]
    # A payment that is being closed already is asked about by a recheck.
    stops: dict[str, Try] = {"stop": lambda client, _: client.cancel_payment(order_id, attempt_id)}
    return {
        **({} if payment["status"] == "closing" else stops),
        "stop_and_change": lambda client, _: client.stop_and_change(order_id, attempt_id, _NOTE, revision),
        "release": lambda client, _: client.release(order_id, attempt_id, WHY),
        "resolve settle": lambda client, _: client.resolve(order_id, attempt_id, "settle", WHY),
        "resolve refund": lambda client, _: client.resolve(order_id, attempt_id, "refund", WHY),
    }


def _recheck(order_id: str, attempt_id: str) -> Try:
    return lambda client, _: client.recheck(order_id, attempt_id)


def _write_off(order_id: str, refund_id: str) -> Try:
    return lambda client, _: client.write_off(order_id, refund_id, WHY)


def _asked_about(order: Document) -> set[str]:
    """The attempts of which something is not settled yet."""
    money = {entry["attempt_id"] for entry in order["unapplied"] if entry["status"] in (*_OPEN, "claimed")}
    return money | ({order["payment"]["attempt_id"]} if order["payment"] else set())


def _open_refunds(order: Document) -> list[str]:
    known = [*order["refunds"], *order["unapplied"]]
    return [entry["refund_id"] for entry in known if entry["refund_id"] and entry["status"] in _OPEN]


def _does_something(shop: Shop, attempt: Callable[[], ApiResponse]) -> bool:
    """Whether the API does not refuse this, and changes the order or asks its gateway; all is as before afterwards."""
    with _undone(shop) as changed:
        return attempt().status < 300 and changed()


@contextmanager
def _undone(shop: Shop) -> Iterator[Callable[[], bool]]:
    kept = [(held, name, value) for held, name, value in _held(shop)]
    for held, name, value in kept:
        setattr(held, name, value.copy())
    yield lambda: any(getattr(held, name) != value for held, name, value in kept)
    for held, name, value in kept:
        setattr(held, name, value)


def _held(shop: Shop) -> Iterator[tuple[object, str, Any]]:
    store, gateway = cast("MemoryOrderStore", shop.ports.store), shop.gateway
    yield from ((store, name, getattr(store, name)) for name in ("heads", "contents", "questions", "outbox"))
    yield from ((gateway, name, getattr(gateway, name)) for name in ("asked", "closed", "money", "refunds"))


def printed() -> str:
    """The file's text: each order on a line."""
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, sort_keys=True) for case in cases())
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    FILE.write_text(printed())
