"""A caller asks for an order's payment link: it is made when it is first asked for, and again where it is renewed."""

from paylatch.domain.caller import Caller
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import LINK_ID_LENGTH
from paylatch.domain.order import Order
from paylatch.domain.transitions import Transition, issue_link
from paylatch.ports import Ports
from paylatch.use_cases.access import authorize_write
from paylatch.use_cases.return_address import refuse_return_address
from paylatch.use_cases.write_planned import write_planned


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A request for an order's payment link.

    `renew` revokes the present link. `return_url` is where its page sends the payer afterwards; None leaves that
    as it is.
    """

    order_id: str
    renew: bool = False
    return_url: str | None = None


def issue_pay_link(request: LinkRequest, caller: Caller, ports: Ports) -> str:
    """The `link_id` of the order's payment link, by one conditional write; nothing is written where it is as wanted.

    Raises what `authorize_write` gives, `InvalidRequest` for a `return_url` that this stack does not accept, and
    `OrderContended`.
    """
    if request.return_url is not None:
        refuse_return_address(request.return_url, ports.rules)
    new_id = ports.ids.new_id(LINK_ID_LENGTH)

    def plan(head: Order) -> Transition | None:
        order = authorize_write(request.order_id, head, caller)
        link_id = new_id if request.renew else order.link_id or new_id
        if link_id == order.link_id and request.return_url in (None, order.link_return_url):
            return None
        return issue_link(order, link_id, request.return_url, ports.write_context(caller.subject))

    order = authorize_write(request.order_id, ports.store.read_head(request.order_id), caller)
    return (write_planned(order, plan, ports).order or order).link_id or new_id
