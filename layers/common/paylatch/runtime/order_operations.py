"""Calls about an order that is paid without a gateway, or finished; see `operation.py`."""

from paylatch.domain import erasure_errors, errors
from paylatch.runtime.operation import BODIES, EDITABLE_ONLY, WRITES, BodySpec, Operation, order_spec

SETTLE_MANUALLY = Operation(
    route="POST /orders/{order_id}/settlement",
    name="settle_manually",
    summary="Declare that an order was paid without a gateway",
    description=(
        "For money that was received in cash, by bank transfer or in another way: the whole total at once. The history "
        "keeps who declared it, and the note. The same settlement again changes nothing."
    ),
    tag="Orders",
    body=BodySpec("Settlement", "SETTLEMENT"),
    answers={200: order_spec("The paid order", "MANUALLY_PAID_ORDER")},
    problems=BODIES | WRITES | EDITABLE_ONLY | {errors.OrderCancelled},
)
ERASE = Operation(
    route="POST /orders/{order_id}/erasure",
    name="erase_personal_data",
    summary="Erase the personal data of a finished order",
    description=(
        "By a service or an operator, once the order is paid or cancelled and none of its money is open. Addresses, "
        "e-mail address, locale, note and metadata are erased from every revision, and the texts that people wrote "
        "from the history; lines, sums, parties and payments stay. A repetition changes nothing, or finishes a call "
        "that ended in an error."
    ),
    tag="Orders",
    answers={200: order_spec("The order without personal data", "ERASED_ORDER")},
    problems=WRITES | {errors.OrderLocked, erasure_errors.OrderNotFinished, erasure_errors.MoneyOutstanding},
)
