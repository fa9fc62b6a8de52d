"""Actions of several callers on one order at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import PaylatchError
from paylatch.domain.late_money import Payment
from paylatch.domain.payment import Capture
from paylatch.use_cases.cancel_payment import cancel_payment
from paylatch.use_cases.edit_order import edit_order
from paylatch.use_cases.payment_request import PaymentRequest
from paylatch.use_cases.request_payment import request_payment
from paylatch.use_cases.settle_payment import settle_payment
from paylatch.use_cases.sweep_timeouts import sweep_timeouts
from tests.integration.shop import Shop
from tests.lambda_events import BUYER

Act = Callable[[], Any]
_BUYER = Caller(BUYER.subject, frozenset({Role.BUYER}))


class ConcurrentActions:
    """Makes actions that run later, all at once."""

    def __init__(self, shop: Shop) -> None:
        self._ports = shop.ports

    def pay(self, order_id: str, key: str) -> Act:
        request = PaymentRequest(
            order_id=order_id,
            idempotency_key=key,
            return_url="https://shop.test/",
            expires_in=timedelta(minutes=15),
            gateway=None,
            revision=None,
            callback_base="https://api.test",
        )
        return lambda: request_payment(request, _BUYER, self._ports).attempt

    def edit(self, order_id: str, note: str) -> Act:
        return lambda: edit_order(order_id, lambda content: replace(content, note=note), 1, _BUYER, self._ports)

    def cancel(self, order_id: str, attempt_id: str) -> Act:
        return lambda: cancel_payment(order_id, attempt_id, _BUYER, self._ports)

    def money(self, order_id: str, attempt_id: str, capture: Capture) -> Act:
        payment = Payment(attempt_id, "sandbox", capture)
        return lambda: settle_payment(order_id, payment, self._ports)

    def sweep(self) -> Act:
        return lambda: sweep_timeouts(lambda: True, self._ports)


def run_concurrently(acts: Sequence[Act]) -> list[Any]:
    """Run all actions at once; return each result in order, refusals included."""
    barrier = Barrier(len(acts))

    def run(act: Act) -> Any:
        barrier.wait(timeout=30)
        try:
            return act()
        except PaylatchError as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in acts]]
