"""An amount that a gateway is known not to take is refused before its order is locked."""

from collections.abc import Callable

from paylatch.domain.caller import Caller
from paylatch.domain.errors import InvalidRequest
from paylatch.domain.order import Order, PaymentStatus
from paylatch.ports import Ports
from paylatch.use_cases.access import may_pay
from paylatch.use_cases.payment_request import PaymentRequest
from paylatch.use_cases.settle_free_order import is_free


def refuse_sum(
    gateway: str, request: PaymentRequest, caller: Caller, ports: Ports, unless: Callable[[Order], bool]
) -> None:
    """Raise `InvalidRequest` where the order could be locked, and its gateway is known not to take its sum.

    The order is read only for a gateway of which something is known. `unless` says of which orders nothing is refused.
    """
    rules = ports.gateways.named(gateway).capabilities.amounts
    head = ports.store.read_head(request.order_id) if rules is not None else None
    if rules is None or head is None or not may_pay(head, caller):
        return
    payable = head.status is PaymentStatus.PENDING_PAYMENT and request.revision in (None, head.revision)
    # An order that costs nothing needs no gateway.
    if not payable or is_free(head) or unless(head):
        return
    faults = rules.faults_of(head.total, head.currency)
    if faults:
        raise InvalidRequest({name: f"{fault}: {gateway} takes no other" for name, fault in faults.items()})
