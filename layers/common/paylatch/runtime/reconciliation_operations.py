"""The API's calls about reconciliation; see `operation.py`."""

from paylatch.domain import errors
from paylatch.runtime.operation import BODIES, BodySpec, Operation, ResponseSpec
from paylatch.runtime.request_fields import Again, Day, GatewayName
from paylatch.runtime.request_models import Body


class ReconciliationBody(Body):
    """A day to reconcile, at one gateway or at all; `again` starts it from the beginning."""

    day: Day
    gateway: GatewayName | None = None
    again: Again = False


_OPERATORS = frozenset({errors.NotAllowed, errors.StoreUnavailable, errors.StoreRefused})
RECONCILE_DAY = Operation(
    route="POST /operations/reconciliation",
    name="reconcile_day",
    summary="Compare gateways' statements of a day with the orders now",
    description=(
        "Reads the gateways' lists of that day for some seconds, and corrects what a rule covers. While `done` is "
        "false, the next call continues; `again` starts a day from the beginning that was done before."
    ),
    tag="Operations",
    body=BodySpec("Reconciliation", "RECONCILIATION"),
    answers={200: ResponseSpec("The progress, and what was found in that day", "ReconciledDay", "RECONCILED_DAY")},
    problems=BODIES | _OPERATORS,
)
HANDLE_FINDING = Operation(
    route="POST /operations/findings/{gateway}/{day}/{discrepancy}/{payment_id}/handled",
    name="handle_finding",
    summary="Mark a finding of reconciliation as handled",
    description="It leaves the list of what needs a person. A repetition changes nothing.",
    tag="Operations",
    answers={200: ResponseSpec("The finding", "Finding", "HANDLED_FINDING")},
    problems=_OPERATORS | {errors.InvalidRequest},
)
