"""Checkout Sessions at Stripe: made, found, read and expired."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from paylatch.domain.errors import Misconfigured, OutcomeUnknown, Refused
from paylatch.domain.limits import GRACE
from paylatch.domain.payment import Attempt, PastAttempt
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.order_title import order_title
from paylatch.gateways.stack_reference import NotOurs, merchant_reference
from paylatch.gateways.stripe.calls import NAME, StripeCalls
from paylatch.gateways.stripe.money import to_stripe
from paylatch.gateways.stripe.payments import StripePayments
from paylatch.gateways.stripe.sessions import attempt_of, intent_of, report_of
from paylatch.ports import Clock, SessionReport, SessionState

# Stripe wants an expiry 30 minutes to 24 hours ahead. Counted from the deadline, not from now, so that the same
# attempt always asks for the same session, and an opening repeated as late as its deadline is still allowed.
BACKSTOP = timedelta(minutes=31)

_EXPAND = ["payment_intent.latest_charge"]
_PAGES = 10


class TooManySessions(OutcomeUnknown):
    """The session is not among those that were looked through; there are more."""


class StripeCheckout:
    """The session of an attempt. Everything it is made from is kept with the attempt, so it can be claimed again."""

    def __init__(self, call: StripeCalls, payments: StripePayments, clock: Clock, stack: str) -> None:
        self._call = call
        self._payments = payments
        self._clock = clock
        self._stack = stack

    def create(
        self, attempt_id: str, reference: str, amount: int, currency: str, deadline: datetime, return_url: str
    ) -> Document:
        """The attempt's session; the same one however often it is asked for, within Stripe's memory of 24 hours."""
        names = {"attempt_id": attempt_id, "stack": self._stack}
        params = _parameters(names, reference, to_stripe(amount, currency), currency, deadline, return_url)
        # Two stacks may have one attempt id; a key is the account's.
        options: Any = {"idempotency_key": merchant_reference(attempt_id, self._stack)}
        return self._call(lambda stripe: stripe.v1.checkout.sessions.create(params, options))

    def claim(self, attempt: Attempt | PastAttempt) -> str | None:
        """The id of a session whose opening was never answered, None where none is open and none can be.

        Asking for it again also answers a request that is still under way: its key is taken then.
        """
        if isinstance(attempt, PastAttempt):
            return self._find_unless_dead(attempt)
        try:
            session = self.create(
                attempt.attempt_id,
                attempt.reference,
                attempt.amount,
                attempt.currency,
                attempt.deadline,
                attempt.return_address,
            )
        except Refused:
            # Too late to open it, so none is open; one that was paid long ago can still be found.
            return self._find_unless_dead(attempt)
        with fields.read_as_answer(NAME):
            return fields.word(session, "id")

    def find(self, attempt: Attempt | PastAttempt) -> str | None:
        """The id of the attempt's session, among those made while it could be opened.

        Raises `TooManySessions` when it is not among the newest of them.
        """
        since, until = attempt.since - timedelta(minutes=1), attempt.deadline + BACKSTOP
        window = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
        after: dict[str, str] = {}
        for _ in range(_PAGES):
            page = self._page({"limit": 100, "created": window, **after})
            for session in page:
                if self._is_of(attempt.attempt_id, session):
                    return fields.word(session, "id")
            if len(page) < 100:
                return None
            after = {"starting_after": fields.word(page[-1], "id")}
        raise TooManySessions(NAME, f"{attempt.attempt_id} is not among the {_PAGES * 100} newest sessions of its time")

    def read(self, session_id: str) -> SessionReport:
        """What became of a session, and what is left of its money."""
        params: Any = {"expand": _EXPAND}
        try:
            session = self._call(lambda stripe: stripe.v1.checkout.sessions.retrieve(session_id, params))
        except Refused as refusal:
            # Stripe forgets no session: one that it does not know was made with the key of another account.
            raise Misconfigured(NAME, refusal.cause) from refusal
        with fields.read_as_answer(NAME):
            report = report_of(session)
        if report.capture is None:
            return report
        returned = report.capture.returned + self._payments.lost(intent_of(session))
        return replace(report, capture=replace(report.capture, returned=returned))

    def expire(self, session_id: str) -> None:
        """End an open session. Raises `Refused` where it was not open, `OutcomeUnknown` where it did not end."""
        session = self._call(lambda stripe: stripe.v1.checkout.sessions.expire(session_id))
        with fields.read_as_answer(NAME):
            if report_of(session).state is not SessionState.CLOSED:
                raise fields.UnknownStatus("an expired session is still open")

    def _find_unless_dead(self, attempt: Attempt | PastAttempt) -> str | None:
        try:
            return self.find(attempt)
        except TooManySessions:
            if self._clock.now() <= attempt.deadline + BACKSTOP + GRACE:
                raise
            # Expired by itself. Its link was given to nobody, so nobody has paid it either.
            return None

    def _is_of(self, attempt_id: str, session: Document) -> bool:
        try:
            return attempt_of(session, self._stack).attempt_id == attempt_id
        except NotOurs:
            return False

    def _page(self, params: Any) -> tuple[Document, ...]:
        answer = self._call(lambda stripe: stripe.v1.checkout.sessions.list(params))
        with fields.read_as_answer(NAME):
            return fields.parts(answer, "data")


def _parameters(
    names: dict[str, str], reference: str, amount: int, currency: str, deadline: datetime, return_url: str
) -> Any:
    title = order_title(reference)
    price = {"currency": currency.lower(), "unit_amount": amount, "product_data": {"name": title}}
    return {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": return_url,
        "cancel_url": return_url,
        # Converted prices would let another sum and currency be captured than was agreed.
        "adaptive_pricing": {"enabled": False},
        "expires_at": int((deadline + BACKSTOP).timestamp()),
        "client_reference_id": names["attempt_id"],
        "metadata": names,
        # Charges, and so their refunds, have the metadata of their intent, not that of the session.
        # The description is what the account's lists of payments show.
        "payment_intent_data": {"description": title, "metadata": names},
    }
