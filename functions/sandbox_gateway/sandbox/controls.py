"""The testers' controls: actions beyond those of a shop and its buyer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sandbox.disputes import DisputeImpossible, disputed
from sandbox.fault_plan import FaultPlan
from sandbox.outbox import due_now
from sandbox.ports import SessionStore
from sandbox.provider import session_id_of
from sandbox.refunds import RefundImpossible, ledger_of, refunded_by_hand
from sandbox.requests import DisputeChange, HandRefund, PlannedFaults, Redelivery
from sandbox.responses import SandboxResponse, callbacks_document, problem
from sandbox.session_service import SessionService
from sandbox.sessions import Session


class Controls:
    """Fault injection, callbacks on demand, refunds by hand, disputes, and the ledger."""

    def __init__(self, session_service: SessionService, store: SessionStore) -> None:
        self._session_service = session_service
        self._store = store

    def set_faults(self, reference: str, fault_plan: FaultPlan) -> SandboxResponse:
        """Replace the session's fault plan."""
        if fault_plan.open:
            return problem(422, "invalid-request", "The session is open.", fields={"open": "is for sessions to come"})
        self._session_service.change(
            session_id_of(reference), lambda session, _: (replace(session, fault_plan=fault_plan), None)
        )
        return SandboxResponse(200, {"attempt_id": reference})

    def plan(self, scope: str, plan: PlannedFaults) -> SandboxResponse:
        """Give this fault plan to that many future sessions."""
        self._store.plan(scope, plan.faults, plan.sessions)
        return SandboxResponse(200, {"sessions": plan.sessions})

    def redeliver(self, reference: str, redelivery: Redelivery) -> SandboxResponse:
        """Send the pending callbacks now."""
        session, _ = self._session_service.change_and_deliver(
            session_id_of(reference),
            lambda session, now: (
                replace(session, outbox=due_now(session.outbox, now, again=redelivery.again)),
                None,
            ),
        )
        return SandboxResponse(200, {"callbacks": callbacks_document(session)})

    def refund_by_hand(self, reference: str, wanted: HandRefund) -> SandboxResponse:
        """Return money without a request of the shop; a callback reports it."""
        try:
            return self._ledger_after(reference, lambda session, now: refunded_by_hand(session, wanted.amount, now))
        except RefundImpossible as error:
            return problem(409, error.code, str(error))

    def dispute(self, reference: str, wanted: DisputeChange) -> SandboxResponse:
        """Open a dispute, or decide it as won or lost; a callback reports it."""
        try:
            return self._ledger_after(
                reference, lambda session, now: disputed(session, wanted.status, wanted.amount, now)
            )
        except DisputeImpossible as error:
            return problem(409, "dispute-impossible", str(error))

    def ledger_of(self, reference: str) -> SandboxResponse:
        """The incoming and outgoing money of one attempt."""
        return SandboxResponse(200, ledger_of(self._session_service.look(session_id_of(reference))))

    def _ledger_after(self, reference: str, act: Callable[[Session, datetime], Session]) -> SandboxResponse:
        session, _ = self._session_service.change_and_deliver(
            session_id_of(reference), lambda session, now: (act(session, now), None)
        )
        return SandboxResponse(200, ledger_of(session))
