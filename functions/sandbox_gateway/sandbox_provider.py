"""The calls of the sessions API, each of which can be told to misbehave."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sandbox_answers import Answer, problem, session_document, void_document
from sandbox_faults import refusal, spoiled
from sandbox_keeper import SessionKeeper, SessionNotFound
from sandbox_misbehaviour import Call, Fault, Misbehaviour
from sandbox_ports import ANY_ORDER, SessionStore
from sandbox_refunds import RefundImpossible, refund_document, refund_of, refunded
from sandbox_requests import Opening, RefundOrder
from sandbox_sessions import (
    PAYMENT_PREFIX,
    SESSION_PREFIX,
    Session,
    never_opened,
    opened,
    payment_document,
    session_id_for,
)
from sandbox_voids import VoidResult, voided

Act = Callable[[Session, Fault | None, datetime], tuple[Session, Answer]]


def session_id_of(reference: str) -> str:
    """The session that a session id or an attempt id names."""
    return reference if reference.startswith(SESSION_PREFIX) else session_id_for(reference)


def session_id_of_payment(payment_id: str) -> str:
    """The session that took that payment, if any did."""
    return SESSION_PREFIX + payment_id.removeprefix(PAYMENT_PREFIX)


class Provider:
    """What a shop's server can ask for. A `reference` is a session id or an attempt id."""

    def __init__(self, keeper: SessionKeeper, store: SessionStore, now: Callable[[], datetime], base_url: str) -> None:
        self._keeper = keeper
        self._store = store
        self._now = now
        self._base_url = base_url

    def open(self, opening: Opening) -> Answer:
        """One session an attempt: the same request hears of the same session, another one is refused."""
        session = self._store.read(session_id_for(opening.attempt_id))
        if session is not None:
            return self._opened_before(session, opening)
        misbehaviour = opening.misbehave or self._planned(opening.order_id)
        refused = refusal(misbehaviour.open)
        if refused:
            return refused
        now = self._now()
        if opening.expires_at <= now:
            return problem(422, "invalid-request", "It would be over already.", fields={"expires_at": "is past"})
        session = opened(opening.terms(), misbehaviour, now)
        if not self._store.write(session):
            return self.open(opening)
        return spoiled(Answer(201, self._document(session)), misbehaviour.open)

    def query(self, reference: str) -> Answer:
        """What became of a session."""
        return self._answer(
            session_id_of(reference), Call.QUERY, lambda session, *_: (session, Answer(200, self._document(session)))
        )

    def void(self, reference: str) -> Answer:
        """Close a session. By attempt id, one that was never opened is closed too, for good."""
        session_id = session_id_of(reference)
        if session_id != reference and self._store.read(session_id) is None:
            closed = never_opened(reference, self._now())
            if self._store.write(closed):
                return Answer(200, void_document(closed, VoidResult.VOIDED))
        return self._answer(session_id, Call.VOID, _void)

    def query_payment(self, payment_id: str) -> Answer:
        """The money of a payment, in and out."""
        try:
            return self._answer(
                session_id_of_payment(payment_id),
                Call.QUERY,
                lambda session, *_: (session, _payment_answer(session, payment_id)),
            )
        except SessionNotFound:
            return _unknown_payment(payment_id)

    def refund(self, order: RefundOrder) -> Answer:
        """Give captured money back, once a refund id."""
        session_id = session_id_of_payment(order.payment_id)
        if self._store.session_of_refund(order.refund_id) not in (None, session_id):
            return problem(409, "refund-differs", f"Refund {order.refund_id} is of another payment.")

        def act(session: Session, fault: Fault | None, now: datetime) -> tuple[Session, Answer]:
            changed = refunded(session, order.refund_id, order.amount, fault, now)
            return changed, _refund_answer(changed, order.refund_id)

        try:
            answer = self._answer(session_id, Call.REFUND, act)
        except RefundImpossible as error:
            return problem(409, error.code, str(error))
        self._store.link_refund(order.refund_id, session_id)
        return answer

    def query_refund(self, refund_id: str) -> Answer:
        """What became of a refund."""
        session_id = self._store.session_of_refund(refund_id)
        if session_id is None:
            return _unknown_refund(refund_id)
        return self._answer(
            session_id, Call.QUERY_REFUND, lambda session, *_: (session, _refund_answer(session, refund_id))
        )

    def _answer(self, session_id: str, call: Call, act: Act) -> Answer:
        def misbehaving(session: Session, now: datetime) -> tuple[Session, Answer]:
            fault = session.misbehaviour.fault_of(call)
            session = replace(session, misbehaviour=session.misbehaviour.without_one(call))
            refused = refusal(fault)
            if refused:
                return session, refused
            changed, answer = act(session, fault, now)
            return changed, spoiled(answer, fault)

        return self._keeper.change(session_id, misbehaving)[1]

    def _opened_before(self, session: Session, opening: Opening) -> Answer:
        if session.terms != opening.terms():
            return problem(409, "attempt-differs", f"Attempt {opening.attempt_id} was opened or voided differently.")
        return Answer(200, self._document(self._keeper.look(session.session_id)))

    def _planned(self, order_id: str) -> Misbehaviour:
        for scope in (order_id, ANY_ORDER):
            planned = self._store.take_planned(scope) if scope else None
            if planned:
                return planned
        return Misbehaviour()

    def _document(self, session: Session) -> dict[str, Any]:
        return session_document(session, f"{self._base_url}/pay/{session.session_id}")


def _void(session: Session, fault: Fault | None, now: datetime) -> tuple[Session, Answer]:
    changed, result = voided(session, fault.fault if fault else None, now)
    return changed, Answer(200, void_document(changed, result))


def _payment_answer(session: Session, payment_id: str) -> Answer:
    payment = session.payment
    if payment is None or payment.payment_id != payment_id:
        return _unknown_payment(payment_id)
    names = {"attempt_id": session.terms.attempt_id, "stack": session.terms.stack}
    return Answer(200, {**names, "payment": payment_document(session, payment)})


def _unknown_payment(payment_id: str) -> Answer:
    return problem(404, "payment-not-found", f"There is no payment {payment_id}.")


def _refund_answer(session: Session, refund_id: str) -> Answer:
    refund = refund_of(session, refund_id)
    return Answer(200, refund_document(refund)) if refund else _unknown_refund(refund_id)


def _unknown_refund(refund_id: str) -> Answer:
    return problem(404, "refund-not-found", f"There is no refund {refund_id}.")
