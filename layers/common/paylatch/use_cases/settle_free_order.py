"""An order that costs nothing is paid by its payment request alone."""

from paylatch.domain.caller import Caller
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.transitions import Transition, settle_free
from paylatch.domain.transitions.attempt_changes import MOST_ATTEMPTS
from paylatch.ports import Applied, Ports, Rejected
from paylatch.use_cases.access import authorize_payer
from paylatch.use_cases.write_planned import write_planned


def is_free(order: Order) -> bool:
    """Whether the order waits for a payment of nothing."""
    return order.status is PaymentStatus.PENDING_PAYMENT and order.total == 0


def settle_free_order(
    order: Order, attempt_id: str, fingerprint: str, revision: int | None, caller: Caller, ports: Ports
) -> Applied | Rejected:
    """Pay the order by this attempt, with one conditional write; refused where the order may not be paid so.

    That is where it is not free any more, not payable or past its `pay_by`, at another revision than the one asked for,
    has had this attempt, or has had too many. Raises what `authorize_payer` raises, and `OrderContended`.
    """

    def plan(head: Order) -> Transition | None:
        if head.had(attempt_id):
            return None
        asked_for = is_free(authorize_payer(order.order_id, head, caller)) and revision in (None, head.revision)
        write_context = ports.write_context(caller.subject)
        open_to_pay = head.payable and not head.terms.pay_by_passed(write_context.at)
        if not (asked_for and open_to_pay) or head.attempts_made >= MOST_ATTEMPTS:
            return None
        return settle_free(head, attempt_id, fingerprint, caller, write_context)

    return write_planned(order, plan, ports)
