"""`make drill-outage`: the gateway is silent while locks come due, some of them paid; then it answers again.

While it is silent, nothing is unlocked and nothing is lost, and an operator sees one group. When it is back, they have
the group asked about, and everything ends as the gateway says.
"""

import argparse
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from local import ports
from local.arguments import at_least_one
from local.example_orders import PAYMENT
from local.sandbox_client import SandboxClient
from local.stack import Stack, StackPlan, running
from tests.drills.alarms import raises
from tests.drills.drill import Promise, run, say
from tests.drills.functions import set_variables
from tests.drills.sandbox_proxy import Outage
from tests.drills.shop import Attempt, Shop, until

ABANDONED, PAID = 8, 4
LOCK_SECONDS = 60
# After the gateway's return, everything has ended by then.
ENDED_WITHIN = 60.0
GROUP = "/operations/attention/groups/sandbox/release_unconfirmed"
CALL_GATEWAYS = (
    *("TimersFunction", "TimeoutSweepsFunction", "PaymentRequestsFunction", "PaymentCancellationsFunction"),
    *("GatewayCallbacksFunction", "OperationsFunction"),
)


@dataclass(frozen=True, slots=True)
class Locks:
    """The attempts of buyers who left, and of buyers who paid and whose callbacks were lost."""

    abandoned: Sequence[Attempt]
    paid: Sequence[Attempt]

    @property
    def all(self) -> Sequence[Attempt]:
        return [*self.abandoned, *self.paid]


def drill(seconds: int, folder: Path) -> list[Promise]:
    """One stack; the gateway is silent for so many seconds."""
    with running(StackPlan(ports.claim(0, 0, 0), folder)) as (stack, _):
        outage, shop = Outage(stack.sandbox_url), Shop(stack)
        with outage.server() as gateway:
            for function in CALL_GATEWAYS:
                set_variables(stack, function, {"PAYLATCH_SANDBOX_URL": gateway.url})
            locks = _lock_orders(shop)
            outage.begin()
            during = _during(seconds, locks, shop)
            outage.end()
            say(f"the gateway is back after {seconds} s and {outage.unanswered} requests without an answer")
            return [*during, *_after(locks, shop), raises(stack, "ReleasesPending")]


def _lock_orders(shop: Shop) -> Locks:
    abandoned = [shop.lock(shop.place(), LOCK_SECONDS) for _ in range(ABANDONED)]
    paid = [shop.lock(shop.place(), LOCK_SECONDS) for _ in range(PAID)]
    for attempt in paid:
        SandboxClient(shop.stack.sandbox_url).set_faults(attempt.attempt_id, {"callbacks": {"lost": True}}).expect(200)
        shop.pay(attempt)
    return Locks(abandoned, paid)


def _during(seconds: int, locks: Locks, shop: Shop) -> list[Promise]:
    """Look at the orders every five seconds; a buyer who wants to pay now is refused and can try again."""
    end, seen, code = time.monotonic() + seconds, set[str](), _refused_payment(shop)
    while time.monotonic() < end:
        seen |= {shop.status(attempt.order_id) for attempt in locks.all}
        time.sleep(5)
    group = _group(shop.stack)
    return [
        Promise(
            "no order is unlocked and none is paid while the gateway is silent",
            ", ".join(f"`{status}`" for status in sorted(seen)),
            seen <= {"in_payment", "releasing"} and "releasing" in seen,
        ),
        Promise(
            "an operator sees the orders as one group",
            f"{group} in `release_unconfirmed`: the {len(locks.all)}, and the one of the refused payment",
            group >= len(locks.all),
        ),
        Promise("a new payment is refused for now", f"`{code}`", code == "gateway-unavailable"),
    ]


def _refused_payment(shop: Shop) -> str:
    buyer = shop.stack.client("buyer")
    refused = buyer.request_payment(shop.place(), {**PAYMENT, "expires_in": LOCK_SECONDS}, uuid.uuid4().hex)
    return str(refused.document.get("code", refused.status))


def _group(stack: Stack) -> int:
    """How many orders are in the group."""
    groups = stack.client("operator").call("GET", "/operations/attention/groups").expect(200)["groups"]
    return sum(
        group["count"] for group in groups if (group["gateway"], group["cause"]) == ("sandbox", "release_unconfirmed")
    )


def _after(locks: Locks, shop: Shop) -> list[Promise]:
    """Have the whole group asked about, and wait for its end."""
    begin, calls = time.monotonic(), _recheck(shop.stack)
    ended = until(partial(_have_ended, locks, shop), ENDED_WITHIN)
    took = time.monotonic() - begin
    paid = Counter(shop.status(attempt.order_id) for attempt in locks.paid)
    unlocked = Counter(shop.status(attempt.order_id) for attempt in locks.abandoned)
    ledgers = Counter(shop.ledger(attempt) for attempt in locks.paid)
    return [
        Promise(
            f"everything ends within {ENDED_WITHIN:g} s of its return, by a recheck of the group",
            f"after {took:.0f} s, {calls} call{'s' if calls > 1 else ''}",
            ended,
        ),
        Promise(
            "what was paid is paid, and keeps its money", f"{paid['paid']} of {PAID}", ledgers == {(2500, 0): PAID}
        ),
        Promise(
            "what nobody paid is unlocked",
            f"{unlocked['pending_payment']} of {ABANDONED}",
            unlocked["pending_payment"] == ABANDONED,
        ),
    ]


def _recheck(stack: Stack) -> int:
    """Recheck the group, as `docs/operations.md` says; the number of calls."""
    calls, cursor = 0, None
    while calls == 0 or cursor:
        body: dict[str, str] = {"cursor": cursor} if cursor else {}
        cursor = stack.client("operator").call("POST", f"{GROUP}/recheck", body).expect(200)["next_cursor"]
        calls += 1
    return calls


def _have_ended(locks: Locks, shop: Shop) -> bool:
    return all(shop.status(attempt.order_id) in ("paid", "pending_payment") for attempt in locks.all)


def main() -> int:
    """Run the drill with an outage of so many seconds."""
    parser = argparse.ArgumentParser(prog='make drill-outage ARGS="…"', description=__doc__)
    parser.add_argument("--seconds", type=at_least_one, default=600, help="how long the gateway is silent")
    return run("outage", __doc__ or "", partial(drill, parser.parse_args().seconds))


if __name__ == "__main__":
    sys.exit(main())
