"""The API's calls about reconciliation; see `operation.py`."""

from paylatch.domain import errors
from paylatch.runtime.operation import BODIES, BodySpec, Operation, ResponseSpec
from paylatch.runtime.request_fields import Again, Day, GatewayName
from paylatch.runtime.request_models import Body


class ReconciliationBody(Body):
    """A day to reconcile, at one gateway or at all; `again` begins with it anew."""

    day: Day
    gateway: GatewayName | None = None
    again: Again = False


_OPERATORS = frozenset({errors.NotAllowed, errors.StoreUnavailable, errors.StoreRefused})
RECONCILE_DAY = Operation(
    route="POST /operations/reconciliation",
    name="reconcile_day",
    summary="Hold a gateway's day against the orders now",
    description=(
        "Goes through the gateways' lists of that day for some seconds, and puts right what a rule covers. Called "
        "again while `done` is false, it goes on; `again` begins with a day anew that was done before."
    ),
    tag="Operations",
    body=BodySpec("Reconciliation", "RECONCILIATION"),
    answers={200: ResponseSpec("How far it got, and what was found in that day", "ReconciledDay", "RECONCILED_DAY")},
    problems=BODIES | _OPERATORS,
)
HANDLE_FINDING = Operation(
    route="POST /operations/findings/{gateway}/{day}/{discrepancy}/{payment_id}/handled",
    name="handle_finding",
    summary="Mark what reconciliation found as handled",
    description="It leaves the list of what needs a person. A second time changes nothing.",
    tag="Operations",
    answers={200: ResponseSpec("The finding", "Finding", "HANDLED_FINDING")},
    problems=_OPERATORS | {errors.InvalidRequest},
)
