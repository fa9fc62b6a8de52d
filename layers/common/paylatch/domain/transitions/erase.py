"""An order's personal data is erased."""

from paylatch.domain import clauses
from paylatch.domain.changes import Change, Remove, Set
from paylatch.domain.erasure import ERASED_TEXT, FINISHED, written_reasons
from paylatch.domain.order import Order
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.content_changes import HAS_CONTACT
from paylatch.domain.transitions.rule import EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

ERASE = Rule("erase", FINISHED, None, EventType.PERSONAL_DATA_ERASED, (clauses.VERSION_CHECK,))


def erase(order: Order, content_id: str | None, write_context: WriteContext) -> Transition:
    """The head names the content without personal data, and has none itself; revision, sums and ledger stay.

    `content_id` is None where an earlier erasure named that content. A payment link works no more. That no money is
    owed or may still come, which no clause expresses, holds by the version check.
    """
    return transition(
        ERASE,
        write_context,
        {"version": order.version},
        (
            Set(("erased_at",), as_text(write_context.at)),
            *(_content_named(order, content_id) if content_id is not None else ()),
            *_link_ended(order),
            *(Set(("refunds", refund.refund_id, "reason"), ERASED_TEXT) for refund in written_reasons(order)),
        ),
    )


def _content_named(order: Order, content_id: str) -> tuple[Change, ...]:
    gone = {("previous_content_id",): order.previous_content_id is not None, HAS_CONTACT: order.has_contact}
    return (Set(("content_id",), content_id), *(Remove(path) for path, is_there in gone.items() if is_there))


def _link_ended(order: Order) -> tuple[Change, ...]:
    gone = {"link_id": order.link_id, "link_return_url": order.link_return_url}
    return tuple(Remove((name,)) for name, value in gone.items() if value is not None)
