"""`make drill-rotation`: secrets change while buyers pay and somebody forges callbacks.

A gateway's secret and the key of the webhooks, by the steps of docs/security.md and docs/webhooks.md. Functions keep a
secret for five minutes; where the steps wait so long, they begin anew here (`--wait`: they wait).
"""

import argparse
import secrets
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from local import ports
from local.stack import Stack, StackPlan, running
from paylatch.domain.limits import LONGEST_LOCK
from paylatch.runtime.gateway_secrets import LONGEST_KEPT
from tests.drills.alarms import raises
from tests.drills.drill import Promise, run, say
from tests.drills.forger import Forger
from tests.drills.functions import set_variables
from tests.drills.secrets import read_secret, store_secret
from tests.drills.selling import Selling
from tests.drills.shop import Attempt, Shop, until
from tests.drills.webhook_receiver import WebhookReceiver, new_key, verifies

READ_SECRETS = (
    *("PaymentRequestsFunction", "PaymentCancellationsFunction", "GatewayCallbacksFunction", "TimersFunction"),
    *("TimeoutSweepsFunction", "SandboxGatewayFunction", "WebhooksFunction"),
)
# What the buyers pay under each secret, and how long that may take where functions begin anew.
PAYMENTS = 3
PAID_WITHIN = 60.0
SETTLED_WITHIN = 90.0
_versions = count()


@dataclass(frozen=True, slots=True)
class Rotation:
    """One run; `wait` lets the functions take notice of a stored secret."""

    stack: Stack
    receiver: WebhookReceiver
    forger: Forger
    selling: Selling
    wait: Callable[[], None]

    def gateway_secret(self) -> str:
        """Rotate the sandbox's key, as a value that verifies callbacks; return the old one."""
        old, new = str(read_secret(self.stack, "sandbox")["api_key"]), secrets.token_urlsafe(24)
        self._store("sandbox", {"api_key": old, "previous_api_keys": [new]})
        self._store("sandbox", {"api_key": new, "previous_api_keys": [old]})
        self._store("sandbox", {"api_key": new})
        return old

    def webhook_key(self) -> str:
        """Rotate the key of the webhooks; return the old one."""
        old, new = self.receiver.key, new_key(secrets.token_bytes(32))
        self._store("webhooks", {"key": new, "previous_key": old})
        self.receiver.key = new
        self._store("webhooks", {"key": new})
        return old

    def _store(self, name: str, secret: Mapping[str, object]) -> None:
        store_secret(self.stack, name, secret)
        self.wait()
        say(f"{name}: every function has the secret with {', '.join(secret)}")
        used = len(self.selling.paid) + PAYMENTS
        until(lambda: len(self.selling.paid) >= used, PAID_WITHIN)


def drill(waits: bool, folder: Path) -> list[Promise]:
    """One stack with a receiver of webhooks."""
    receiver = WebhookReceiver()
    with receiver.running() as url:
        plan = StackPlan(ports.claim(0, 0, 0), folder, parameters={"WebhookUrl": url, "WebhookLocal": "true"})
        with running(plan) as (stack, _):
            receiver.key = str(read_secret(stack, "webhooks")["key"])
            shop = Shop(stack)
            forger = Forger(stack, shop.lock(shop.place(), int(LONGEST_LOCK.total_seconds())))
            wait = partial(time.sleep, LONGEST_KEPT.total_seconds()) if waits else partial(_begin_anew, stack)
            return _rotated(Rotation(stack, receiver, forger, Selling(shop), wait))


def _begin_anew(stack: Stack) -> None:
    """Have every function that keeps a secret begin anew."""
    version = str(next(_versions))
    for function in READ_SECRETS:
        set_variables(stack, function, {"DRILL_VERSION": version})


def _rotated(rotation: Rotation) -> list[Promise]:
    with rotation.selling.running():
        with rotation.forger.running():
            old_secret = rotation.gateway_secret()
            old_key = rotation.webhook_key()
        status = rotation.forger.send(old_secret)
    # An alarm looks at the last minutes; to look at every order takes longer.
    alarm = raises(rotation.stack, "CallbacksRejected")
    return [
        *_no_payment_is_lost(rotation.selling),
        *_nothing_forged_is_taken(rotation.forger, rotation.selling.shop, status),
        *_no_webhook_is_refused(rotation.receiver, old_key),
        alarm,
    ]


def _no_payment_is_lost(selling: Selling) -> list[Promise]:
    """Every payment that a payer made pays for its order, once."""
    shop = selling.shop
    # To look at each of thousands of orders takes minutes: the limit is for those that are not paid by then.
    late = _unpaid(selling.paid, shop)
    number, begin = len(late), time.monotonic()

    def arrived() -> bool:
        late[:] = _unpaid(late, shop)
        return not late

    settled = until(arrived, SETTLED_WITHIN)
    seconds = time.monotonic() - begin
    when = f"{number} of them {seconds:.0f} s after the load" if number else "all by the end of the load"
    kept = [each for each in selling.paid if shop.ledger(each) == (2500, 0)]
    return [
        Promise(
            "every payment under the load pays for its order",
            f"{len(kept)} of {len(selling.paid)}, {when}; {selling.repeated} calls broke off and were repeated",
            settled and len(kept) == len(selling.paid) > 0,
        )
    ]


def _unpaid(attempts: Sequence[Attempt], shop: Shop) -> list[Attempt]:
    return [each for each in attempts if shop.status(each.order_id) != "paid"]


def _nothing_forged_is_taken(forger: Forger, shop: Shop, status: int) -> list[Promise]:
    decoy = shop.status(forger.decoy.order_id)
    return [
        Promise(
            "no forged callback is accepted",
            f"{forger.accepted} of {forger.responses.total()}; the order that they name is `{decoy}`",
            forger.accepted == 0 and decoy == "in_payment",
        ),
        Promise("the old secret signs nothing once it is taken out", f"{status}", status == 401),
    ]


def _no_webhook_is_refused(receiver: WebhookReceiver, old_key: str) -> list[Promise]:
    _, body = receiver.taken[-1]
    by_old = verifies(old_key, body, receiver.last_headers)
    return [
        Promise(
            "the receiver verifies every webhook, while its key changes",
            f"{len(receiver.taken)} taken, {receiver.refused} refused",
            receiver.refused == 0 < len(receiver.taken),
        ),
        Promise("the old key verifies nothing once it is taken out", "verified" if by_old else "refused", not by_old),
    ]


def main() -> int:
    """Run the drill."""
    parser = argparse.ArgumentParser(prog='make drill-rotation ARGS="…"', description=__doc__)
    parser.add_argument("--wait", action="store_true", help="wait five minutes after each stored secret")
    return run("rotation", __doc__ or "", partial(drill, parser.parse_args().wait))


if __name__ == "__main__":
    sys.exit(main())
