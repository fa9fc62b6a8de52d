"""The calls of the sessions API, each with the faults of its session's plan."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sandbox.fault_plan import Call, Fault, FaultPlan
from sandbox.fault_responses import faulty, refusal
from sandbox.ports import ANY_ORDER, SessionStore
from sandbox.refunds import RefundImpossible, refund_document, refund_of, refunded
from sandbox.requests import Opening, RefundOrder, StatementRequest
from sandbox.responses import SandboxResponse, problem, session_document, void_document
from sandbox.session_service import SessionNotFound, SessionService
from sandbox.sessions import (
    PAYMENT_PREFIX,
    SESSION_PREFIX,
    Session,
    never_opened,
    opened,
    payment_document,
    session_id_for,
)
from sandbox.statement import PAGE, listed_in, statement_document
from sandbox.voids import VoidResult, voided

Act = Callable[[Session, Fault | None, datetime], tuple[Session, SandboxResponse]]


def session_id_of(reference: str) -> str:
    """The session that a session id or an attempt id names."""
    return reference if reference.startswith(SESSION_PREFIX) else session_id_for(reference)


def session_id_of_payment(payment_id: str) -> str:
    """The session that took that payment, if any did."""
    return SESSION_PREFIX + payment_id.removeprefix(PAYMENT_PREFIX)


class Provider:
    """The calls of a shop's server. A `reference` is a session id or an attempt id."""

    def __init__(
        self, session_service: SessionService, store: SessionStore, now: Callable[[], datetime], base_url: str
    ) -> None:
        self._session_service = session_service
        self._store = store
        self._now = now
        self._base_url = base_url

    def open(self, opening: Opening) -> SandboxResponse:
        """Open a session for the attempt; the same request gives the same session, a different one is refused."""
        session = self._store.read(session_id_for(opening.attempt_id))
        if session is not None:
            return self._opened_before(session, opening)
        fault_plan = opening.faults or self._planned(opening.order_id)
        refused = refusal(fault_plan.open)
        if refused:
            return refused
        now = self._now()
        if opening.expires_at <= now:
            return problem(422, "invalid-request", "It would be over already.", fields={"expires_at": "is past"})
        session = opened(opening.terms(), fault_plan, now)
        if not self._store.write(session):
            return self.open(opening)
        return faulty(SandboxResponse(201, self._document(session)), fault_plan.open)

    def query(self, reference: str) -> SandboxResponse:
        """The state of a session."""
        return self._answer(
            session_id_of(reference),
            Call.QUERY,
            lambda session, *_: (session, SandboxResponse(200, self._document(session))),
        )

    def void(self, reference: str) -> SandboxResponse:
        """Close a session; by attempt id, also one that was never opened, which can then never be opened."""
        session_id = session_id_of(reference)
        if session_id != reference and self._store.read(session_id) is None:
            closed = never_opened(reference, self._now())
            if self._store.write(closed):
                return SandboxResponse(200, void_document(closed, VoidResult.VOIDED))
        return self._answer(session_id, Call.VOID, _void)

    def query_payment(self, payment_id: str) -> SandboxResponse:
        """The incoming and outgoing money of a payment."""
        try:
            return self._answer(
                session_id_of_payment(payment_id),
                Call.QUERY,
                lambda session, *_: (session, _payment_answer(session, payment_id)),
            )
        except SessionNotFound:
            return _unknown_payment(payment_id)

    def refund(self, order: RefundOrder) -> SandboxResponse:
        """Refund captured money, once for each refund id."""
        session_id = session_id_of_payment(order.payment_id)
        if self._store.session_of_refund(order.refund_id) not in (None, session_id):
            return problem(409, "refund-differs", f"Refund {order.refund_id} is of another payment.")

        def act(session: Session, fault: Fault | None, now: datetime) -> tuple[Session, SandboxResponse]:
            changed = refunded(session, order.refund_id, order.amount, fault, now)
            return changed, _refund_answer(changed, order.refund_id)

        try:
            answer = self._answer(session_id, Call.REFUND, act)
        except RefundImpossible as error:
            return problem(409, error.code, str(error))
        self._store.link_refund(order.refund_id, session_id)
        return answer

    def query_refund(self, refund_id: str) -> SandboxResponse:
        """The state of a refund."""
        session_id = self._store.session_of_refund(refund_id)
        if session_id is None:
            return _unknown_refund(refund_id)
        return self._answer(
            session_id, Call.QUERY_REFUND, lambda session, *_: (session, _refund_answer(session, refund_id))
        )

    def list_statement(self, request: StatementRequest) -> SandboxResponse:
        """One page of captures, refunds or disputes by the time of their last change."""
        places = self._store.listed(request.kind, request.since, request.until, request.cursor)
        sessions = self._store.read_all(place.session_id for place in places)
        shown = dict(entry for session in sessions for entry in listed_in(session, request.kind))
        entries = [(place, shown[place]) for place in places if place in shown]
        last = places[-1] if len(places) == PAGE else None
        return SandboxResponse(200, statement_document(entries, last))

    def _answer(self, session_id: str, call: Call, act: Act) -> SandboxResponse:
        def with_faults(session: Session, now: datetime) -> tuple[Session, SandboxResponse]:
            fault = session.fault_plan.fault_of(call)
            session = replace(session, fault_plan=session.fault_plan.without_one(call))
            refused = refusal(fault)
            if refused:
                return session, refused
            changed, answer = act(session, fault, now)
            return changed, faulty(answer, fault)

        return self._session_service.change(session_id, with_faults)[1]

    def _opened_before(self, session: Session, opening: Opening) -> SandboxResponse:
        if session.terms != opening.terms():
            return problem(409, "attempt-differs", f"Attempt {opening.attempt_id} was opened or voided differently.")
        return SandboxResponse(200, self._document(self._session_service.look(session.session_id)))

    def _planned(self, order_id: str) -> FaultPlan:
        for scope in (order_id, ANY_ORDER):
            planned = self._store.take_planned(scope) if scope else None
            if planned:
                return planned
        return FaultPlan()

    def _document(self, session: Session) -> dict[str, Any]:
        return session_document(session, f"{self._base_url}/pay/{session.session_id}")


def _void(session: Session, fault: Fault | None, now: datetime) -> tuple[Session, SandboxResponse]:
    changed, result = voided(session, fault.fault if fault else None, now)
    return changed, SandboxResponse(200, void_document(changed, result))


def _payment_answer(session: Session, payment_id: str) -> SandboxResponse:
    payment = session.payment
    if payment is None or payment.payment_id != payment_id:
        return _unknown_payment(payment_id)
    names = {"attempt_id": session.terms.attempt_id, "stack": session.terms.stack}
    return SandboxResponse(200, {**names, "payment": payment_document(session, payment)})


def _unknown_payment(payment_id: str) -> SandboxResponse:
    return problem(404, "payment-not-found", f"There is no payment {payment_id}.")


def _refund_answer(session: Session, refund_id: str) -> SandboxResponse:
    refund = refund_of(session, refund_id)
    return SandboxResponse(200, refund_document(refund)) if refund else _unknown_refund(refund_id)


def _unknown_refund(refund_id: str) -> SandboxResponse:
    return problem(404, "refund-not-found", f"There is no refund {refund_id}.")
