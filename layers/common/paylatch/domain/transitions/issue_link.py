"""An order gets a payment link, for the first time or in place of another one."""

from paylatch.domain import clauses
from paylatch.domain.changes import Set
from paylatch.domain.order import Order
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

ISSUE_LINK = Rule("issue_link", ANY, None, EventType.PAY_LINK_ISSUED, (clauses.VERSION_CHECK,))


def issue_link(order: Order, link_id: str, return_url: str | None, write_context: WriteContext) -> Transition:
    """The order has this payment link and no other from now on; its page sends the payer on to `return_url`, if given.

    The link is a secret, which the event does not name. Who may ask for one does not depend on the write.
    """
    sent_on = (Set(("link_return_url",), return_url),) if return_url is not None else ()
    return transition(ISSUE_LINK, write_context, {"version": order.version}, (Set(("link_id",), link_id), *sent_on))
