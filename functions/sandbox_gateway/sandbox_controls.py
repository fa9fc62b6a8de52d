"""What a tester can ask for, beside what a shop and its buyer can."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sandbox_answers import Answer, callbacks_document, problem
from sandbox_disputes import DisputeImpossible, disputed
from sandbox_keeper import SessionKeeper
from sandbox_misbehaviour import Misbehaviour
from sandbox_outbox import hastened
from sandbox_ports import SessionStore
from sandbox_provider import session_id_of
from sandbox_refunds import RefundImpossible, books, refunded_by_hand
from sandbox_requests import DisputeChange, HandRefund, Plan, Redelivery
from sandbox_sessions import Session


class Controls:
    """Misbehaviour, callbacks on demand, refunds by hand, disputes, and the books."""

    def __init__(self, keeper: SessionKeeper, store: SessionStore) -> None:
        self._keeper = keeper
        self._store = store

    def misbehave(self, reference: str, misbehaviour: Misbehaviour) -> Answer:
        """From now on the session misbehaves like this, and no longer as it was told before."""
        if misbehaviour.open:
            return problem(422, "invalid-request", "The session is open.", fields={"open": "is for sessions to come"})
        self._keeper.change(
            session_id_of(reference), lambda session, _: (replace(session, misbehaviour=misbehaviour), None)
        )
        return Answer(200, {"attempt_id": reference})

    def plan(self, scope: str, plan: Plan) -> Answer:
        """So many sessions to come misbehave like this."""
        self._store.plan(scope, plan.misbehave, plan.sessions)
        return Answer(200, {"sessions": plan.sessions})

    def redeliver(self, reference: str, redelivery: Redelivery) -> Answer:
        """The callbacks that wait are sent now."""
        session, _ = self._keeper.change_and_tell(
            session_id_of(reference),
            lambda session, now: (
                replace(session, outbox=hastened(session.outbox, now, again=redelivery.again)),
                None,
            ),
        )
        return Answer(200, {"callbacks": callbacks_document(session)})

    def refund_by_hand(self, reference: str, wanted: HandRefund) -> Answer:
        """Money goes back without the shop having asked for it; the shop is told."""
        try:
            return self._ledger_after(reference, lambda session, now: refunded_by_hand(session, wanted.amount, now))
        except RefundImpossible as error:
            return problem(409, error.code, str(error))

    def dispute(self, reference: str, wanted: DisputeChange) -> Answer:
        """The payer disputes the payment, or the bank decides the dispute; the shop is told."""
        try:
            return self._ledger_after(
                reference, lambda session, now: disputed(session, wanted.status, wanted.amount, now)
            )
        except DisputeImpossible as error:
            return problem(409, "dispute-impossible", str(error))

    def books(self, reference: str) -> Answer:
        """The money of one attempt, in and out."""
        return Answer(200, books(self._keeper.look(session_id_of(reference))))

    def _ledger_after(self, reference: str, act: Callable[[Session, datetime], Session]) -> Answer:
        session, _ = self._keeper.change_and_tell(
            session_id_of(reference), lambda session, now: (act(session, now), None)
        )
        return Answer(200, books(session))
