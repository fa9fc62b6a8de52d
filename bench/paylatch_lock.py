"""Paylatch's lock and settlement as one of the ways to lock that are compared."""

from datetime import timedelta

from bench.lock_peers import REGION, Answer, LockPeer, Started
from bench.purchases import BUYER, Purchase
from paylatch.domain.late_money import Payment
from paylatch.domain.transitions import NewAttempt, lock
from paylatch.ports import Applied, Ports
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from paylatch.use_cases.settle_payment import settle_payment
from tests.conftest import NOON
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.orders_table import TABLE as ORDERS


class PaylatchLock(LockPeer):
    """The transition `lock`, and `settle` by the gateway's statement."""

    name = "Paylatch"
    table = ORDERS

    def __init__(self) -> None:
        connection = TableConnection(ORDERS, REGION)
        self.client = connection.connection.client
        clock = SettableClock(NOON)
        self._gateway = ScriptedGateway(clock)
        store, gateways = DynamoOrderStore(connection), FixedGateways({"sandbox": self._gateway})
        self._ports = Ports(store, gateways, clock, SequentialIdGenerator(), RecordedMetrics())
        self._purchase = Purchase(self._ports, self._gateway, lines=1, changes=0)

    def place(self) -> None:
        self._order = self._purchase.placed(0)

    def lock(self, attempt: str, /) -> Answer:
        now = self._ports.clock.now()
        draft = NewAttempt(
            attempt_id=f"{self._order.order_id}_{attempt:0>8}",
            gateway="sandbox",
            deadline=now + timedelta(minutes=15),
            return_url="https://shop.example/thanks",
            fingerprint="0QRS5TV7WX9Y",
        )
        write_context = self._ports.write_context(BUYER.subject)
        outcome = self._ports.store.apply(self._order.order_id, lock(draft, BUYER, None, write_context))
        return Answer.DONE if isinstance(outcome, Applied) else Answer.REFUSED

    def settle(self, started: Started) -> Answer:
        attempt_id = self._purchase.gone_to_pay(self._order, 0)
        capture = self._gateway.capture_payment(attempt_id)
        statement = Payment(attempt_id, "sandbox", capture, stated_at=self._ports.clock.now())
        started()
        settled = settle_payment(self._order.order_id, statement, self._ports)
        return Answer.DONE if settled.status == "paid" else Answer.REFUSED
